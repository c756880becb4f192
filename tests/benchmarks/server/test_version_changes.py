"""Versions change while clients send requests."""

import pytest

from benchmarks.server import processes, version_changes
from tests.helpers.benchmark_rows import find_row
from tests.helpers.fake_model_server import FakeModelServer

pytestmark = pytest.mark.timeout(240)


def test_no_request_fails_while_versions_change(numbered):
    rows = version_changes.measure_versions(numbered, quick=True)
    assert find_row(rows, "failed requests of ").holds
    assert "during 3 publications and roll-backs" in rows[0].what
    assert find_row(rows, "answers meanwhile, 4 clients").value > 0
    assert find_row(rows, "from publication until only that version is served").value > 0


def test_failed_requests_are_counted(numbered, monkeypatch):
    fake = FakeModelServer(lambda count: (200, {"outputs": []}) if count > 1 else (500, {"error": "x"}), pause_s=0.01)
    monkeypatch.setattr(processes, "serve", fake.serve)
    row = find_row(version_changes.measure_versions(numbered, quick=True), "failed requests of ")
    assert row.holds is False
    assert row.value >= 1
