"""The client over REST and gRPC with the real local server: the same answers, bit for bit, and the same errors."""

import collections
import concurrent.futures
import contextlib
import json
import signal
import time

import numpy as np
import pytest

from benchmarks.server import processes
from serving import client
from tests.helpers import serving_export, serving_servers

grpc = pytest.importorskip("grpc")
tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")

pytestmark = pytest.mark.timeout(300)
IMAGES = [serving_export.encode(ending, 40 + i, 60, seed=i) for i, ending in enumerate((".jpg", ".png", ".jpg"))]
CONFIG = """
model_config_list { config {
  name: "pose" base_path: "%s" model_platform: "tensorflow"
  model_version_policy { all {} }
  version_labels { key: "stable" value: 1 }
  version_labels { key: "canary" value: 2 }
} }
"""
Served = collections.namedtuple("Served", "url grpc process")


@contextlib.contextmanager
def serve(flags, port=None):
    with contextlib.ExitStack() as opened:
        port = port or opened.enter_context(serving_servers.hold_port())
        url, process = opened.enter_context(processes.run_local_server([*flags, f"--port={port}"]))
        yield Served(url, f"127.0.0.1:{port}", process)


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """Folder with an export as version 1 and a model that gives every image the score 2 as version 2."""
    folder = tmp_path_factory.mktemp("transports")
    serving_export.copy_pose_export(tmp_path_factory, folder / "pose" / "1")
    serving_export.write_numbered(folder / "pose" / "2", 2)
    return folder


@pytest.fixture(scope="module")
def served(exports):
    config = exports / "models.config"
    config.write_text(CONFIG % (exports / "pose"))
    labels = "--allow_version_labels_for_unavailable_models"
    with serve([f"--model_config_file={config}", labels, "--max_request_mb=1"]) as server:
        for version in (1, 2):
            serving_servers.Server(server.url, process=server.process).wait_for(version)
        yield server


@pytest.fixture(params=["rest", "grpc"])
def ask(request, served):
    """A function that opens a client of one transport: ask(**arguments of PoseClient)."""
    with contextlib.ExitStack() as opened:

        def open_client(model="pose", timeout_s=30, **which):
            address = served.grpc if request.param == "grpc" else None
            return opened.enter_context(
                client.PoseClient(served.url, model, timeout_s=timeout_s, grpc=address, **which)
            )

        yield open_client


def test_both_transports_give_the_same_bits(served):
    frames = np.random.default_rng(0).integers(0, 256, (2, 30, 20, 3)).astype(np.uint8)
    rest = client.PoseClient(served.url, version=1)
    with rest, client.PoseClient(served.url, version=1, grpc=served.grpc) as rpc:
        answers = [
            {
                "images": it.predict_images([*IMAGES, b"no image"]),
                "frames": it.predict_frames(frames),
                "clip": it.predict_clip([*IMAGES[:1] * 3, b"", IMAGES[0]]),
                "none": it.predict_images([]),
            }
            for it in (rest, rpc)
        ]
        assert rest.skeleton() == rpc.skeleton()
        assert rest.model_card() == rpc.model_card() == {"name": "pose"}
        assert rpc.status() == rest.status()
    for name, poses in answers[0].items():
        for field, over_rest, over_grpc in zip(poses._fields, poses, answers[1][name]):
            assert over_rest.dtype == over_grpc.dtype, (name, field)
            np.testing.assert_array_equal(over_rest, over_grpc, err_msg=f"{name} {field}")
    images = answers[0]["images"]
    assert images.valid[:3].any()
    assert len(np.unique(images.keypoints[:3])) > 10  # else any answer would pass
    assert not images.valid[3].any()
    assert not answers[0]["clip"].valid[3].any()


def test_parallel_requests_get_their_own_answers(served):
    with client.PoseClient(served.url, version=1, grpc=served.grpc) as it:
        alone = [it.predict_images([image]) for image in IMAGES]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            asked = [pool.submit(it.predict_images, [IMAGES[i % 3]]) for i in range(30)]
            for i, answer in enumerate(asked):
                poses = answer.result(timeout=60)
                np.testing.assert_array_equal(poses.valid, alone[i % 3].valid)
                np.testing.assert_allclose(poses.keypoints, alone[i % 3].keypoints, atol=1e-3)


@pytest.mark.parametrize(
    ("which", "score"), [({}, 2), ({"version": 2}, 2), ({"label": "canary"}, 2), ({"label": "stable"}, None)]
)
def test_versions_and_labels_choose(ask, which, score):
    scores = ask(**which).predict_images(IMAGES[:2]).scores
    if score is None:
        np.testing.assert_array_equal(scores, ask(version=1).predict_images(IMAGES[:2]).scores)
        assert scores.shape == (2, 7)
    else:
        np.testing.assert_array_equal(scores, np.full((2, 2), score))


