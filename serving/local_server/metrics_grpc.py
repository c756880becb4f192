"""Measures the requests of the gRPC API. Needs the package grpcio."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from serving.local_server import metrics

_SERVICE = "/tensorflow.serving.PredictionService/"
_MEASURED = {_SERVICE + name for name in ("Predict", "Classify", "Regress")}
_CODES = {code.value[0]: code.name for code in grpc.StatusCode}


class MetricsInterceptor(grpc.aio.ServerInterceptor):
    """Counts the predictions that pass, as TensorFlow Serving does.

    Args:
      measured: receives the counts and durations.
    """

    def __init__(self, measured: metrics.Metrics) -> None:
        self._metrics = measured

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> grpc.RpcMethodHandler:
        """Returns the handler of a call, measured if it is a prediction."""
        handler = await continuation(handler_call_details)
        if handler is None or handler_call_details.method not in _MEASURED:
            return handler
        action = handler_call_details.method.rpartition("/")[2]

        async def run(request: Any, context: grpc.aio.ServicerContext) -> Any:
            return await self._run(handler.unary_unary, action, request, context)

        return grpc.unary_unary_rpc_method_handler(run, handler.request_deserializer, handler.response_serializer)

    async def _run(self, call, action, request, context):
        model = request.model_spec.name
        metrics.model_name.set(model)
        start = time.perf_counter()
        try:
            response = await call(request, context)
        except BaseException:
            self._metrics.request_count.add(model, _code_of(context))
            raise
        self._metrics.request_latency.add(time.perf_counter() - start, model, action, "GRPC")
        self._metrics.request_count.add(model, "OK")
        return response


def _code_of(context):
    """Returns the name of the code with which a call was aborted."""
    code = context.code()
    code = code.value[0] if isinstance(code, grpc.StatusCode) else code
    return _CODES[code] if code else "UNKNOWN"
