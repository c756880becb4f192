"""The client over gRPC, against a small server of the same service in this process."""

import concurrent.futures
import json

import numpy as np
import pytest

grpc = pytest.importorskip("grpc")
tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc  # noqa: E402

from serving import client  # noqa: E402


class Fake(prediction_service_pb2_grpc.PredictionServiceServicer):
    """Answers with the number of bytes of each image, or with the error it is told."""

    def __init__(self):
        self.specs, self.error = [], None

    def Predict(self, request, context):  # noqa: N802 - the service's own name
        self.specs.append(request.model_spec)
        if self.error:
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


@pytest.fixture
def poses_client(fake):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(fake, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            address = f"127.0.0.1:{port}"
            with client.PoseClient("http://127.0.0.1:9", "pose", version=3, timeout_s=10, grpc=address) as it:
                yield it
        finally:
            server.stop(None).wait(timeout=10)


def test_images_and_clips_go_as_bytes(poses_client, fake):
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
def test_errors_have_the_servers_words(poses_client, fake, code, kind):
    fake.error = (grpc.StatusCode[code], "the server's words")
    with pytest.raises(kind, match="the server's words"):
        poses_client.predict_images([b"x"])
    assert (len(fake.specs) > 1) == (code == "UNAVAILABLE")  # which alone is asked again
