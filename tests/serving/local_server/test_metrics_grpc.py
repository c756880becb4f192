"""Measured gRPC calls without a server; tests/serving/local_server/test_metrics_app.py measures a running one."""

import asyncio
import collections

import pytest

grpc = pytest.importorskip("grpc", reason="grpcio is not installed")
from serving.local_server import metrics, metrics_grpc  # noqa: E402

SERVICE = "/tensorflow.serving.PredictionService/"
Details = collections.namedtuple("Details", "method")


def intercept(method, page, handler):
    async def find(_):
        return handler

    return asyncio.run(metrics_grpc.MetricsInterceptor(page).intercept_service(find, Details(method)))


@pytest.mark.parametrize("method", [SERVICE + "GetModelMetadata", "/tensorflow.serving.ModelService/Predict", "/x"])
def test_only_predictions_are_measured(method):
    handler = grpc.unary_unary_rpc_method_handler(None)
    assert intercept(method, metrics.Metrics(), handler) is handler


def test_an_unknown_method_stays_unknown():
    assert intercept(SERVICE + "Predict", metrics.Metrics(), None) is None


@pytest.mark.parametrize(
    ("code", "expected"),
    [(grpc.StatusCode.NOT_FOUND, "NOT_FOUND"), (5, "NOT_FOUND"), (0, "UNKNOWN"), (None, "UNKNOWN")],
)
def test_a_failed_call_counts_with_its_code(code, expected):
    class Context:
        def code(self):
            return code

    async def fail(request, context):
        raise RuntimeError("aborted")

    page = metrics.Metrics()
    handler = intercept(SERVICE + "Classify", page, grpc.unary_unary_rpc_method_handler(fail))
    spec = collections.namedtuple("Spec", "name")("pose")
    request = collections.namedtuple("Request", "model_spec")(spec)
    with pytest.raises(RuntimeError):
        asyncio.run(handler.unary_unary(request, Context()))
    assert page.request_count.lines()[1:] == [
        f':tensorflow:serving:request_count{{model_name="pose",status="{expected}"}} 1'
    ]
    assert len(page.request_latency.lines()) == 1
