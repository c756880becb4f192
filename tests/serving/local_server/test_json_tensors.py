"""JSON values become tensors, as in TensorFlow Serving."""

import numpy as np
import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_tensors import (
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


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ([300, -1, 256], "uint8", [44, 255, 0]),
        ([200, 70_000], "int16", [200, 4464]),
        ([16777217, 2**64, -(10**300)], "float32", [16777216, 2**64, -np.inf]),
        ([1e39, float("nan")], "float32", [np.inf, np.nan]),
        ([2**63, 0.1], "float64", [2**63, 0.1]),
    ],
)
def test_integers_wrap_around_and_floats_are_rounded(value, dtype, expected):
    np.testing.assert_array_equal(tensor_from_json(value, dtype), np.array(expected, dtype), strict=True)


@pytest.mark.parametrize("dtype", ["float16", "uint16", "complex64"])
def test_types_without_a_json_form_have_no_values(dtype):
    with pytest.raises(ServingError, match=f"Conversion of JSON Value: 1 to type: {type_name(dtype)}") as caught:
        tensor_from_json([1], dtype)
    assert caught.value.code == "UNIMPLEMENTED"
    assert tensor_from_json([[]], dtype).shape == (1, 0)
    assert "Type: Object" in message_of(tensor_from_json, [{"b64": ""}], dtype)


@pytest.mark.parametrize(
    ("value", "dtype", "part"),
    [
        ([1, True], "float32", "Type: True is not of expected type: float"),
        ([1, "a"], "int32", "Type: String is not of expected type: int32"),
        ([1.0], "uint8", "Type: Number is not of expected type: uint8"),
        ([2**31], "uint8", "JSON Value: 2147483648"),
        ([-1], "uint32", "JSON Value: -1"),
        ([2**63], "int64", "JSON Value: 9223372036854775808"),
        ([10**400], "float32", "too big"),
        ([None], "float32", "Type: Null"),
        ([5], STRING, "Type: Number is not of expected type: string"),
        ([[1, 2], [3]], "int32", "unexpected size: 1 at level: 1 expected size: 2"),
        ([[1], 2], "int32", "incorrect level: 2 in the JSON DOM. Expected at level: 2"),
        ([[], 2], "int32", "incorrect level: 2 in the JSON DOM. Expected at level: 2"),
        ([1, [2]], "int32", "unexpected level"),
        ([{"b65": "a"}], STRING, "not formatted correctly for base64 data"),
        ([{"b64": "a?"}], STRING, "Unable to base64 decode"),
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
    assert string_from_json("é\udcff") == b"\xc3\xa9\xff"
    assert string_from_json({"b64": "AP8="}) == b"\x00\xff"
    assert is_base64_object({"b64": ""})
    for other in ({"b64": 1}, {"b64": "", "more": 1}, {}, "b64"):
        assert not is_base64_object(other)


def test_types_have_the_names_of_tensorflow():
    assert [type_name(t) for t in ("float32", "float64", "float16", "uint8", object)] == [
        "float", "double", "half", "uint8", "string",
    ]  # fmt: skip
