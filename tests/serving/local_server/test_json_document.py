"""The body of a request as a JSON object."""

import json
import math

import pytest

from serving.local_server import json_document
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


@pytest.mark.parametrize(
    "number",
    [
        b"1" * 310,
        b"-" + b"9" * 211 + b"e98",  # no digit of this exponent is the third
        b"9" * 211 + b".5E+98",
        b"1E0400",
        b"1.8e+308",
    ],
)
@pytest.mark.parametrize(
    "around", [b'{"n": %b}', b'{"a\\"e": "7E123", "n": [1, %b, 2]}', b'{"b64": "QUJD", "n": [0,%b]}']
)
def test_numbers_beyond_a_double_are_errors(number, around):
    with pytest.raises(ServingError, match="Number too big to be stored in double"):
        parse_json(around % number)


@pytest.mark.parametrize("number", [b"1" * 309, b"9" * 208 + b"e99", b"1.7e308", b"1e-400", b"0." + b"3" * 400])
def test_large_numbers_within_a_double_are_read(number):
    assert float(parse_json(b'{"a": [%b]}' % number)["a"][0]) == float(number)


def test_pictures_are_not_searched_for_numbers(monkeypatch):
    body = json.dumps({"instances": [{"b64": "7E123" + "0" * 400}]}).encode()
    monkeypatch.setattr(json_document, "read_document", lambda body: pytest.fail("read by the slow reader"))
    assert parse_json(body)["instances"][0]["b64"].startswith("7E123")


def test_suspicious_texts_are_read_as_they_are():
    value = {"b64": "AAAE123456/+" * 1000, "numbers": [1e299, 123]}
    assert parse_json(json.dumps(value).encode()) == value
