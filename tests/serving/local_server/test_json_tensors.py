"""JSON values become tensors, as in TensorFlow Serving."""

import numpy as np
import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_tensors import (
    format_json,
    is_base64_object,
    string_from_json,
    tensor_from_json,
    type_name,
)

STRING = np.dtype(object)


def message_of(function, *args, **keywords):
    with pytest.raises(ServingError) as caught:
        function(*args, **keywords)
    assert caught.value.http_status == 400
    return caught.value.message


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ([[1, 2.5], [3, 4]], "float32", [[1, 2.5], [3, 4]]),
        ([[[255]], [[0]]], "uint8", [[[255]], [[0]]]),
        ([True, False], "bool", [True, False]),
        (7, "int64", 7),
        ([], "float32", []),
    ],
)
def test_nested_lists_become_an_array_of_the_type(value, dtype, expected):
    np.testing.assert_array_equal(tensor_from_json(value, dtype), np.array(expected, dtype), strict=True)


@pytest.mark.parametrize("text", ["YQ==", "YQ", "Y Q\n=="])
def test_base64_may_have_white_space_and_lack_padding(text):
    assert tensor_from_json({"b64": text}, STRING).item() == b"a"


@pytest.mark.parametrize(
    ("value", "dtype", "part"),
    [
        ([1, True], "float32", "Type: Bool is not of expected type: float"),
        ([1, "a"], "int32", "Type: String is not of expected type: int32"),
        ([1.0], "uint8", "Type: Number is not of expected type: uint8"),
        ([256], "uint8", "JSON Value: 256"),
        ([-1], "uint8", "JSON Value: -1"),
        ([10**400], "float32", "without loss of precision"),
        ([2**24 + 1], "float32", "without loss of precision"),
        ([1e39], "float32", "without loss of precision"),
        ([None], "float32", "Type: Null"),
        ([5], STRING, "Type: Number is not of expected type: string"),
        ([[1, 2], [3]], "int32", "unexpected size: 1 at level: 1 expected size: 2"),
        ([[1], 2], "int32", "incorrect level: 2"),
        ([1, [2]], "int32", "unexpected level"),
        ([{"b65": "a"}], STRING, "not formatted correctly for base64 data"),
        ([{"b64": "a?"}], STRING, "Unable to base64 decode"),
        (["\ud800"], STRING, "surrogate"),
    ],
)
def test_a_value_that_does_not_fit_is_named(value, dtype, part):
    assert part in message_of(tensor_from_json, value, dtype)


def test_lists_nested_deeper_than_an_array_can_be_are_refused():
    value = 1
    for _ in range(40):
        value = [value]
    assert "nested deeper than 32 levels" in message_of(tensor_from_json, value, "float32")


def test_strings_become_bytes():
    assert string_from_json("é") == b"\xc3\xa9"
    assert string_from_json({"b64": "AP8="}) == b"\x00\xff"
    assert is_base64_object({"b64": ""})
    for other in ({"b64": 1}, {"b64": "", "more": 1}, {}, "b64"):
        assert not is_base64_object(other)


def test_types_have_the_names_of_tensorflow():
    assert [type_name(t) for t in ("float32", "float64", "float16", "uint8", object)] == [
        "float", "double", "half", "uint8", "string",
    ]  # fmt: skip


def test_long_values_are_shortened_in_messages():
    assert format_json([1, "a", None]) == '[1, "a", null]'
    for value in ("x" * 1000, list(range(1000)), 10**1000, {str(n): n for n in range(1000)}, [[1] * 1000] * 1000):
        assert len(format_json(value)) <= 125
