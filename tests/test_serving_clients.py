"""The cheap clients of the benchmark: what they send, and that they notice an answer that is wrong."""

import contextlib
import http.server
import json
import threading

import numpy as np
import pytest

from benchmarks import serving_clients

EXPECTED = {"keypoints": np.array([[[1.0, 2.0]]]), "valid": np.array([[True]])}
GOOD = json.dumps({"outputs": {"keypoints": [[[1.001, 2.0]]], "valid": [[True]]}}).encode()


@contextlib.contextmanager
def answering(answer, headers=None):
    """Serves `answer(body)`, a (status, body); yields its url and the list of (client's port, path, body) received."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_POST(self):  # noqa: N802  the name that the base class asks for
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.client_address[1], self.path, asked))
            status, body = answer(asked)
            self.send_response(status)
            for name, value in (headers or {"Content-Length": len(body)}).items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.flush()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # a client that gives up, as it should

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


def test_each_client_sends_its_body_over_one_connection_and_keeps_every_answer():
    with answering(lambda body: (200, b'{"echo": ' + body + b"}")) as (url, received):
        answers = serving_clients.run(url, [b"1", b"22", b"333"], 5)
    assert [len(of_client) for of_client in answers] == [5, 5, 5]
    for body, of_client in zip((b"1", b"22", b"333"), answers):
        assert {answer.partition(b"\r\n\r\n")[2] for answer in of_client} == {b'{"echo": ' + body + b"}"}
        assert len({port for port, _, asked in received if asked == body}) == 1
    assert {path for _, path, _ in received} == {"/v1/models/pose:predict"}
    assert len(received) == 15


def test_a_long_answer_is_read_whole():
    with answering(lambda body: (200, body * 1_000_000)) as (url, _):
        ((answer,),) = serving_clients.run(url, [b"x"], 1)
    assert answer.endswith(b"x" * 1_000_000)


@pytest.mark.parametrize(
    ("status", "body", "wrong"),
    [
        (200, GOOD, 0),
        (503, GOOD, 3),
        (200, GOOD.replace(b"1.001", b"1.1"), 3),
        (200, GOOD.replace(b"true", b"false"), 3),
        (200, GOOD.replace(b"valid", b"other"), 3),
        (200, GOOD.replace(b"[[true]]", b"[true]"), 3),
        (200, b'{"error": "none"}', 3),
    ],
)
def test_wrong_answers_are_counted(status, body, wrong):
    with answering(lambda _: (status, body)) as (url, _):
        answers = serving_clients.run(url, [b"{}"], 3)
    assert serving_clients.count_wrong(answers, [EXPECTED]) == wrong


@pytest.mark.parametrize(
    ("headers", "error", "says"),
    [
        ({"X": 1}, ValueError, "says its length"),
        ({"Content-Length": len(GOOD) - 1}, ValueError, "received"),
        ({"Content-Length": len(GOOD) + 1, "Connection": "close"}, ConnectionError, "ended"),
    ],
)
def test_an_answer_of_another_length_than_it_says_is_an_error(headers, error, says):
    with answering(lambda _: (200, GOOD), headers) as (url, _), pytest.raises(error, match=says):
        serving_clients.run(url, [b"{}"] * 2, 1)


def test_a_server_that_is_not_there_is_an_error():
    with answering(lambda _: (200, GOOD)) as (url, _):
        pass
    with pytest.raises(OSError, match="refused"):
        serving_clients.run(url, [b"{}"], 1)
