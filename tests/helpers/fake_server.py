"""A small HTTP server with answers that a test provides."""

from __future__ import annotations

import collections
import contextlib
import http.server
import json
import threading
from typing import NamedTuple


class Request(NamedTuple):
    """A received request.

    Attributes:
      method: "GET" or "POST".
      path: path of the URL.
      body: content of the request.
      number: counts the requests of this method, from 1.
      port: the client's port.
    """

    method: str
    path: str
    body: bytes
    number: int
    port: int


@contextlib.contextmanager
def answering(answer, headers=None):
    """Runs the server on a free port.

    Args:
      answer: function from a `Request` to (status, bytes or a value that becomes JSON).
      headers: dict of the headers of each answer; default: Content-Length.

    Yields:
      (url, received): str, and the list of `Request`s so far.
    """
    received = []
    counts = collections.Counter()
    lock = threading.Lock()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20
        disable_nagle_algorithm = True

        def do_GET(self):  # noqa: N802  the name that the base class requires
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                counts[self.command] += 1
                request = Request(self.command, self.path, body, counts[self.command], self.client_address[1])
                received.append(request)
            self._send(*answer(request))

        do_POST = do_GET  # noqa: N815

        def _send(self, status, body):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (headers or {"Content-Length": len(data)}).items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # a client that closes the connection is no error

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)
