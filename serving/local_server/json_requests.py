"""The body of a predict request, read into tensors.

Row format: "instances", one item for each row. Column format: "inputs", one item for each tensor.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from serving.local_server.errors import ServingError, invalid
from serving.local_server.json_tensors import NUMBER_TOKENS, is_base64_object, shown, tensor_from_json


class PredictRequest(NamedTuple):
    """A request read: `signature` (str, "" for the default), `body` (dict) and `row_format` (bool)."""

    signature: str
    body: dict
    row_format: bool


def read_body(body):
    """Reads the bytes of a predict request as far as it goes without the model.

    Raises:
      ServingError: INVALID_ARGUMENT where this is no JSON object of a predict request.
    """
    document = parse_json(body)
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid(
            f"JSON Value: {shown(document)} not formatted correctly. 'signature_name' key must be a string value."
        )
    if "instances" not in document:
        if "inputs" not in document:
            raise invalid("Missing 'inputs' or 'instances' key")
        return PredictRequest(signature, document, False)
    if "inputs" in document:
        raise invalid(
            f"JSON Value: {shown(document)} Not formatted correctly expecting only one of 'inputs' or 'instances' "
            "keys to exist"
        )
    instances = document["instances"]
    if not isinstance(instances, list):
        raise invalid(f"JSON Value: {shown(document)} Expecting 'instances' to be a list/array")
    if not instances:
        raise invalid(f"JSON Value: {shown(document)} No values in 'instances' array")
    return PredictRequest(signature, document, True)


def parse_json(body):
    """Parses bytes as a JSON object. NaN, Infinity and -Infinity are numbers here, as they are for TensorFlow Serving.

    Raises:
      ServingError: INVALID_ARGUMENT for anything else, also for a key that comes twice in one object, for numbers out
        of the range of a double and for nesting of hundreds of levels.
    """
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    try:
        document = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object_without_doubles,
            parse_constant=NUMBER_TOKENS.__getitem__,
        )
    except UnicodeDecodeError as error:
        raise invalid(f"JSON Parse error: byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise invalid(f"JSON Parse error: {error.msg} at offset: {error.pos}") from error
    except RecursionError as error:
        raise invalid("JSON Parse error: nested too deeply") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise invalid(f"JSON Parse error: {error}") from error
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {shown(document)} Is not object")
    return document


def _object_without_doubles(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid(f"JSON Parse error: the key {shown(twice)} comes twice in one object")
    return result


def tensors_from_request(request, dtypes):
    """Converts the values of a request to arrays.

    Args:
      request: PredictRequest.
      dtypes: dict of input name to numpy.dtype, the inputs of the signature.

    Returns:
      Dict of input name to numpy array.

    Raises:
      ServingError: INVALID_ARGUMENT where names, shapes or types do not fit.
    """
    if request.row_format:
        return _tensors_from_rows(request.body["instances"], dtypes)
    return _tensors_from_columns(request.body["inputs"], dtypes)


def _tensors_from_columns(inputs, dtypes):
    if not isinstance(inputs, dict) or is_base64_object(inputs):
        if len(dtypes) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
                f"tensorinfo_map: {','.join(sorted(dtypes))}"
            )
        return {name: tensor_from_json(inputs, dtype) for name, dtype in dtypes.items()}
    for name in dtypes:
        if name not in inputs:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return {name: tensor_from_json(inputs[name], dtype) for name, dtype in dtypes.items()}


def _tensors_from_rows(rows, dtypes):
    if not _is_named(rows[0]):
        if len(dtypes) > 1:
            raise invalid(
                "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
                f"tensorinfo_map: {','.join(sorted(dtypes))}"
            )
        for index, row in enumerate(rows):
            if _is_named(row):
                raise invalid(f"Expecting value/list but got object at item {index} of input list")
        ((name, dtype),) = dtypes.items()
        return {name: _column(rows, dtype, "")}
    for index, row in enumerate(rows):
        if not _is_named(row):
            raise invalid(f"Expecting object but got list at item {index} of input list")
        if row.keys() != dtypes.keys():
            raise invalid(
                f"Failed to process element: {index} of 'instances' list. JSON object: {shown(row)} keys must be "
                f"equal to: {','.join(sorted(dtypes))}"
            )
    return {name: _column([row[name] for row in rows], dtype, f" key: {name}") for name, dtype in dtypes.items()}


def _is_named(row):
    return isinstance(row, dict) and not is_base64_object(row)


def _column(values, dtype, key):
    try:
        return tensor_from_json(values, dtype)
    except ServingError:
        shape = None
        for index, value in enumerate(values):  # again row by row, to tell which one it is
            prefix = f"Failed to process element: {index}{key} of 'instances' list. Error: INVALID_ARGUMENT: "
            try:
                row_shape = tensor_from_json(value, dtype).shape
            except ServingError as error:
                raise ServingError(error.code, prefix + error.message) from error
            if shape not in (None, row_shape):
                raise invalid(
                    f"{prefix}Expecting shape {_shape_text(shape)} but got: {_shape_text(row_shape)}"
                ) from None
            shape = row_shape
        raise


def _shape_text(shape):
    return "[" + ",".join(map(str, shape)) + "]"
