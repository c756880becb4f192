"""Bodies of predict requests."""

import json

import numpy as np
import pytest

from serving.local_server.errors import ServingError
from serving.local_server.json_requests import read_body, tensors_from_request

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


def test_columns_may_differ_in_length_and_extra_names_are_ignored():
    tensors = read({"inputs": {"a": [1], "b": [True, False], "c": 0}}, a="uint8", b="bool")
    assert tensors["a"].dtype == np.uint8
    assert tensors["b"].tolist() == [True, False]


def test_a_column_without_a_name_is_the_only_input():
    assert read({"inputs": {"b64": "YQ=="}}, x=STRING)["x"].item() == b"a"
    assert read({"inputs": []}, x="float32")["x"].shape == (0,)


def test_nan_and_infinity_are_numbers():
    values = read(b'{"instances": [NaN, Infinity, -Infinity]}', x="float32")["x"]
    assert np.isnan(values[0])
    assert values[1:].tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{", "at offset: 1"),
        (b"{}", "Missing 'inputs' or 'instances' key"),
        (b'{"instances": 1}', "to be an list/array"),
        (b'{"instances": []}', "No values in 'instances'"),
        (b'{"instances": [1], "inputs": [1]}', "expecting only one of"),
        (b'{"signature_name": 1, "instances": [1]}', "'signature_name' key must be a string"),
    ],
)
def test_an_invalid_body_is_a_bad_request(body, part):
    assert part in message_of(read, body, x="float32")


def test_lists_nested_deeper_than_an_array_can_be_are_refused():
    assert "nested deeper" in message_of(read, b'{"inputs":' + b"[" * 60 + b"1" + b"]" * 60 + b"}", x="float32")


@pytest.mark.parametrize(
    ("instances", "part"),
    [
        ([1], "expecting list of objects"),
        ([{"a": 1}], "keys must be equal to: a,b"),
        ([{"a": 1, "b": 2}, 3], "got list at item 1"),
        (
            [{"a": 1, "z": 2}],
            "element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have",
        ),
        ([{"a": [1], "b": 2}, {"a": [1, 2], "b": 2}], "element: 1 key: a of 'instances' list"),
        ([{"a": [1], "b": 2}, {"a": [1, 2], "b": 2}], "Expecting tensor size: 1 but got: 2"),
        ([{"a": [[1, 2]], "b": 2}, {"a": [[1], [2]], "b": 2}], "Expecting shape [1,2] but got: [2,1]"),
        ([{"a": 1, "b": 2}, {"a": "x", "b": 2}], "element: 1 key: a of 'instances' list"),
    ],
)
def test_the_invalid_row_is_named(instances, part):
    assert part in message_of(read, {"instances": instances}, a="float32", b="float32")


def test_a_missing_column_is_named():
    assert "Missing named input: b" in message_of(read, {"inputs": {"a": [1]}}, a="int32", b="int32")


def test_the_model_is_chosen_before_the_values_are_looked_at():
    assert read_body(b'{"signature_name": "other"}').signature == "other"
    assert read_body(b'{"instances": 1, "inputs": 2}').signature == ""


def test_a_signature_without_inputs_has_no_requests():
    for body in ({"instances": [1]}, {"inputs": {}}):
        assert message_of(read, body) == "Failed to get input map for signature: DEFAULT"
    assert message_of(read, {"signature_name": "s"}) == "Failed to get input map for signature: s"


def test_a_row_of_a_type_without_a_json_form_is_a_bad_request():
    message = message_of(read, {"instances": [1]}, x="float16")
    assert message == (
        "Failed to process element: 0 of 'instances' list. "
        "Error: UNIMPLEMENTED: Conversion of JSON Value: 1 to type: half"
    )
    with pytest.raises(ServingError) as caught:
        read({"inputs": [1]}, x="float16")
    assert caught.value.http_status == 501
