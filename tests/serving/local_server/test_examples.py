"""Refusals of classify and regress."""

import json
import types

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.examples import read_examples, refuse


def test_examples_are_read_up_to_the_signature():
    body = {"signature_name": "s", "context": {"c": "x"}, "examples": [{"a": [1, True], "b": [1.5], "d": {"b64": ""}}]}
    assert read_examples(json.dumps(body).encode()) == "s"


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({}, "When method is classify, key 'examples' is expected and was not found"),
        ({"signature_name": 1}, "'signature_name' key must be a string"),
        ({"examples": 1}, "Expecting 'examples' value to be an list/array"),
        ({"examples": []}, "'examples' value is an empty array"),
        ({"examples": [1]}, "Example must be JSON object but got JSON Number"),
        ({"examples": [{}], "context": True}, "Example must be JSON object but got JSON True"),
        ({"examples": [{"a": None}]}, "Feature: a has element with unexpected JSON type: Null"),
        ({"examples": [{"a": [1, [2]]}]}, "Feature: a has element with unexpected JSON type: Array"),
        ({"examples": [{"a": [1, "x"]}]}, "Unexpected element type in feature: a expecting type: int64"),
    ],
)
def test_the_body_is_checked_first(body, part):
    with pytest.raises(ServingError) as caught:
        read_examples(json.dumps(body).encode())
    assert caught.value.http_status == 400
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("verb", "inputs", "outputs", "part"),
    [
        ("classify", ["a", "b"], ["c"], "Expected one input Tensor."),
        ("classify", ["a"], ["c", "d", "e"], "Expected one or two output Tensors, found 3"),
        ("classify", ["a"], ["c"], "No classification inputs found in SignatureDef"),
        ("regress", ["a"], ["c", "d"], "Expected one output Tensor."),
        ("regress", ["a"], ["c"], "No regression inputs found in SignatureDef"),
        ("classify", ["inputs"], ["scores"], "does not run classification signatures"),
    ],
)
def test_signatures_are_refused(verb, inputs, outputs, part):
    assert part in refuse(verb, types.SimpleNamespace(inputs=inputs, outputs=outputs)).message
