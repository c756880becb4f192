"""JSON with RapidJSON's rules: the same values as the standard library, RapidJSON's messages, any depth."""

import json
import math
import random

import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_reader import LARGEST_DEPTH, read_document


def test_documents_have_the_values_of_the_standard_library():
    chooser = random.Random(0)

    def draw(depth):
        kind = chooser.randrange(9 if depth else 7)
        if kind == 7:
            return [draw(depth - 1) for _ in range(chooser.randrange(4))]
        if kind == 8:
            return {chooser.choice("abc\n\u20ac"): draw(depth - 1) for _ in range(chooser.randrange(4))}
        return chooser.choice(
            (None, True, False, 0, -17, 2**64, 1.5, -2.5e-7, 1e300, "", 'é"\\/\x01\U0001f600', "x" * 700, "\n" * 700)
        )

    for _ in range(300):
        value = draw(5)
        for options in ({}, {"indent": 1, "ensure_ascii": False}):
            assert read_document(json.dumps(value, **options).encode()) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"[Inf, -Inf, Infinity, -Infinity]", [math.inf, -math.inf, math.inf, -math.inf]),
        (b'{"a": 1, "a": 2}', {"a": 1}),
        (b'["a\xff\xc3\xa9"]', ["a\udcff\xe9"]),
        (b"\xef\xbb\xbf [1] ", [1]),
        (b"[1]\0 anything", [1]),
        (b"[-0, 0.5e1, 1E+2]", [0, 5.0, 100.0]),
        (b'"\\ud83d\\ude00\\u20ac\\\\ud800"', "\U0001f600\u20ac\\ud800"),
    ],
)
def test_what_json_does_not_have_is_read_as_rapidjson_reads_it(text, value):
    assert read_document(text) == value


def test_nan_may_have_a_sign():
    assert all(map(math.isnan, read_document(b"[NaN, -NaN]")))


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        (b" ", "The document is empty.", 1),
        (b"{", "Missing a name for object member.", 1),
        (b"{1", "Missing a name for object member.", 1),
        (b'{"a"', "Missing a colon after a name of object member.", 4),
        (b'{"a":', "Invalid value.", 5),
        (b'{"a":1', "Missing a comma or '}' after an object member.", 6),
        (b'{"a":1,}', "Missing a name for object member.", 7),
        (b"[1 2]", "Missing a comma or ']' after an array element.", 3),
        (b"[1,]", "Invalid value.", 3),
        (b"[01]", "Missing a comma or ']' after an array element.", 2),
        (b"[1.]", "Miss fraction part in number.", 3),
        (b"[1e]", "Miss exponent in number.", 3),
        (b"[-]", "Invalid value.", 2),
        (b"[tru]", "Invalid value.", 2),
        (b"[Infi]", "Invalid value.", 1),
        (b'{"instances":[1e400]}', "Number too big to be stored in double.", 14),
        (b"[" + b"9" * 5000 + b"]", "Number too big to be stored in double.", 1),
        (b'["a', "Missing a closing quotation mark in string.", 3),
        (b'["\\x"]', "Invalid escape character in string.", 2),
        (b'["\n"]', "Invalid encoding in string.", 2),
        (b'["\\ud800"]', "The surrogate pair in string is invalid.", 1),
        (b'["\\ud800\\u0041"]', "The surrogate pair in string is invalid.", 1),
        (b"{} more", "The document root must not be followed by other values.", 3),
        (b"[" * (LARGEST_DEPTH + 1), f"nested deeper than {LARGEST_DEPTH} levels", LARGEST_DEPTH + 1),
    ],
)
def test_the_message_of_an_invalid_document_is_that_of_rapidjson(text, message, offset):
    with pytest.raises(ServingError) as caught:
        read_document(text)
    assert caught.value.message == f"JSON Parse error: {message} at offset: {offset}"


def test_nesting_costs_no_stack():
    depth = LARGEST_DEPTH - 1
    value = read_document(b'{"a":' + b"[" * depth + b"]" * depth + b"}")["a"]
    for _ in range(depth - 1):
        (value,) = value
    assert value == []
