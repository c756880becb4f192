"""The gRPC transport, against a small server of the same service in this process."""

import concurrent.futures
import contextlib
import json
import time

import numpy as np
import pytest

from tests.helpers import serving_servers

grpc = pytest.importorskip("grpc")
tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc  # noqa: E402

from serving import client  # noqa: E402


class Fake(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Answers with the number of bytes of each image, or, to the first `failures` requests, with `error`."""

    def __init__(self):
        self.specs = []
        self.error = None
        self.failures = 1_000_000

    def Predict(self, request, context):  # noqa: N802 - the service's own name
        self.specs.append(request.model_spec)
        if self.error and len(self.specs) <= self.failures:
            context.abort(*self.error)
        inputs = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        if request.model_spec.signature_name == "describe":
            outputs = {"text": np.array([json.dumps({"joints": ["a", "b"]})] * len(inputs["topic"]), object)}
        else:
            (images,) = inputs.values()
            sizes = np.vectorize(len, otypes=[np.float32])(images)
            scores = np.stack([sizes, sizes], -1)
            outputs = {"keypoints": np.stack([scores, 2 * scores], -1), "scores": scores, "valid": scores > 0}
        response = predict_pb2.PredictResponse()
        for name, value in outputs.items():
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
        return response


@pytest.fixture
def fake():
    return Fake()


@contextlib.contextmanager
def serve(fake, port=0):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(fake, server)
        port = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait(timeout=10)


@pytest.fixture
def poses_client(fake):
    url = "http://127.0.0.1:9"
    with serve(fake) as address, client.PoseClient(url, "pose", version=3, timeout_s=10, grpc=address) as it:
        yield it


def test_images_and_clips_are_sent_as_bytes(poses_client, fake):
    poses = poses_client.predict_images([b"\xff\x00", b"abc"])
    np.testing.assert_array_equal(poses.keypoints, [[[2, 4]] * 2, [[3, 6]] * 2])
    assert [array.dtype for array in poses] == [np.float32, np.float32, bool]
    np.testing.assert_array_equal(poses_client.predict_clip([b"a", b"", b"bb"]).scores[:, 0], [1, 0, 2])
    assert poses_client.skeleton() == {"joints": ["a", "b"]}
    assert {(spec.name, spec.version.value) for spec in fake.specs} == {("pose", 3)}
    assert [spec.signature_name for spec in fake.specs] == ["serving_default", "predict_clip", "describe"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NOT_FOUND", client.ModelNotFoundError),
        ("INVALID_ARGUMENT", client.RequestRefusedError),
        ("FAILED_PRECONDITION", client.RequestRefusedError),
        ("INTERNAL", client.ServingError),
        ("UNAVAILABLE", client.ServerNotReachableError),
    ],
)
def test_errors_have_the_servers_message(poses_client, fake, code, kind):
    fake.error = (grpc.StatusCode[code], "the server's message")
    with pytest.raises(kind, match="the server's message"):
        poses_client.predict_images([b"x"])
    assert (len(fake.specs) > 1) == (code == "UNAVAILABLE")  # only then is the request repeated


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED"])
def test_a_request_to_a_busy_server_is_repeated_even_if_it_is_large(poses_client, fake, code):
    fake.error = (grpc.StatusCode[code], "busy")
    fake.failures = 2
    image = b"x" * 1_000_000  # gRPC's own retries would skip it
    assert poses_client.predict_images([image]).scores[0, 0] == 1_000_000
    assert len(fake.specs) == 3


def test_repeats_end_with_the_time_limit(fake):
    fake.error = (grpc.StatusCode.UNAVAILABLE, "busy")
    with serve(fake) as address, client.PoseClient("http://127.0.0.1:9", timeout_s=0.5, grpc=address) as it:
        message = r"busy|no answer within 0\.5 s"
        with serving_servers.record_pauses() as pauses_s, pytest.raises(client.ServerNotReachableError, match=message):
            it.predict_images([b"x"])
    assert pauses_s in (
        [],
        [0.2],
    )  # a request at 0 s and maybe at 0.2 s; the next would be at 0.6 s
    assert 1 <= len(fake.specs) <= 2


def test_a_server_that_starts_later_is_found(fake):
    with contextlib.ExitStack() as opened:
        port = opened.enter_context(serving_servers.hold_port())
        it = opened.enter_context(client.PoseClient("http://127.0.0.1:9", timeout_s=20, grpc=f"127.0.0.1:{port}"))
        pool = opened.enter_context(concurrent.futures.ThreadPoolExecutor(1))
        asked = pool.submit(it.predict_images, [b"abc"])
        time.sleep(0.5)
        assert not asked.done()
        with serve(fake, port):
            assert asked.result(timeout=30).scores[0, 0] == 3


def test_a_proxy_is_not_used_for_this_machine(fake, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY", "grpc_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serve(fake) as address, client.PoseClient("http://127.0.0.1:9", timeout_s=5, grpc=address) as it:
        assert it.predict_images([b"abc"]).scores[0, 0] == 3


@pytest.mark.parametrize("address", ["localhost", "http://localhost:8500", "localhost:8500/v1", "[::1", "a:b", ""])
def test_an_invalid_address_is_refused(address):
    with pytest.raises(ValueError, match="--grpc: expected something like localhost:8500, received"):
        client.PoseClient("http://localhost", grpc=address)