@pytest.mark.parametrize(
    ("which", "signature", "kind", "message"),
    [
        ({"model": "hand"}, "serving_default", client.ModelNotFoundError, "Servable not found"),
        ({"version": 9}, "serving_default", client.ModelNotFoundError, "9"),
        ({"label": "old"}, "serving_default", client.RequestRefusedError, "Unrecognized servable version label: old"),
        ({"version": 1}, "poses", client.RequestRefusedError, '"poses" not found'),
        ({"version": 1}, "x" * 30_000, client.RequestRefusedError, '"xxx'),
        ({"version": 1}, "ü" * 9_000, client.RequestRefusedError, '"üüü'),
        ({"version": 1}, "describe", client.RequestRefusedError, "topic"),
    ],
)
def test_both_transports_raise_the_same_errors_without_repeats(ask, which, signature, kind, message):
    it = ask(**which)
    with serving_servers.record_pauses() as pauses_s, pytest.raises(kind) as caught:
        it.predict_images(IMAGES[:1], signature)
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert pauses_s == []  # the request was not repeated


def test_a_request_that_is_too_large_is_refused_and_not_repeated(ask):
    it = ask(version=1)
    with serving_servers.record_pauses() as pauses_s, pytest.raises(client.RequestRefusedError, match="larger than"):
        it.predict_images([b"x" * 2_000_000])
    assert pauses_s == []
    assert it.predict_images(IMAGES[:1]).valid.any()  # the connection still works


def test_a_small_message_cannot_allocate_a_large_tensor(served):
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    large = (1, 40_000, 40_000, 3)
    wraps = (-1, 2**62, 2**62)
    too_many = "expected at most 1000000 bytes, received a shape that takes"
    cases = [
        (tf.uint8, {"int_val": [1]}, {"image_bytes": large}, "", too_many),
        (tf.string, {"string_val": [b""]}, {"image_bytes": large}, "", too_many),
        (tf.string, {"string_val": [b""]}, {"image_bytes": (-1, -40_000, 40_000)}, "", "expected sizes of at least 0"),
        (tf.string, {"string_val": [b""]}, {"image_bytes": wraps}, "", "expected sizes of at least 0"),
        # Each tensor alone is small enough.
        (
            tf.uint8,
            {"int_val": [1]},
            {"image_bytes": (600_000,), "regions": (600_000,)},
            "predict_regions",
            f"{too_many} 1200000",
        ),
        (
            tf.uint8,
            {"int_val": [1]},
            {f"no{i:03}": large for i in range(100)},  # refused before their shapes are read
            "",
            "input size does not match signature: 100!=1. Sent extra: {no000,",
        ),
    ]
    with grpc.insecure_channel(served.grpc) as channel:
        service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        for dtype, values, shapes, signature, message in cases:
            spec = {"name": "pose", "version": {"value": 1}, "signature_name": signature}
            request = predict_pb2.PredictRequest(model_spec=spec)
            for name, shape in shapes.items():
                tensor = request.inputs[name]
                tensor.MergeFrom(type(tensor)(dtype=dtype.as_datatype_enum, **values))
                for size in shape:
                    tensor.tensor_shape.dim.add(size=size)
            with pytest.raises(grpc.RpcError) as caught:
                service.Predict(request, timeout=30)
            assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert message in caught.value.details()


def test_a_server_that_does_not_answer_is_an_error_after_the_time_limit(served, ask):
    ask(version=1).predict_images(IMAGES[:1])  # its first answer may take longer
    it = ask(version=1, timeout_s=2.0)
    it.predict_images(IMAGES[:1])
    served.process.send_signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        with pytest.raises(client.ServerNotReachableError, match="no answer within 2 s"):
            it.predict_images(IMAGES[:1])
        assert 1.9 < time.monotonic() - start < 10
    finally:
        served.process.send_signal(signal.SIGCONT)
    assert ask(version=1).predict_images(IMAGES[:1]).valid.any()


def test_a_stopped_server_is_an_error_and_is_found_after_its_restart(exports):
    flags = [f"--model_base_path={exports / 'pose'}"]
    with serving_servers.hold_port() as port, contextlib.ExitStack() as opened:
        with serve(flags, port) as server:
            it = opened.enter_context(client.PoseClient(server.url, timeout_s=20, grpc=server.grpc))
            np.testing.assert_array_equal(it.predict_images(IMAGES[:1]).scores, [[2, 2]])
            server.process.kill()
            server.process.wait(timeout=20)
        start = time.monotonic()
        with pytest.raises(client.ServerNotReachableError, match=f"127.0.0.1:{port}: no server can be reached there"):
            it.predict_images(IMAGES[:1])
        assert time.monotonic() - start > 2.9  # the request was repeated
        with serve(flags, port):
            np.testing.assert_array_equal(it.predict_images(IMAGES[:1]).scores, [[2, 2]])


def test_the_command_writes_the_same_document_over_grpc(served, tmp_path, capsys):
    from serving.client import __main__ as command

    (tmp_path / "a.jpg").write_bytes(IMAGES[0])
    documents = []
    for flags in ([], [f"--grpc={served.grpc}"]):
        assert command.main([f"--url={served.url}", "--version=1", *flags, str(tmp_path / "a.jpg")]) == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1]
    assert len(documents[0]["skeleton"]["joints"]) == 7
