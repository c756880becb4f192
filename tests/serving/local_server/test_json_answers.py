"""Answers of predict requests as JSON."""

import json

import numpy as np
import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_answers import json_from_tensor, shortest_doubles, write_answer
from serving.local_server.json_requests import parse_json


def message_of(function, *args, **keywords):
    with pytest.raises(ServingError) as caught:
        function(*args, **keywords)
    assert caught.value.http_status == 400
    return caught.value.message


def test_floats_are_written_shortest_and_give_the_same_float32_back():
    random = np.random.default_rng(0)
    values = np.concatenate(
        [
            random.integers(0, 2**32, 3000, dtype=np.uint32).view(np.float32),
            random.random(3000, dtype=np.float32) * 256,
            np.array([0, -0.0, 0.1, 1e-45, 3.4028235e38, 1e16, 123456.7, 16777217], np.float32),
        ]
    )
    values = values[np.isfinite(values)]
    written = shortest_doubles(values)
    np.testing.assert_array_equal(written.astype(np.float32), values)
    for double, single in zip(written.tolist(), values):
        assert len(repr(double)) <= max(len(repr(float(str(single)))), 3)
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


def test_types_without_a_json_form_are_refused():
    assert "Failed to write JSON value for tensor type: complex64" in message_of(
        json_from_tensor, np.zeros(2, np.complex64)
    )
