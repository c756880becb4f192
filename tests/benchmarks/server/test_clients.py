"""The cheap clients: what they send, and that they notice a wrong answer."""

import json

import numpy as np
import pytest

from benchmarks.server import clients
from tests.helpers.fake_server import answering

EXPECTED = {"keypoints": np.array([[[1.0, 2.0]]]), "valid": np.array([[True]])}
GOOD = json.dumps({"outputs": {"keypoints": [[[1.001, 2.0]]], "valid": [[True]]}}).encode()


def test_each_client_sends_its_body_over_one_connection_and_keeps_every_answer():
    with answering(lambda request: (200, b'{"echo": ' + request.body + b"}")) as (url, received):
        durations_s = []
        answers = clients.run(url, [b"1", b"22", b"333"], 5, durations_s)
    assert len(durations_s) == 15
    assert all(0 < duration_s < clients.LIMIT_S for duration_s in durations_s)
    assert [len(of_client) for of_client in answers] == [5, 5, 5]
    for body, of_client in zip((b"1", b"22", b"333"), answers):
        assert {answer.partition(b"\r\n\r\n")[2] for answer in of_client} == {b'{"echo": ' + body + b"}"}
        assert len({request.port for request in received if request.body == body}) == 1
    assert {request.path for request in received} == {"/v1/models/pose:predict"}
    assert len(received) == 15


def test_a_long_answer_is_read_whole():
    with answering(lambda request: (200, request.body * 1_000_000)) as (url, _):
        ((answer,),) = clients.run(url, [b"x"], 1)
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
        answers = clients.run(url, [b"{}"], 3)
    assert clients.count_wrong(answers, [EXPECTED]) == wrong


@pytest.mark.parametrize(
    ("headers", "error", "says"),
    [
        ({"X": 1}, ValueError, "states its length"),
        ({"Content-Length": len(GOOD) - 1}, ValueError, "received"),
        ({"Content-Length": len(GOOD) + 1, "Connection": "close"}, ConnectionError, "ended"),
    ],
)
def test_an_answer_of_another_length_than_it_says_is_an_error(headers, error, says):
    with answering(lambda _: (200, GOOD), headers) as (url, _), pytest.raises(error, match=says):
        clients.run(url, [b"{}"] * 2, 1)


def test_a_server_that_is_not_there_is_an_error():
    with answering(lambda _: (200, GOOD)) as (url, _):
        pass
    with pytest.raises(OSError, match="refused"):
        clients.run(url, [b"{}"], 1)
