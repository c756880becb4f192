"""Converts the body of a predict request to input tensors.

Row format: "instances", one item per row. Column format: "inputs", one item per tensor. Checks are made in the order of
TensorFlow Serving: the document and its signature name, then (in `app`) model and signature, then the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from serving.local_server.errors import Quoted, ServingError, invalid_argument
from serving.local_server.json_document import parse_json
from serving.local_server.json_tensors import is_base64_object, tensor_from_json


class PredictRequest(NamedTuple):
    """A parsed request.

    Attributes:
      signature: "" stands for the default one.
      body: the JSON object.
    """

    signature: str
    body: dict[str, Any]

    @property
    def row_format(self) -> bool:
        """Whether it has rows ("instances"), else columns ("inputs")."""
        return "instances" in self.body


def read_body(body: bytes) -> PredictRequest:
    """Parses a predict request as far as the model is chosen.

    Raises:
      ServingError: INVALID_ARGUMENT if the body is not a JSON object, or its signature name is not a string.
    """
    document = parse_json(body)
    return PredictRequest(read_signature_name(document), document)


def read_signature_name(document: Mapping[str, Any]) -> str:
    """Returns the signature that a request names; "" stands for the default one.

    Raises:
      ServingError: INVALID_ARGUMENT if it is not a string.
    """
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid_argument(
            "JSON Value: ", Quoted(document), " not formatted correctly. 'signature_name' key must be a string value."
        )
    return signature


def tensors_from_request(request: PredictRequest, dtypes: Mapping[str, np.dtype]) -> dict[str, np.ndarray]:
    """Converts the values of a request to arrays.

    Args:
      request: the parsed request.
      dtypes: maps the input names of the signature to their types.

    Returns:
      Maps input names to arrays.

    Raises:
      ServingError: INVALID_ARGUMENT if names, lists or types do not match the signature, UNIMPLEMENTED for types that
        TensorFlow Serving does not read from JSON.
    """
    if not dtypes:
        raise invalid_argument(f"Failed to get input map for signature: {request.signature or 'DEFAULT'}")
    document = request.body
    if not request.row_format:
        if "inputs" not in document:
            raise invalid_argument("Missing 'inputs' or 'instances' key")
        return _tensors_from_columns(document["inputs"], dtypes)
    if "inputs" in document:
        raise body_error(
            document, "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist "
        )
    rows = document["instances"]
    if not isinstance(rows, list):
        raise body_error(document, "Excepting 'instances' to be an list/array")
    if not rows:
        raise body_error(document, "No values in 'instances' array")
    return _tensors_from_rows(rows, dtypes)


def body_error(document: Mapping[str, Any], message: str) -> ServingError:
    """Returns an error about a whole body: the body as JSON, then the message."""
    return invalid_argument("JSON Value: ", Quoted(document), f" {message}")


def _tensors_from_columns(inputs, dtypes):
    if not isinstance(inputs, dict) or is_base64_object(inputs):
        if len(dtypes) > 1:
            raise invalid_argument(
                "inputs is a plain value/list, but expecting an object as multiple input tensors required as per "
                "tensorinfo_map"
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
                "tensorinfo_map"
            )
        for index, row in enumerate(rows):
            if _has_names(row):
                raise invalid_argument(f"Expecting value/list but got object at item {index} of input list")
        ((name, dtype),) = dtypes.items()
        return {name: _column(rows, dtype, "")}
    for index, row in enumerate(rows):
        _check_names(row, index, dtypes)
    return {name: _column([row[name] for row in rows], dtype, f" key: {name}") for name, dtype in dtypes.items()}


def _check_names(row, index, dtypes):
    if not _has_names(row):
        raise invalid_argument(f"Expecting object but got list at item {index} of input list")
    for name in row:
        if name not in dtypes:
            raise invalid_argument(
                _row_prefix(index, f" key: {name}"), f"INVALID_ARGUMENT: JSON object: does not have named input: {name}"
            )
    if row.keys() != dtypes.keys():
        names = ",".join(sorted(dtypes))
        raise invalid_argument(
            f"Failed to process element: {index} of 'instances' list. JSON object: ",
            Quoted(row),
            f" keys must be equal to: {names}",
        )


def _row_prefix(index, key):
    return f"Failed to process element: {index}{key} of 'instances' list. Error: "


def _has_names(row):
    return isinstance(row, dict) and not is_base64_object(row)


def _column(values, dtype, key):
    try:
        return tensor_from_json(values, dtype)
    except ServingError:
        shape = None
        for index, value in enumerate(values):  # repeat row by row to find the invalid one
            prefix = _row_prefix(index, key)
            try:
                row_shape = tensor_from_json(value, dtype).shape
            except ServingError as error:
                raise invalid_argument(prefix, f"{error.code}: ", *error.parts) from error
            if shape not in (None, row_shape):
                raise invalid_argument(f"{prefix}INVALID_ARGUMENT: {_shape_difference(shape, row_shape)}") from None
            shape = row_shape
        raise


def _shape_difference(shape, row_shape):
    sizes = [int(np.prod(each)) for each in (shape, row_shape)]
    if sizes[0] != sizes[1]:
        return f"Expecting tensor size: {sizes[0]} but got: {sizes[1]}"
    texts = ["[" + ",".join(map(str, each)) + "]" for each in (shape, row_shape)]
    return f"Expecting shape {texts[0]} but got: {texts[1]}"
