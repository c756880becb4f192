"""One contract for every server: the local server and TensorFlow Serving give these requests the same answers.

Statuses and messages as in tensorflow/serving: model_servers/http_rest_api_util.cc, http_server.cc,
util/json_tensor.cc, servables/tensorflow/predict_util.cc and g3doc/api_rest.md. Of a message, only
the part that names the problem is compared.
"""

from __future__ import annotations

import json
import random
import struct
import zlib

import numpy as np
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.server import mutations

tf = pytest.importorskip("tensorflow")
from serving import client  # noqa: E402
from tests.helpers.serving_requests import JPEG, PNG, assert_error, b64, column, rows  # noqa: E402 - imports TensorFlow

pytestmark = pytest.mark.timeout(300)
FUZZED_REQUESTS = 300
OUTPUTS = {"keypoints", "scores", "valid"}


def header_only_png(width, height):
    """Returns a valid small PNG whose header claims a large size: it has one row of data."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1 + 3 * width), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


NOT_IMAGES = {
    "text": b"this is not an image",
    "empty": b"",
    "truncated JPEG": JPEG[:40],
    "truncated PNG": PNG[: len(PNG) // 2],
    "bomb": header_only_png(30000, 30000),
    "zeros": bytes(1000),
}


@pytest.fixture(scope="module")
def signatures(exported):
    return tf.saved_model.load(str(exported / "1")).signatures


def test_status_lists_each_version(server):
    for path in ("", "/versions/1", "/labels/stable"):
        if path:
            server.skip_without_files()
        response = server.ask("GET", f"/v1/models/{server.model}{path}")
        assert response.status_code == 200
        (version,) = response.json()["model_version_status"][-1:]
        assert version["state"] == "AVAILABLE"
        assert version["status"] == {"error_code": "OK", "error_message": ""}
        assert isinstance(version["version"], str)  # 64 bits are strings in the JSON of protos


def test_metadata_lists_each_signature(server):
    answer = server.ask("GET", f"/v1/models/{server.model}/metadata").json()
    assert answer["model_spec"]["name"] == server.model
    found = answer["metadata"]["signature_def"]["signature_def"]
    assert {"serving_default", "predict_regions", "predict_frames", "predict_clip", "describe"} <= set(found)
    default = found["serving_default"]
    assert default["method_name"] == "tensorflow/serving/predict"
    assert default["inputs"]["image_bytes"]["dtype"] == "DT_STRING"
    assert default["inputs"]["image_bytes"]["tensor_shape"]["dim"] == [{"size": "-1", "name": ""}]
    assert {name: tensor["dtype"] for name, tensor in default["outputs"].items()} == {
        "keypoints": "DT_FLOAT",
        "scores": "DT_FLOAT",
        "valid": "DT_BOOL",
    }


def test_images_of_mixed_sizes_have_the_same_answers_as_alone(server):
    both = column(server, {"image_bytes": [b64(JPEG), b64(PNG)]})
    assert set(both) == OUTPUTS
    for i, image in enumerate((JPEG, PNG)):
        alone = column(server, {"image_bytes": [b64(image)]})
        np.testing.assert_allclose(both["keypoints"][i], alone["keypoints"][0], atol=1e-2)
        np.testing.assert_allclose(both["scores"][i], alone["scores"][0], atol=1e-4)


def test_answers_equal_those_of_the_saved_model(server, signatures):
    server.skip_without_files()
    frames = np.random.default_rng(0).integers(0, 256, (2, 20, 24, 3)).astype(np.uint8)
    cases = {
        "serving_default": ({"image_bytes": [b64(JPEG), b64(PNG)]}, {"image_bytes": tf.constant([JPEG, PNG])}),
        "predict_regions": (
            {"image_bytes": [b64(JPEG)], "regions": [[4, 2.5, 30, 20]]},
            {"image_bytes": tf.constant([JPEG]), "regions": tf.constant([[4, 2.5, 30, 20]])},
        ),
        "predict_frames": ({"frames": frames.tolist()}, {"frames": tf.constant(frames)}),
        "predict_clip": (
            {"frames_bytes": [[b64(JPEG), b64(JPEG), b64(b"")]]},
            {"frames_bytes": tf.constant([[JPEG, JPEG, b""]])},
        ),
        "heatmaps": ({"frames": frames.tolist()}, {"frames": tf.constant(frames)}),
    }
    for name, (inputs, direct) in cases.items():
        answer = column(server, inputs, name)
        expected = signatures[name](**direct)
        assert set(answer) == set(expected)
        for key, value in expected.items():
            np.testing.assert_allclose(np.asarray(answer[key], value.dtype.as_numpy_dtype), value, atol=1e-3)


def test_rows_and_columns_give_the_same_answers(server):
    images = [b64(JPEG), b64(PNG)]
    columns = column(server, {"image_bytes": images})
    for instances in (images, [{"image_bytes": image} for image in images]):
        answer = rows(server, instances)
        assert [set(row) for row in answer] == [OUTPUTS] * 2
        for name in OUTPUTS:
            np.testing.assert_allclose([row[name] for row in answer], columns[name], atol=1e-2)
    assert column(server, images)["valid"] == columns["valid"]  # a single input needs no name


def test_rows_of_two_inputs(server):
    instance = {"image_bytes": b64(JPEG), "regions": [0, 0, 20, 20]}
    (answer,) = rows(server, [instance], "predict_regions")
    assert set(answer) == OUTPUTS


def test_a_single_output_has_no_name(server):
    (text,) = column(server, {"topic": ["skeleton"]}, "describe")
    assert len(json.loads(text)["joints"]) > 0
    assert rows(server, ["nothing"], "describe") == [""]


def test_an_empty_batch_gives_empty_columns(server):
    answer = column(server, {"image_bytes": []})
    assert answer == {name: [] for name in OUTPUTS}


@pytest.mark.parametrize("name", NOT_IMAGES)
def test_an_invalid_image_affects_only_its_own_row(server, name):
    answer = column(server, {"image_bytes": [b64(JPEG), b64(NOT_IMAGES[name]), b64(PNG)]})
    assert not any(answer["valid"][1])
    assert np.all(np.asarray(answer["keypoints"][1]) == 0)
    alone = column(server, {"image_bytes": [b64(PNG)]})
    np.testing.assert_allclose(answer["keypoints"][2], alone["keypoints"][0], atol=1e-2)


@pytest.mark.parametrize("region", ["[NaN, 0, 5, 5]", "[0, 0, Infinity, 5]", "[-1e38, 0, 1e38, 1e38]", "[0, 0, 0, 0]"])
def test_strange_regions_give_finite_answers(server, region):
    body = f'{{"signature_name": "predict_regions", "inputs": {{"image_bytes": [{json.dumps(b64(JPEG))}], '
    response = server.predict(f'{body}"regions": [{region}]}}}}'.encode())
    assert response.status_code == 200, response.text
    assert "NaN" not in response.text
    assert "Infinity" not in response.text


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1/models/nope", 404, "Could not find any versions of model nope"),
        ("GET", "/v1/models/{model}/versions/9999", 404, "Could not find version 9999 of model {model}"),
        ("GET", "/v1/models/nope/metadata", 404, "Servable not found for request: Latest(nope)"),
        ("GET", "/v1/models/nope/labels/nope", 404, "Could not find any versions of model nope"),
        ("GET", "/v1/models/{model}/labels/nope/metadata", 400, "Unrecognized servable version label: nope"),
        ("POST", "/v1/models/nope:predict", 404, "Servable not found for request: Latest(nope)"),
        ("POST", "/v1/models/{model}/versions/9999:predict", 404, "Specific({model}, 9999)"),
        ("POST", "/v1/models/{model}/labels/nope:predict", 400, "Unrecognized servable version label: nope"),
        ("POST", "/v1/models/{model}/versions/one:predict", 400, "Malformed request: POST /v1/models/{model}/versions"),
        ("POST", "/v1/models/{model}:guess", 400, "Malformed request: POST /v1/models/{model}:guess"),
        ("POST", "/v1/models/{model}", 400, "Malformed request: POST /v1/models/{model}"),
        ("GET", "/v1/models/{model}:predict", 400, "Malformed request: GET /v1/models/{model}:predict"),
        ("GET", "/v1/elsewhere", 400, "Malformed request: GET /v1/elsewhere"),
        ("GET", "/v1/models", 400, "Missing model name in request"),
    ],
)
def test_unknown_models_versions_labels_and_paths(server, method, path, status, message):
    body = {"inputs": {"image_bytes": [b64(JPEG)]}} if method == "POST" else None
    assert_error(server.ask(method, path.format(model=server.model), body), status, message.format(model=server.model))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "JSON Parse error: The document is empty"),
        (b"{", "JSON Parse error"),
        (b'{"inputs": "\xff\xfe"', "JSON Parse error"),
        (b"[" * 30_000, "JSON Parse error"),
        ([], "Is not object"),
        ("text", "Is not object"),
        ({}, "Missing 'inputs' or 'instances' key"),
        ({"inputs": [], "instances": []}, "Not formatted correctly expecting only one of"),
        ({"instances": {}}, "list/array"),
        ({"instances": []}, "No values in 'instances' array"),
        ({"signature_name": 1, "inputs": []}, "'signature_name' key must be a string value"),
        ({"signature_name": "nope", "inputs": []}, "not found in signature def"),
        ({"inputs": {"nope": []}}, "Missing named input: image_bytes in 'inputs' object"),
        ({"instances": [{"nope": 1}]}, "nope"),
        ({"instances": [{"image_bytes": "x"}, "x"]}, "Expecting object but got"),
        ({"instances": ["x", {"image_bytes": "x"}]}, "Expecting value/list but got object at item 1"),
        ({"inputs": {"image_bytes": [1]}}, "is not of expected type: string"),
        ({"inputs": {"image_bytes": [None]}}, "is not of expected type: string"),
        ({"inputs": {"image_bytes": [{"b64": "!!"}]}}, "Unable to base64 decode"),
        ({"inputs": {"image_bytes": [{"b64": 1}]}}, "not formatted correctly for base64 data"),
        ({"inputs": {"image_bytes": [["x"], "x"]}}, ""),
        ({"inputs": {"image_bytes": "x"}}, ""),
        ({"inputs": {"image_bytes": [["x"]]}}, ""),
    ],
)
def test_invalid_bodies(server, body, message):
    assert_error(server.predict(body), 400, message)


@pytest.mark.parametrize(
    ("signature", "inputs", "message"),
    [
        ("predict_frames", {"frames": [[[[1.5, 0, 0]]]]}, "is not of expected type: uint8"),
        ("predict_frames", {"frames": [[[["1", 0, 0]]]]}, "is not of expected type: uint8"),
        ("predict_frames", {"frames": [[[[0, 0, 0]], [[0, 0, 0], [0, 0, 0]]]]}, "Encountered list at unexpected size"),
        ("predict_frames", {"frames": [[[0, 0, 0]]]}, ""),
        ("predict_frames", {"frames": [[[[0, 0]]]]}, ""),
        ("predict_frames", {"frames": 1}, ""),
        ("predict_regions", [b64(JPEG)], "inputs is a plain value/list, but expecting an object"),
        ("predict_regions", {"image_bytes": [b64(JPEG)]}, "Missing named input: regions in 'inputs' object"),
        ("predict_regions", {"image_bytes": [b64(JPEG)], "regions": [["0", 0, 0, 0]]}, "expected type: float"),
        ("predict_regions", {"image_bytes": [b64(JPEG)], "regions": [[0, 0, 0]]}, ""),
        ("predict_regions", {"image_bytes": [b64(JPEG)] * 2, "regions": [[0, 0, 0, 0]]}, ""),
    ],
)
def test_inputs_of_a_wrong_type_or_shape(server, signature, inputs, message):
    assert_error(server.predict({"signature_name": signature, "inputs": inputs}), 400, message)


def test_rows_need_every_input_and_one_shape(server):
    regions = {"signature_name": "predict_regions"}
    assert_error(server.predict({**regions, "instances": [[1]]}), 400, "instances is a plain list")
    assert_error(server.predict({**regions, "instances": [{"regions": [0, 0, 0, 0]}]}), 400, "keys must be equal to")
    frames = [[[[0, 0, 0]]], [[[0, 0, 0], [0, 0, 0]]]]
    assert_error(server.predict({"signature_name": "predict_frames", "instances": frames}), 400, "Expecting ")


@pytest.mark.parametrize("method", ["classify", "regress"])
def test_methods_of_other_models_are_refused(server, method):
    assert_error(server.ask("POST", f"/v1/models/{server.model}:{method}", {"examples": [{"x": 1.0}]}), 400)


def test_label_and_version_choose_the_same_model(server):
    server.skip_without_files()
    body = {"inputs": {"image_bytes": [b64(JPEG)]}}
    plain = server.predict(body).json()
    for which in ("/versions/1", "/labels/stable"):
        np.testing.assert_allclose(
            server.predict(body, which).json()["outputs"]["keypoints"], plain["outputs"]["keypoints"], atol=1e-3
        )


def test_the_client_reads_every_signature(server):
    with client.PoseClient(server.url, server.model, timeout_s=60) as it:
        joints = len(it.skeleton()["joints"])
        assert it.model_card()
        assert it.predict_images([JPEG, PNG, b"none"]).keypoints.shape == (3, joints, 2)
        assert it.predict_images([]).keypoints.shape == (0, joints, 2)
        assert not it.predict_images([b"none"]).valid.any()
        assert it.predict_clip([JPEG, JPEG, b""]).scores.shape == (3, joints)
        assert it.predict_frames(np.zeros((1, 8, 8, 3), np.uint8)).valid.shape == (1, joints)
        with pytest.raises(client.RequestRefusedError, match="not found in signature def"):
            it.predict_images([JPEG], signature="nope")
    with client.PoseClient(server.url, "nope") as it, pytest.raises(client.ModelNotFoundError, match="nope"):
        it.status()


def test_mutated_requests_are_answered_or_refused(server):
    valid = {"inputs": {"image_bytes": [b64(JPEG), b64(PNG)]}}
    before = column(server, valid["inputs"])
    seeds = mutations.valid_requests(JPEG, PNG)
    with requests.Session() as session:
        session.trust_env = False

        @settings(max_examples=FUZZED_REQUESTS)
        @given(st.randoms(use_true_random=False))
        def check(chooser):
            path, body = mutations.mutate(chooser, seeds, server.model)
            fault = mutations.find_fault(session, server.url, path, body)
            assert fault is None, (fault, path, body[:1000])

        check()
    np.testing.assert_allclose(column(server, valid["inputs"])["keypoints"], before["keypoints"], atol=1e-2)


def test_random_requests_depend_on_their_seed_only():
    seeds = mutations.valid_requests(JPEG, PNG)
    first, again, other = (
        [mutations.mutate(random.Random(seed), seeds, "pose") for _ in range(1)] for seed in (3, 3, 4)
    )
    assert first == again != other
