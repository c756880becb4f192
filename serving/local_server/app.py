"""The HTTP application: the REST API at /v1/, the demo page at /demo/ and the models that it offers."""

from __future__ import annotations

import asyncio
import json
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from serving.local_server.errors import ServingError, as_serving_error, invalid_argument
from serving.local_server.json_answers import write_answer
from serving.local_server.json_requests import parse_json, read_body, tensors_from_request
from serving.local_server.rest_paths import parse_path

if TYPE_CHECKING:
    from serving.local_server.batching import Batcher
    from serving.local_server.manager import ModelManager

DEMO_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "demo")
CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}
# Larger bodies and outputs are parsed and written in a thread, so that the event loop can answer other requests.
LARGE_BODY_BYTES = 64 * 1024
LARGE_OUTPUT_VALUES = 4096


class RestApi:
    """The REST API as an ASGI application.

    Args:
      manager: the served models.
      batcher: runs the models.
      max_request_bytes: largest body that is read.
      enable_cors: allow requests from pages of other origins.
    """

    def __init__(
        self, manager: ModelManager, batcher: Batcher, max_request_bytes: int, enable_cors: bool = False
    ) -> None:
        self._manager = manager
        self._batcher = batcher
        self._max_request_bytes = max_request_bytes
        self._headers = CORS_HEADERS if enable_cors else {}
        self._enable_cors = enable_cors
        self._json_pool = ThreadPoolExecutor(2, thread_name_prefix="json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope, receive)
        try:
            body = await self._answer(request)
            status = 200
        except ClientDisconnect:
            return
        except Exception as caught:  # noqa: BLE001  all errors use the same JSON format
            error = as_serving_error(caught)
            body = json.dumps({"error": error.message}).encode("utf-8")
            status = error.http_status
        response = Response(body, status, self._headers, media_type="application/json")
        await response(scope, receive, send)

    async def _answer(self, request):
        if request.method == "OPTIONS" and self._enable_cors:
            return b""
        raw_path = request.scope.get("raw_path") or request.scope["path"].encode("utf-8")
        choice, verb = parse_path(request.method, raw_path.decode("latin-1"))
        if verb == "status":
            return _indented_json(self._manager.status(choice))
        if verb == "metadata":
            return self._metadata(choice)
        body = await self._read(request)
        if verb == "predict":
            return await self._predict(choice, body)
        parse_json(body)
        with self._manager.use(choice) as servable:
            names = ", ".join(sorted(servable.signatures))
            raise invalid_argument(f"Expected {verb} signature: this model has {names}")

    def _metadata(self, choice):
        with self._manager.use(choice) as servable:
            model_spec = {"name": choice.model, "signature_name": "", "version": str(servable.version)}
            return _indented_json(
                {"model_spec": model_spec, "metadata": {"signature_def": {"signature_def": servable.metadata()}}}
            )

    async def _predict(self, choice, body):
        # Parse the body, convert it to the signature's tensors, run the model, write the answer.
        request = await self._in_thread(len(body) > LARGE_BODY_BYTES, read_body, body)
        with self._manager.use(choice) as servable:
            dtypes = servable.signature(request.signature).dtypes
            inputs = await self._in_thread(len(body) > LARGE_BODY_BYTES, tensors_from_request, request, dtypes)
            servable.check(request.signature, inputs)
            outputs = await self._batcher.run(servable, request.signature, inputs)
        is_large = sum(array.size for array in outputs.values()) > LARGE_OUTPUT_VALUES
        return await self._in_thread(is_large, write_answer, outputs, request.row_format)

    async def _in_thread(self, is_large, function, *args):
        if not is_large:
            return function(*args)
        return await asyncio.get_running_loop().run_in_executor(self._json_pool, function, *args)

    async def _read(self, request):
        limit = self._max_request_bytes
        too_large = ServingError("PAYLOAD_TOO_LARGE", f"The request body is larger than {limit} bytes")
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise too_large
        chunks = []
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large
            chunks.append(chunk)
        body = b"".join(chunks)
        if request.headers.get("content-encoding", "").lower() == "gzip":
            return _unzip(body, limit, too_large)
        return body


def _unzip(body, limit, too_large):
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise invalid_argument(f"The body is not valid gzip: {error}") from error
    if len(unpacked) > limit:
        raise too_large
    if not unpacker.eof:
        raise invalid_argument("The body is not valid gzip: its end is missing")
    return unpacked


def _indented_json(value):
    return (json.dumps(value, indent=1) + "\n").encode("utf-8")


def build_app(
    manager: ModelManager,
    batcher: Batcher,
    max_request_bytes: int,
    enable_cors: bool = False,
    demo_folder: str = DEMO_FOLDER,
) -> Starlette:
    """Returns the ASGI application: the REST API, the demo page, and a redirect from / to the page.

    Args:
      manager: as in `RestApi`.
      batcher: as in `RestApi`.
      max_request_bytes: as in `RestApi`.
      enable_cors: as in `RestApi`.
      demo_folder: folder of the page's files; if it does not exist, there is no page.
    """
    api = RestApi(manager, batcher, max_request_bytes, enable_cors)
    # TensorFlow Serving's paths are case-insensitive, so both spellings lead to the API.
    routes: list[BaseRoute] = [Route("/v1/{rest:path}", api), Route("/V1/{rest:path}", api)]
    if os.path.isdir(demo_folder):
        # TensorFlow Serving's API does not list the models; the page asks for them here, next to its files.
        routes.append(Route("/demo/models.json", lambda request: JSONResponse({"models": list(manager.names)})))
        routes.append(Mount("/demo", StaticFiles(directory=demo_folder, html=True)))
        routes.append(Route("/", lambda request: RedirectResponse("/demo/")))
    return Starlette(routes=routes)
