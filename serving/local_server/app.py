"""The HTTP application: the REST API at /v1/, the demo page at /demo/ and the models that it offers."""

from __future__ import annotations

import asyncio
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from serving.local_server.errors import ServingError, as_serving_error
from serving.local_server.examples import read_examples, refuse
from serving.local_server.http_bodies import read_request
from serving.local_server.json_answers import write_answer
from serving.local_server.json_requests import read_body, tensors_from_request
from serving.local_server.json_text import indent_json
from serving.local_server.rest_paths import VersionOverflowError, parse_path

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
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class RestSettings(NamedTuple):
    """How the REST API answers.

    Attributes:
      max_request_bytes: largest body that is read; None: as in TensorFlow Serving.
      enable_cors: allow requests from pages of other origins.
      timeout_s: longest run of a model in s.
      strict: answer as TensorFlow Serving also where this server is better (serving/README.md).
    """

    max_request_bytes: int | None = None
    enable_cors: bool = False
    timeout_s: float = 30.0
    strict: bool = False


class RestApi:
    """The REST API as an ASGI application.

    Args:
      manager: the served models.
      batcher: runs the models.
      settings: how it answers.
    """

    def __init__(self, manager: ModelManager, batcher: Batcher, settings: RestSettings) -> None:
        self._manager = manager
        self._batcher = batcher
        self._settings = settings
        self._headers = CORS_HEADERS if settings.enable_cors else {}
        self._json_pool = ThreadPoolExecutor(2, thread_name_prefix="json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope, receive)
        path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8")
        if _BAD_ESCAPE.search(path):
            await _html_error(400, "Bad Request")(scope, receive, send)
            return
        if request.method == "OPTIONS":
            # Answered by the origin alone; browsers need the headers as well.
            status = 200 if request.headers.get("origin", "").startswith(("http://", "https://")) else 400
            await Response(b"", status, self._headers, media_type="text/html")(scope, receive, send)
            return
        if scope["query_string"]:
            path += b"?" + scope["query_string"]
        try:
            body = await self._answer(request, path.decode("latin-1"))
            status = 200
        except ClientDisconnect:
            return
        except VersionOverflowError as overflow:
            body = b""
            status = overflow.http_status
        except Exception as caught:  # noqa: BLE001  all errors use the same JSON format
            error = as_serving_error(caught)
            body = self._write_error(error)
            status = error.http_status
        response = Response(body, status, self._headers, media_type="application/json")
        await response(scope, receive, send)

    def _write_error(self, error):
        if self._settings.strict:
            return indent_json({"error": error.full_message()}).encode("utf-8", "surrogateescape")
        message = error.message.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return json.dumps({"error": message}).encode("utf-8")

    async def _answer(self, request, path):
        choice, verb = parse_path(request.method, path)
        if verb == "status":
            return _indented_json(self._manager.status(choice))
        if verb == "metadata":
            return self._metadata(choice)
        body = await read_request(request, self._settings.max_request_bytes)
        if verb == "predict":
            return await self._predict(choice, body)
        signature = await self._in_thread(len(body) > LARGE_BODY_BYTES, read_examples, body)
        with self._manager.use(choice) as servable:
            raise refuse(verb, servable.definition(signature))

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
            run = self._batcher.run(servable, request.signature, inputs)
            try:
                outputs = await asyncio.wait_for(run, self._settings.timeout_s)
            except asyncio.TimeoutError as error:
                raise ServingError("DEADLINE_EXCEEDED", "Timed out waiting for notification") from error
        is_large = sum(array.size for array in outputs.values()) > LARGE_OUTPUT_VALUES
        return await self._in_thread(is_large, write_answer, outputs, request.row_format, self._settings.strict)

    async def _in_thread(self, is_large, function, *args):
        if not is_large:
            return function(*args)
        return await asyncio.get_running_loop().run_in_executor(self._json_pool, function, *args)


def _html_error(status, reason):
    page = f"<HTML><HEAD><TITLE>{status} {reason}</TITLE></HEAD><BODY><H1>{reason}</H1></BODY></HTML>\n"
    return Response(page, status, media_type="text/html")


def _indented_json(value):
    return (json.dumps(value, indent=1) + "\n").encode("utf-8")


def build_app(
    manager: ModelManager, batcher: Batcher, settings: RestSettings, demo_folder: str = DEMO_FOLDER
) -> Starlette:
    """Returns the ASGI application: the REST API, the demo page, and a redirect from / to the page.

    Args:
      manager: as in `RestApi`.
      batcher: as in `RestApi`.
      settings: as in `RestApi`; if they are strict, there is no page.
      demo_folder: folder of the page's files; if it does not exist, there is no page.
    """
    api = RestApi(manager, batcher, settings)
    # TensorFlow Serving's paths are case-insensitive, so both spellings lead to the API.
    routes: list[BaseRoute] = [Route("/v1/{rest:path}", api), Route("/V1/{rest:path}", api)]
    if os.path.isdir(demo_folder) and not settings.strict:
        # TensorFlow Serving's API does not list the models; the page asks for them here, next to its files.
        routes.append(Route("/demo/models.json", lambda request: JSONResponse({"models": list(manager.names)})))
        routes.append(Mount("/demo", StaticFiles(directory=demo_folder, html=True)))
        routes += [Route(path, lambda request: RedirectResponse("/demo/")) for path in ("/", "/demo")]
    routes.append(Mount("/", _html_error(404, "Not Found")))
    return Starlette(routes=routes)
