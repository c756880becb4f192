"""The body of a request as a JSON object."""

import json
import math

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_document import parse_json


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": Infinity}', {"a": math.inf}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": {"b": 2, "b": 3}}', {"a": 1}),
        (b'{"a": {"b": 2, "b": 3}}', {"a": {"b": 2}}),
        (b'{"a": "\xff"}', {"a": "\udcff"}),
        (b'{"a": -Inf}', {"a": -math.inf}),
        (b'{"a": 1}\0', {"a": 1}),
        (b'{"a": "E123 \\ud83d\\ude00"}', {"a": "E123 \U0001f600"}),
    ],
)
def test_objects_are_read(body, value):
    assert parse_json(body) == value


def test_nan_is_a_number():
    assert math.isnan(parse_json(b'{"a": NaN}')["a"])


@pytest.mark.parametrize("depth", [1_000, 20_000])
def test_nesting_in_a_key_that_nobody_reads_is_harmless(depth):
    assert parse_json(b'{"a": 1, "other":' + b"[" * depth + b"]" * depth + b"}")["a"] == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"[1]", "JSON Value: [1] Is not object"),
        (b'{"other": 1e400}', "JSON Parse error: Number too big to be stored in double. at offset: 10"),
        (b'{"other": "\\ud800"}', "JSON Parse error: The surrogate pair in string is invalid. at offset: 10"),
        (b'{"a": 1} more', "JSON Parse error: The document root must not be followed by other values. at offset: 9"),
        (b"[" * 200_000, "JSON Parse error: nested deeper than 100000 levels at offset: 100001"),
    ],
)
def test_other_bodies_are_errors(body, message):
    with pytest.raises(ServingError) as caught:
        parse_json(body)
    assert caught.value.message == message


def test_suspicious_texts_are_read_as_they_are():
    value = {"b64": "AAAE123456/+" * 1000, "numbers": [1e299, 123]}
    assert parse_json(json.dumps(value).encode()) == value
