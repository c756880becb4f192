"""Answers of predict requests as JSON."""

import json

import numpy as np
import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_answers import json_from_tensor, write_answer
from serving.local_server.json_document import parse_json


def message_of(function, *args, **keywords):
    with pytest.raises(ServingError) as caught:
        function(*args, **keywords)
    assert caught.value.http_status == 400
    return caught.value.message


def test_floats_are_written_shortest():
    assert json.dumps(json_from_tensor(np.array([0.1, np.nan, -np.inf, 2], np.float32))) == "[0.1, NaN, -Infinity, 2.0]"


def test_answers_have_the_format_of_the_request():
    outputs = {"a": np.array([1, 2], np.int64), "b": np.array([[True], [False]])}
    assert parse_json(write_answer(outputs, True)) == {"predictions": [{"a": 1, "b": [True]}, {"a": 2, "b": [False]}]}
    assert parse_json(write_answer(outputs, False)) == {"outputs": {"a": [1, 2], "b": [[True], [False]]}}
    assert parse_json(write_answer({"a": outputs["a"]}, True)) == {"predictions": [1, 2]}


def test_strings_are_base64_if_the_name_ends_in_bytes():
    outputs = {"x_bytes": np.array([b"\xff"], object), "text": np.array(["é".encode()], object)}
    assert parse_json(write_answer(outputs, True)) == {"predictions": [{"text": "é", "x_bytes": {"b64": "/w=="}}]}


def test_outputs_that_differ_in_rows_cannot_be_written_as_rows():
    assert "inconsistent batch size" in message_of(write_answer, {"a": np.zeros(2), "b": np.zeros(3)}, True)
    assert "no shape information" in message_of(write_answer, {"a": np.array(1.0)}, True)
    assert "invalid batch size: 0" in message_of(write_answer, {"a": np.zeros(0)}, True)


@pytest.mark.parametrize(("dtype", "name"), [("complex64", "complex64"), ("float16", "half"), ("uint16", "uint16")])
def test_types_without_a_json_form_are_refused(dtype, name):
    assert f"Failed to write JSON value for tensor type: {name}" in message_of(json_from_tensor, np.zeros(2, dtype))


def test_a_scalar_is_a_value():
    assert parse_json(write_answer({"text": np.array(b"ab", object)}, False)) == {"outputs": "ab"}


@pytest.mark.parametrize(
    ("outputs", "row_format", "expected"),
    [
        ({"y": np.array([2, 4], np.float32)}, True, '{\n    "predictions": [2.0, 4.0\n    ]\n}'),
        (
            {"y": np.array([[36.1391602, 1e-9]], np.float32)},
            True,
            '{\n    "predictions": [[36.1391602, 1e-09]\n    ]\n}',
        ),
        (
            {"a": np.array([1, 2]), "b": np.array([[True], [False]])},
            True,
            '{\n    "predictions": [\n        {\n            "a": 1,\n            "b": [true]\n        },\n'
            '        {\n            "a": 2,\n            "b": [false]\n        }\n    ]\n}',
        ),
        (
            {"a": np.array([1, 2]), "b": np.array([], np.float32)},
            False,
            '{\n    "outputs": {\n        "a": [\n            1,\n            2\n        ],\n        "b": []\n    }\n}',
        ),
    ],
)
def test_strict_answers_have_the_layout_of_tensorflow_serving(outputs, row_format, expected):
    assert write_answer(outputs, row_format, strict=True).decode() == expected


def test_bytes_that_are_not_utf8_are_replaced_or_strictly_kept():
    outputs = {"text": np.array([b"a\xff"], object)}
    assert parse_json(write_answer(outputs, True)) == {"predictions": ["a\ufffd"]}
    assert b'"a\xff"' in write_answer(outputs, True, strict=True)
