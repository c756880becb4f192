"""The gRPC API."""

import asyncio

import numpy as np
import pytest

from tests.helpers import serving_servers

grpc = pytest.importorskip("grpc")
tf = pytest.importorskip("tensorflow")
pytest.importorskip("tensorflow_serving.apis")
from tensorflow_serving.apis import (  # noqa: E402
    classification_pb2,
    get_model_metadata_pb2,
    inference_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from serving.local_server.batching import Batcher  # noqa: E402
from serving.local_server.grpc_service import start_grpc  # noqa: E402
from serving.local_server.manager import ModelManager  # noqa: E402
from tests.helpers import toy_server  # noqa: E402


@pytest.fixture(scope="module")
def channel(tmp_path_factory):
    """A gRPC channel to a server with version 2 of the model `toy`, which multiplies by 3."""
    folder = tmp_path_factory.mktemp("exports") / "toy"
    toy_server.save(folder / "2", 3.0)
    with (
        serving_servers.hold_port() as port,
        toy_server.run(f"--model_base_path={folder}", f"--port={port}"),
        grpc.insecure_channel(f"127.0.0.1:{port}") as opened,
    ):
        yield opened


def make_request(version=None, signature="", output_filter=(), **inputs):
    """Returns a request to the model `toy`."""
    request = predict_pb2.PredictRequest(output_filter=output_filter)
    request.model_spec.name = "toy"
    request.model_spec.signature_name = signature
    if version is not None:
        request.model_spec.version.value = version
    for name, value in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return request


def error_of(function, request):
    """Returns code and message of the error that a call raises."""
    with pytest.raises(grpc.RpcError) as caught:
        function(request, timeout=20)
    return caught.value.code(), caught.value.details()


def test_predictions_have_outputs_and_the_version(channel):
    service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    answer = service.Predict(make_request(x=[[1.0, 2.0]]), timeout=20)
    assert tf.make_ndarray(answer.outputs["y"]).tolist() == [[3.0, 6.0]]
    assert answer.model_spec.version.value == 2
    assert answer.model_spec.signature_name == "serving_default"
    answer = service.Predict(make_request(signature="measure", image_bytes=[b"abc\0"]), timeout=20)
    assert tf.make_ndarray(answer.outputs["copy_bytes"]).tolist() == [b"abc\0"]


def test_a_request_can_choose_its_outputs(channel):
    service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    answer = service.Predict(
        make_request(signature="measure", output_filter=["length"], image_bytes=[b"abc"]), timeout=20
    )
    assert list(answer.outputs) == ["length"]
    assert error_of(service.Predict, make_request(output_filter=["z"], x=[[1.0, 2.0]])) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "output tensor alias not found in signature: z",
    )


@pytest.mark.parametrize(
    ("request_", "code", "part"),
    [
        (make_request(version=9, x=[[1.0, 2.0]]), "NOT_FOUND", "Specific(toy, 9)"),
        (make_request(signature="no", x=[[1.0, 2.0]]), "FAILED_PRECONDITION", 'Serving signature key "no" not found.'),
        (make_request(z=[[1.0, 2.0]]), "INVALID_ARGUMENT", "Missing but required: {x}"),
        (make_request(x=[[1, 2]]), "INVALID_ARGUMENT", "expected type float32, got int32"),
        (
            make_request(output_filter=["y", "y"], x=[[1.0, 2.0]]),
            "INVALID_ARGUMENT",
            "duplicate output tensor alias: y",
        ),
        (make_request(signature="fussy", n=[-1]), "INVALID_ARGUMENT", "n must not be negative"),
        (predict_pb2.PredictRequest(), "INVALID_ARGUMENT", "Missing ModelSpec"),
    ],
)
def test_errors_have_the_codes_of_tensorflow_serving(channel, request_, code, part):
    service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    found, message = error_of(service.Predict, request_)
    assert found == grpc.StatusCode[code]
    assert part in message


def test_metadata_lists_the_signatures(channel):
    service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "toy"
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert service.GetModelMetadata(request, timeout=20).metadata["signature_def"].Unpack(signatures)
    assert {"serving_default", "measure", "fussy"} <= set(signatures.signature_def)
    request.metadata_field[:] = ["other"]
    assert error_of(service.GetModelMetadata, request)[0] == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("x", [1.0, [[1.0, 2.0, 3.0]], [[[1.0]]]])
def test_the_graph_decides_which_shapes_it_takes(channel, x):
    service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    answer = service.Predict(make_request(x=x), timeout=20).outputs["y"]
    np.testing.assert_array_equal(tf.make_ndarray(answer), np.multiply(x, 3))
    assert len(answer.float_val) == np.size(x)  # one by one, as TensorFlow Serving writes them


@pytest.mark.parametrize(
    ("name", "message", "code", "part"),
    [
        ("Classify", {"model_spec": {"name": "toy"}}, "INVALID_ARGUMENT", "No classification inputs found"),
        ("Regress", {"model_spec": {"name": "toy"}}, "INVALID_ARGUMENT", "No regression inputs found"),
        ("Regress", {"model_spec": {"name": "no"}}, "NOT_FOUND", "Latest(no)"),
        ("Classify", {}, "INVALID_ARGUMENT", "Missing ModelSpec"),
        ("MultiInference", {}, "INVALID_ARGUMENT", "Missing ModelSpec"),
        ("MultiInference", {"tasks": [{"model_spec": {"name": "toy"}}]}, "UNIMPLEMENTED", "method_name"),
        (
            "MultiInference",
            {"tasks": [{"model_spec": {"name": "toy"}, "method_name": "tensorflow/serving/regress"}]},
            "INVALID_ARGUMENT",
            "No regression inputs found",
        ),
    ],
)
def test_other_methods_are_refused(channel, name, message, code, part):
    kinds = {
        "Classify": classification_pb2.ClassificationRequest,
        "Regress": regression_pb2.RegressionRequest,
        "MultiInference": inference_pb2.MultiInferenceRequest,
    }
    call = getattr(prediction_service_pb2_grpc.PredictionServiceStub(channel), name)
    found, details = error_of(call, kinds[name](**message))
    assert found == grpc.StatusCode[code]
    assert part in details


def test_a_port_in_use_is_an_error(channel):
    async def start_twice():
        batcher = Batcher()
        with serving_servers.hold_port() as port:
            server = await start_grpc(ModelManager({}), batcher, f"127.0.0.1:{port}", 1000)
            try:
                with pytest.raises(OSError, match=f"gRPC cannot listen on 127.0.0.1:{port}"):
                    await start_grpc(ModelManager({}), batcher, f"127.0.0.1:{port}", 1000)
            finally:
                await server.stop(None)
                batcher.close()

    asyncio.run(start_twice())
