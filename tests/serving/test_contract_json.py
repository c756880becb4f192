"""The contract for JSON: what TensorFlow Serving 2.15.1 was observed to read and to refuse (RapidJSON's rules)."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("tensorflow")
from tests.helpers.serving_requests import JPEG, assert_error, b64, column  # noqa: E402 - imports TensorFlow

pytestmark = pytest.mark.timeout(300)
STRICT_END = (2, 18)  # from this release on, text after the document is accepted
IMAGE = json.dumps(b64(JPEG))
DESCRIBED = '{"signature_name": "describe", "inputs": ["nothing"]'


def ask(server, text):
    """Sends a body as text (latin-1: one byte for each character); returns the response."""
    return server.predict(text.encode("latin-1"))


@pytest.mark.parametrize(
    ("region", "is_valid"),
    [("0, 0, Inf, 5", True), ("0, -Inf, 5, 5", True), ("0, 0, -NaN, 5", True), ("-Infinity, 0, 5, NaN", True)]
    + [("0, 0, inf, 5", False), ("0, 0, +Infinity, 5", False), ("0, 0, nan, 5", False)],
)
def test_inf_and_nan_are_numbers(server, region, is_valid):
    body = f'{{"signature_name": "predict_regions", "inputs": {{"image_bytes": [{IMAGE}], "regions": [[{region}]]}}}}'
    if is_valid:
        assert ask(server, body).status_code == 200
    else:
        assert_error(ask(server, body), 400, "JSON Parse error: Invalid value. at offset:")


@pytest.mark.parametrize(
    "text",
    [
        '{"signature_name": "describe", "inputs": ["nothing"], "inputs": [1], "signature_name": 2}',  # the first counts
        f'{DESCRIBED}, "other": {"[" * 1_000}{"]" * 1_000}}}',
        f'{DESCRIBED}, "other": {"[" * 20_000}{"]" * 20_000}}}',
        f'{DESCRIBED}, "other": "\xff\xfe"}}',  # not UTF-8
        f"{DESCRIBED}}}\0",
        '{"signature_name": "describe", "inputs": ["\xc0\xff"]}',
        '{"signature_name": "describe", "inputs": ["\\ud83d\\ude00 \\u0000"]}',
    ],
    ids=["keys twice", "nested", "nested deeply", "not UTF-8", "NUL at the end", "other bytes", "escapes"],
)
def test_odd_documents_are_read(server, text):
    response = ask(server, text)
    assert response.status_code == 200, response.text
    assert response.json() == {"outputs": [""]}


def test_text_after_the_document_depends_on_the_release(server):
    response = ask(server, f"{DESCRIBED}}} more")
    if server.release >= STRICT_END:
        assert response.status_code == 200, response.text
    else:
        assert_error(response, 400, "JSON Parse error: The document root must not be followed by other values.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Missing a name for object member. at offset: 1"),
        ('{"inputs": }', "Invalid value. at offset: 11"),
        ('{"inputs": [1}', "Missing a comma or"),
        ('{"inputs": [1] "a": 2}', "Missing a comma or"),
        ('{"inputs" 1}', "Missing a colon after a name of object member."),
        ('{"inputs": 1.}', "Miss fraction part in number."),
        ('{"inputs": 1e}', "Miss exponent in number."),
        ('{"inputs": "\\ud800"}', "The surrogate pair in string is invalid."),
        ('{"other": "\\ud800", "inputs": []}', "The surrogate pair in string is invalid."),
        ('{"instances":[1e400]}', "Number too big to be stored in double. at offset: 14"),
        ('{"other": 1e400, "inputs": []}', "Number too big to be stored in double."),
    ],
)
def test_the_parser_names_the_fault(server, text, message):
    if server.release >= STRICT_END:
        pytest.skip("the messages are those of another parser")
    assert_error(ask(server, text), 400, f"JSON Parse error: {message}")


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [("YQ==", True), ("YQ", True), ("Y Q\n==", True), ("YWI.", True), ("YQ..", True), ("", True)]
    + [("YQ=", False), ("YQ===", False), ("=", False), ("A", False), ("_-==", False), ("YQ==YQ==", False)],
)
def test_base64_has_all_of_its_padding_or_none(server, text, is_valid):
    response = server.predict({"signature_name": "describe", "inputs": [{"b64": text}]})
    if is_valid:
        assert response.status_code == 200, response.text
    else:
        assert_error(response, 400, "Unable to base64 decode")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"inputs": {"image_bytes": [True]}}, "Type: True is not of expected type: string"),
        ({"inputs": {"image_bytes": [False]}}, "Type: False is not of expected type: string"),
        ({"instances": 1}, "to be an list/array"),
        ({"signature_name": "predict_regions", "inputs": []}, "required as per tensorinfo_map"),
        ({"instances": [{"z": 1}]}, "JSON object: does not have named input: z"),
        ({"instances": [{"z": 1}]}, "Failed to process element: 0 key: z of 'instances' list. Error: INVALID_ARGUMENT"),
        ({"instances": [["a"], ["b", "c"]]}, "Expecting tensor size: 1 but got: 2"),
        ({"inputs": [["a"], "b"]}, "found at incorrect level: 2 in the JSON DOM. Expected at level: 2"),
    ],
)
def test_messages_name_what_was_expected(server, body, message):
    assert_error(server.predict(body), 400, message)


@pytest.mark.parametrize("body", [{}, {"instances": []}, {"instances": 1}, {"inputs": 1, "instances": [1]}])
def test_the_model_and_its_signature_are_looked_up_before_the_values(server, body):
    assert_error(server.ask("POST", "/v1/models/nope:predict", body), 404, "Servable not found for request")
    assert_error(server.predict({**body, "signature_name": "nope"}), 400, "not found in signature def")


def test_faults_of_the_document_come_before_the_model(server):
    for body, message in (
        (b"{", "JSON Parse error"),
        ([], "Is not object"),
        ({"signature_name": 1}, "'signature_name'"),
    ):
        assert_error(server.ask("POST", "/v1/models/nope:predict", body), 400, message)


@pytest.mark.parametrize("method", ["classify", "regress"])
def test_classify_and_regress_check_the_body_first(server, method):
    cases = [
        ({"inputs": []}, "When method is classify, key 'examples' is expected and was not found"),
        ({"examples": [1]}, "Example must be JSON object but got JSON Number"),
        ({"signature_name": "describe", "examples": [{"x": 1.0}]}, "inputs found in SignatureDef"),
    ]
    for body, message in cases:
        assert_error(server.ask("POST", f"/v1/models/{server.model}:{method}", body), 400, message)


@pytest.mark.parametrize(
    ("signature", "inputs", "shape"),
    [
        ("predict_clip", {"frames_bytes": "x"}, 2),
        ("predict_clip", {"frames_bytes": ["x"]}, 3),
        ("predict_clip", {"frames_bytes": [[[b64(JPEG)]]]}, 5),
    ],
)
def test_the_graph_decides_which_shapes_it_takes(server, signature, inputs, shape):
    answer = column(server, inputs, signature)["keypoints"]
    for _ in range(shape - 1):
        answer = answer[0]
    assert len(answer) == 2


def test_a_clip_without_frames_is_answered(server):
    assert server.predict({"signature_name": "predict_clip", "inputs": {"frames_bytes": []}}).status_code == 200


def test_a_scalar_has_a_scalar_answer(server):
    assert json.loads(column(server, "skeleton", "describe"))["joints"]
    ((text,),) = column(server, [["skeleton"]], "describe")
    assert json.loads(text)["joints"]


def test_small_integers_are_read_as_int32_and_wrap_around(server):
    def frames(a, b, c):
        return column(server, {"frames": [[[[a, b, c]] * 4] * 4]}, "heatmaps")

    assert frames(300, -1, 256) == frames(44, 255, 0)
    body = {"signature_name": "heatmaps", "inputs": {"frames": [[[[2**31, 0, 0]]]]}}
    assert_error(server.predict(body), 400, "is not of expected type: uint8")


def test_large_numbers_become_floats(server):
    for number in ("16777217", "9007199254740993", "18446744073709551616", "1e39", "-3.4028236e38"):
        inputs = f'{{"image_bytes": [{IMAGE}], "regions": [[0, 0, {number}, 5]]}}'
        assert ask(server, f'{{"signature_name": "predict_regions", "inputs": {inputs}}}').status_code == 200
