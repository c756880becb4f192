"""Faults are counted and printed when requests with random changes are sent."""

import pytest

from benchmarks.server import mutations, processes, robustness
from tests.helpers.benchmark_rows import find_row
from tests.helpers.fake_model_server import FakeModelServer

pytestmark = pytest.mark.timeout(240)


@pytest.mark.slow
def test_the_local_server_answers_every_mutated_request(version, one_server):
    rows = robustness.measure_mutated(version, quick=True)
    assert find_row(rows, "of 300 mutated requests").holds
    assert find_row(rows, "server alive").holds
    assert find_row(rows, "slowest").value < mutations.LIMIT_S


def test_wrong_answers_are_counted(numbered, monkeypatch, capsys):
    wrong = [(500, {"error": "x"}), (200, {"error": "x"}), (400, b"<html>"), (200, {"outputs": [], "more": 1})]
    fake = FakeModelServer(lambda count: wrong[count - 1] if count <= len(wrong) else (400, {"error": "no"}))
    monkeypatch.setattr(processes, "serve", fake.serve)
    row = find_row(robustness.measure_mutated(numbered, quick=True), "of 300 mutated requests")
    assert row.holds is False
    assert row.value == 296
    assert capsys.readouterr().out.count("fault: ") == 4
