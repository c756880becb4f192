"""Converts the body of a predict request to input tensors.

Row format: "instances", one item per row. Column format: "inputs", one item per tensor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from serving.local_server.errors import ServingError, invalid_argument
from serving.local_server.json_tensors import NUMBER_TOKENS, format_json, is_base64_object, tensor_from_json


class PredictRequest(NamedTuple):
    """A parsed request.

    Attributes:
      signature: "" stands for the default one.
      body: the JSON object.
      row_format: whether it has rows ("instances"), else columns ("inputs").
    """

    signature: str
    body: dict[str, Any]
    row_format: bool


def read_body(body: bytes) -> PredictRequest:
    """Parses a predict request as far as possible without the model.

    Raises:
      ServingError: INVALID_ARGUMENT if the body is not a JSON object with the keys of a predict request.
    """
    document = parse_json(body)
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid_argument(
            f"JSON Value: {format_json(document)} not formatted correctly. 'signature_name' key must be a string value."
        )
    if "instances" not in document:
        if "inputs" not in document:
            raise invalid_argument("Missing 'inputs' or 'instances' key")
        return PredictRequest(signature, document, False)
    if "inputs" in document:
        raise invalid_argument(
            f"JSON Value: {format_json(document)} Not formatted correctly expecting only one of 'inputs' or "
            "'instances' keys to exist"
        )
    instances = document["instances"]
    if not isinstance(instances, list):
        raise invalid_argument(f"JSON Value: {format_json(document)} Expecting 'instances' to be a list/array")
    if not instances:
        raise invalid_argument(f"JSON Value: {format_json(document)} No values in 'instances' array")
    return PredictRequest(signature, document, True)


def parse_json(body: bytes) -> dict[str, Any]:
    """Parses a JSON object. NaN, Infinity and -Infinity are accepted as numbers, as in TensorFlow Serving.

    Raises:
      ServingError: INVALID_ARGUMENT for anything else, including a key that occurs twice in one object, numbers outside
        the range of a double, and hundreds of nested levels.
    """
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object_with_unique_keys,
            parse_constant=NUMBER_TOKENS.__getitem__,
        )
    except UnicodeDecodeError as error:
        raise invalid_argument(f"JSON Parse error: byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise invalid_argument(f"JSON Parse error: {error.msg} at offset: {error.pos}") from error
    except RecursionError as error:
        raise invalid_argument("JSON Parse error: nested too deeply") from error
    except ValueError as error:  # an integer with thousands of digits
        raise invalid_argument(f"JSON Parse error: {error}") from error
    if not isinstance(document, dict):
        raise invalid_argument(f"JSON Value: {format_json(document)} Is not object")
    return document


def _object_with_unique_keys(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise invalid_argument(f"JSON Parse error: the key {format_json(repeated)} occurs twice in one object")
    return result


def tensors_from_request(request: PredictRequest, dtypes: Mapping[str, np.dtype]) -> dict[str, np.ndarray]:
    """Converts the values of a request to arrays.

    Args:
      request: the parsed request.
      dtypes: maps the input names of the signature to their types.

    Returns:
      Maps input names to arrays.

    Raises:
      ServingError: INVALID_ARGUMENT if names, shapes or types do not match the signature.
    """
    if request.row_format:
        return _tensors_from_rows(request.body["instances"], dtypes)
    return _tensors_from_columns(request.body["inputs"], dtypes)


def _tensors_from_columns(inputs, dtypes):
    if not isinstance(inputs, dict) or is_base64_object(inputs):
        if len(dtypes) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
                f"tensorinfo_map: {','.join(sorted(dtypes))}"
            )
        return {name: tensor_from_json(inputs, dtype) for name, dtype in dtypes.items()}
    for name in dtypes:
        if name not in inputs:
            raise invalid_argument(f"Missing named input: {name} in 'inputs' object.")
    return {name: tensor_from_json(inputs[name], dtype) for name, dtype in dtypes.items()}


def _tensors_from_rows(rows, dtypes):
    if not _has_names(rows[0]):
        if len(dtypes) > 1:
            raise invalid_argument(
                "instances is a plain list, but expecting list of objects as multiple input tensors required as per "
                f"tensorinfo_map: {','.join(sorted(dtypes))}"
            )
        for index, row in enumerate(rows):
            if _has_names(row):
                raise invalid_argument(f"Expecting value/list but got object at item {index} of input list")
        ((name, dtype),) = dtypes.items()
        return {name: _column(rows, dtype, "")}
    for index, row in enumerate(rows):
        if not _has_names(row):
            raise invalid_argument(f"Expecting object but got list at item {index} of input list")
        if row.keys() != dtypes.keys():
            raise invalid_argument(
                f"Failed to process element: {index} of 'instances' list. JSON object: {format_json(row)} keys must be "
                f"equal to: {','.join(sorted(dtypes))}"
            )
    return {name: _column([row[name] for row in rows], dtype, f" key: {name}") for name, dtype in dtypes.items()}


def _has_names(row):
    return isinstance(row, dict) and not is_base64_object(row)


def _column(values, dtype, key):
    try:
        return tensor_from_json(values, dtype)
    except ServingError:
        shape = None
        for index, value in enumerate(values):  # repeat row by row to find the invalid one
            prefix = f"Failed to process element: {index}{key} of 'instances' list. Error: INVALID_ARGUMENT: "
            try:
                row_shape = tensor_from_json(value, dtype).shape
            except ServingError as error:
                raise ServingError(error.code, prefix + error.message) from error
            if shape not in (None, row_shape):
                raise invalid_argument(
                    f"{prefix}Expecting shape {_shape_text(shape)} but got: {_shape_text(row_shape)}"
                ) from None
            shape = row_shape
        raise


def _shape_text(shape):
    return "[" + ",".join(map(str, shape)) + "]"
