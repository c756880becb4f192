"""Asking a server for the gesture of a clip."""

import contextlib
import json

import numpy as np
import pytest

from examples.gestures import ask
from tests.helpers import fake_server

FRAMES = np.zeros((2, 4, 4, 3), np.uint8)


ANSWER = json.dumps({"outputs": {"probabilities": [[0.25, 0.75]], "names": [["down", "up"]]}}).encode()


@contextlib.contextmanager
def serve(body, length=None, status=200):
    """Yields the URL of a model at a server that gives one answer to every request."""
    headers = {"Content-Length": length or len(body), "Connection": "close"}
    with fake_server.answering(lambda request: (status, body), headers) as (url, _):
        yield f"{url}/v1/models/gestures"


def test_a_proxy_is_not_used_for_this_machine(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serve(ANSWER) as url:
        assert ask.ask(url, FRAMES) == {"up": 0.75, "down": 0.25}
        with pytest.raises(OSError, match="no answer"):  # the proxy, which is none, is asked for other machines
            ask.ask("http://example.invalid/v1/models/gestures", FRAMES)


@pytest.mark.parametrize(
    "body",
    [
        b"hello",
        b"[" * 100_000,
        b"[]",
        b'{"predictions": []}',
        b'{"outputs": [[0.5]]}',
        b'{"outputs": {"keypoints": []}}',
        b'{"outputs": {"probabilities": [["high"]], "names": [["up"]]}}',
    ],
)
def test_the_answer_of_another_model_is_an_error(body):
    with (
        serve(body) as url,
        pytest.raises(ValueError, match="expected the answer of a gesture model, received"),
    ):
        ask.ask(url, FRAMES)


@pytest.mark.parametrize("status", [200, 400])
def test_an_incomplete_answer_is_an_error(status):
    with serve(ANSWER, 2 * len(ANSWER), status) as url, pytest.raises(OSError, match="no answer: IncompleteRead"):
        ask.ask(url, FRAMES)
