"""The contract for gRPC: the codes that TensorFlow Serving 2.15.1 was observed to answer with."""

from __future__ import annotations

import pytest

grpc = pytest.importorskip("grpc")
tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")
from tensorflow_serving.apis import (  # noqa: E402
    classification_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def channel(server):
    if server.grpc is None:
        pytest.skip("TF_SERVING_GRPC is not set")
    with grpc.insecure_channel(server.grpc) as opened:
        yield opened


def predict(server, channel, signature, value, output_filter=(), **inputs):
    request = predict_pb2.PredictRequest(output_filter=output_filter)
    request.model_spec.name = server.model
    request.model_spec.signature_name = signature
    for name, item in (inputs or {"topic": value}).items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(item))
    return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=30)


def code_of(call, *args, **keywords):
    try:
        call(*args, **keywords)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


@pytest.mark.parametrize(
    ("signature", "value", "output_filter", "code"),
    [
        ("describe", ["skeleton"], (), "OK"),
        ("describe", "skeleton", (), "OK"),  # the graph decides which shapes it takes
        ("describe", [["skeleton"]], (), "OK"),
        ("nope", ["skeleton"], (), "FAILED_PRECONDITION"),
        ("describe", [1], (), "INVALID_ARGUMENT"),
        ("describe", ["skeleton"], ("nope",), "INVALID_ARGUMENT"),
        ("describe", ["skeleton"], ("text", "text"), "INVALID_ARGUMENT"),
    ],
)
def test_predict(server, channel, signature, value, output_filter, code):
    if output_filter == ("text", "text"):
        output_filter = tuple(predict(server, channel, "describe", ["nothing"]).outputs) * 2
    assert code_of(predict, server, channel, signature, value, output_filter) == code


def test_numbers_are_answered_one_by_one(server, channel):
    answer = predict(server, channel, "serving_default", None, image_bytes=[b"no image"])
    scores = answer.outputs["scores"]
    assert len(scores.float_val) == scores.tensor_shape.dim[1].size > 1


@pytest.mark.parametrize(
    ("spec", "code"),
    [({}, "NOT_FOUND"), ({"name": "nope"}, "NOT_FOUND"), ({"version_label": "nope"}, "OK"), (None, "INVALID_ARGUMENT")],
)
def test_status(server, channel, spec, code):
    if spec and "version_label" in spec:
        spec = {"name": server.model, **spec}
    request = get_model_status_pb2.GetModelStatusRequest(model_spec=spec)
    assert code_of(model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus, request, timeout=30) == code


def test_methods_that_exports_have_no_signatures_for(server, channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    spec = {"name": server.model, "signature_name": "describe"}
    task = {"model_spec": spec, "method_name": "tensorflow/serving/classify"}
    for call, request in (
        (stub.Classify, classification_pb2.ClassificationRequest(model_spec=spec)),
        (stub.Regress, regression_pb2.RegressionRequest(model_spec=spec)),
        (stub.MultiInference, inference_pb2.MultiInferenceRequest(tasks=[task])),
    ):
        assert code_of(call, request, timeout=30) == "INVALID_ARGUMENT"
