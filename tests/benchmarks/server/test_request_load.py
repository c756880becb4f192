"""Requests without a pause."""

import threading
import time

import cv2
import numpy as np
import pytest
import requests

from benchmarks.server import request_load
from tests.helpers.fake_server import answering


def test_a_load_notes_answers_and_errors():
    def answer(request):
        return 200 if request.number % 2 else 500, {"outputs": request.number}

    def ask(session):
        return request_load.ask(session, url, b"{}")["outputs"] > 0

    with answering(answer) as (url, _), request_load.Load(ask, threads=2) as load:
        while len(load.answers_s) < 10:
            time.sleep(0.01)
    assert load.seen == {True}
    assert any("500" in fault for fault in load.faults)


def test_a_request_without_an_answer_is_a_fault(monkeypatch):
    monkeypatch.setattr(request_load, "ANSWER_S", 0.2)
    answer = threading.Event()
    with request_load.Load(lambda _: answer.wait(60), threads=2) as load:
        pass
    answer.set()
    assert load.faults == ["no answer within 0.2 s"] * 2


def test_a_prediction_is_sent_to_the_model_and_errors_are_raised():
    answers = iter([(200, {"outputs": []}), (503, {"error": "no"})])
    with answering(lambda _: next(answers)) as (url, received), request_load.open_session() as session:
        assert request_load.ask(session, url, {"a": 1}) == {"outputs": []}
        with pytest.raises(requests.HTTPError):
            request_load.ask(session, url, b"{}")
    assert [(request.path, request.body) for request in received] == [
        ("/v1/models/pose:predict", b'{"a": 1}'),
        ("/v1/models/pose:predict", b"{}"),
    ]


def test_images_are_different_jpegs_of_one_size():
    pictures = [cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR) for image in request_load.make_images(2)]
    assert [picture.shape for picture in pictures] == [(*request_load.IMAGE_HW, 3)] * 2
    assert (pictures[0] != pictures[1]).any()
