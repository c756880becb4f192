import json

import numpy as np
import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_answers import json_from_tensor, shortest_doubles, write_answer
from serving.local_server.json_requests import parse_json, read_body, tensors_from_request
from serving.local_server.json_tensors import tensor_from_json

STRING = np.dtype(object)


def read(document, **dtypes):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return tensors_from_request(read_body(body), {name: np.dtype(dtype) for name, dtype in dtypes.items()})


def message_of(function, *args, **keywords):
    with pytest.raises(ServingError) as caught:
        function(*args, **keywords)
    assert caught.value.http_status == 400
    return caught.value.message


def test_rows_of_one_input_become_one_tensor():
    tensors = read({"instances": [[1, 2.5], [3, 4]]}, x="float32")
    np.testing.assert_array_equal(tensors["x"], np.array([[1, 2.5], [3, 4]], np.float32), strict=True)


def test_rows_of_named_inputs_become_one_tensor_each():
    tensors = read({"instances": [{"a": 1, "b": "x"}, {"a": 2, "b": {"b64": "AP8="}}]}, a="int32", b=STRING)
    assert tensors["a"].tolist() == [1, 2]
    assert tensors["b"].tolist() == [b"x", b"\x00\xff"]


def test_columns_may_differ_in_length_and_surplus_names_are_ignored():
    tensors = read({"inputs": {"a": [1], "b": [True, False], "c": 0}}, a="uint8", b="bool")
    assert tensors["a"].dtype == np.uint8
    assert tensors["b"].tolist() == [True, False]


def test_a_bare_column_is_the_one_input():
    assert read({"inputs": {"b64": "YQ=="}}, x=STRING)["x"].item() == b"a"
    assert read({"inputs": []}, x="float32")["x"].shape == (0,)


def test_not_a_number_and_infinity_are_numbers():
    values = read(b'{"instances": [NaN, Infinity, -Infinity]}', x="float32")["x"]
    assert np.isnan(values[0])
    assert values[1:].tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize("text", ["YQ==", "YQ", "Y Q\n=="])
def test_base64_is_read_with_white_space_and_without_padding(text):
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


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "The document is empty"),
        (b"{", "at offset: 1"),
        (b"[]", "Is not object"),
        (b"{}", "Missing 'inputs' or 'instances' key"),
        (b'{"instances": 1}', "to be a list/array"),
        (b'{"instances": []}', "No values in 'instances'"),
        (b'{"instances": [1], "inputs": [1]}', "expecting only one of"),
        (b'{"signature_name": 1, "instances": [1]}', "'signature_name' key must be a string"),
        (b'{"instances": [1], "instances": [2]}', "comes twice"),
        (b'{"instances": ["\xff"]}', "not UTF-8"),
        (b'{"instances":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b'{"instances": [' + b"9" * 5000 + b"]}", ""),
        (b'{"instances": [1e999]}', "too big"),
    ],
)
def test_a_wrong_body_is_the_fault_of_the_one_who_sent_it(body, part):
    assert part in message_of(read, body, x="float32")


def test_nesting_beyond_what_an_array_can_have_is_refused():
    assert "nested deeper" in message_of(read, b'{"inputs":' + b"[" * 60 + b"1" + b"]" * 60 + b"}", x="float32")


@pytest.mark.parametrize(
    ("instances", "part"),
    [
        ([1], "expecting list of objects"),
        ([{"a": 1}], "keys must be equal to: a,b"),
        ([{"a": 1, "b": 2}, 3], "got list at item 1"),
        ([{"a": [1], "b": 2}, {"a": [1, 2], "b": 2}], "element: 1 key: a of 'instances' list"),
        ([{"a": 1, "b": 2}, {"a": "x", "b": 2}], "element: 1 key: a of 'instances' list"),
    ],
)
def test_the_row_that_is_wrong_is_named(instances, part):
    assert part in message_of(read, {"instances": instances}, a="float32", b="float32")


def test_a_missing_column_is_named():
    assert "Missing named input: b" in message_of(read, {"inputs": {"a": [1]}}, a="int32", b="int32")


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


def test_answers_have_the_form_of_the_request():
    outputs = {"a": np.array([1, 2], np.int64), "b": np.array([[True], [False]])}
    assert parse_json(write_answer(outputs, True)) == {"predictions": [{"a": 1, "b": [True]}, {"a": 2, "b": [False]}]}
    assert parse_json(write_answer(outputs, False)) == {"outputs": {"a": [1, 2], "b": [[True], [False]]}}
    assert parse_json(write_answer({"a": outputs["a"]}, True)) == {"predictions": [1, 2]}


def test_strings_are_base64_where_the_name_says_bytes():
    outputs = {"x_bytes": np.array([b"\xff"], object), "text": np.array(["é".encode()], object)}
    assert parse_json(write_answer(outputs, True)) == {"predictions": [{"text": "é", "x_bytes": {"b64": "/w=="}}]}


def test_rows_of_different_number_cannot_be_written_as_rows():
    assert "inconsistent batch size" in message_of(write_answer, {"a": np.zeros(2), "b": np.zeros(3)}, True)
    assert "no shape information" in message_of(write_answer, {"a": np.array(1.0)}, True)
