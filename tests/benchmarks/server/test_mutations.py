"""Requests with random changes, and the judgement of their answers."""

import random

import pytest

from benchmarks.server import mutations, request_load
from tests.helpers import serving_export
from tests.helpers.fake_model_server import FakeModelServer

PATH = "/v1/models/pose:predict"
IMAGE = serving_export.encode(".jpg", 24, 32)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ((200, {"predictions": []}), None),
        ((200, {"outputs": {}}), None),
        ((400, {"error": "no"}), None),
        ((404, {"error": "no"}), None),
        ((503, {"error": "no"}), "status 503"),
        ((200, {"error": "no"}), "expected one of"),
        ((400, {"outputs": []}), "expected one of"),
        ((200, []), "expected one of"),
        ((200, b"<html>"), "no JSON"),
        ((400, b""), "no JSON"),
    ],
)
def test_find_fault_judges_an_answer(numbered, answer, fault):
    with FakeModelServer(lambda _: answer).serve(numbered) as (url, _), request_load.open_session() as session:
        found = mutations.find_fault(session, url, PATH, b"{}")
    assert found == fault or (fault and fault in found)


def test_find_fault_notices_a_server_that_is_gone(numbered):
    with FakeModelServer(lambda _: (200, {})).serve(numbered) as (url, _):
        pass
    with request_load.open_session() as session:
        assert "no answer" in mutations.find_fault(session, url, PATH, b"{}")


def test_mutations_are_the_same_for_the_same_seed_and_mostly_differ():
    valid = mutations.valid_requests(IMAGE, IMAGE)
    first, again = ([mutations.mutate(c, valid, "pose") for _ in range(200)] for c in map(random.Random, (1, 1)))
    assert first == again
    assert len(set(first)) > 150
    assert valid == mutations.valid_requests(IMAGE, IMAGE)  # not changed in place
