"""Refuses `classify` and `regress` as TensorFlow Serving does: the body is checked first, then the signature.

The exports of this project have signatures for `predict` only, and this server runs no others.
"""

from __future__ import annotations

from typing import Any

from serving.local_server.errors import ServingError, invalid_argument
from serving.local_server.json_document import parse_json
from serving.local_server.json_requests import body_error, read_signature_name
from serving.local_server.json_tensors import is_base64_object
from serving.local_server.json_text import type_of

_KINDS = {bool: "int64", int: "int64", float: "float", str: "bytes"}


def read_examples(body: bytes) -> str:
    """Checks the body of a classify or regress request; returns the name of its signature.

    Raises:
      ServingError: INVALID_ARGUMENT if it has no list of examples.
    """
    document = parse_json(body)
    signature = read_signature_name(document)
    if "context" in document:
        _check_example(document["context"])
    if "examples" not in document:
        raise body_error(document, "When method is classify, key 'examples' is expected and was not found")
    examples = document["examples"]
    if not isinstance(examples, list):
        raise body_error(document, "Expecting 'examples' value to be an list/array")
    if not examples:
        raise body_error(document, "'examples' value is an empty array")
    for example in examples:
        _check_example(example)
    return signature


def _check_example(example):
    if not isinstance(example, dict):
        raise invalid_argument(f"Example must be JSON object but got JSON {type_of(example)}")
    for name, content in example.items():
        kinds = [_feature_kind(name, value) for value in (content if isinstance(content, list) else [content])]
        if len(set(kinds)) > 1:
            raise invalid_argument(f"Unexpected element type in feature: {name} expecting type: {kinds[0]}")


def _feature_kind(name, value):
    kind = "bytes" if is_base64_object(value) else _KINDS.get(type(value))
    if kind is None:
        raise invalid_argument(f"Feature: {name} has element with unexpected JSON type: {type_of(value)}")
    return kind


def refuse(verb: str, definition: Any) -> ServingError:
    """Returns the error for a signature that does not fit a method.

    Args:
      verb: "classify" or "regress".
      definition: the SignatureDef.
    """
    if len(definition.inputs) != 1:
        return invalid_argument("Expected one input Tensor.")
    if verb == "classify" and len(definition.outputs) not in (1, 2):
        return invalid_argument(f"Expected one or two output Tensors, found {len(definition.outputs)}")
    if verb == "regress" and len(definition.outputs) != 1:
        return invalid_argument("Expected one output Tensor.")
    noun = {"classify": "classification", "regress": "regression"}[verb]
    if "inputs" not in definition.inputs:
        return invalid_argument(f"No {noun} inputs found in SignatureDef: {definition}")
    return ServingError("UNIMPLEMENTED", f"This server does not run {noun} signatures")
