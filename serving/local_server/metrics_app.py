"""Measures the requests of the REST API, and answers Prometheus at the path of the monitoring configuration."""

from __future__ import annotations

import time
from collections.abc import MutableMapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.local_server import metrics
from serving.local_server.errors import HTTP_STATUS, ServingError
from serving.local_server.rest_paths import parse_path

# The code of a status; of several, the one that the API uses most.
_CODES = {status: code for code, status in reversed(HTTP_STATUS.items())}
_CODES.update({200: "OK", 400: "INVALID_ARGUMENT", 500: "INTERNAL"})


class MeteredApp:
    """An ASGI application around another one.

    Args:
      app: the application with the REST API at /v1/.
      measured: receives the counts and durations.
      path: where Prometheus reads them.
    """

    def __init__(self, app: ASGIApp, measured: metrics.Metrics, path: str) -> None:
        self._app = app
        self._metrics = measured
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path == self._path:
            await PlainTextResponse(self._metrics.text())(scope, receive, send)
        elif scope["type"] == "http" and path.lower().startswith("/v1/"):
            await self._measure(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _measure(self, scope, receive, send):
        model, action = _read_path(scope)
        start = time.perf_counter()

        async def receive_and_start() -> MutableMapping[str, Any]:
            nonlocal start
            message = await receive()
            start = time.perf_counter()  # the time that a client takes to send its request does not count
            return message

        async def send_and_count(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                status = message["status"]
                self._metrics.request_count.add(model, _CODES.get(status, "UNKNOWN"))
                if status == 200:
                    self._metrics.request_latency.add(time.perf_counter() - start, model, action, "REST")
            await send(message)

        metrics.model_name.set(model)
        await self._app(scope, receive_and_start, send_and_count)


def _read_path(scope):
    """Returns the model's name and the action; status and metadata have none, as in TensorFlow Serving."""
    raw_path = scope.get("raw_path") or scope["path"].encode("utf-8")
    try:
        choice, action = parse_path(scope["method"], raw_path.decode("latin-1"))
    except ServingError:
        return "", ""
    return choice.model, action if scope["method"] == "POST" else ""
