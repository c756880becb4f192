"""Rows of the benchmark of motion."""

import pytest

from benchmarks import motion_statistics
from benchmarks.motion import wrists
from keras_pose.data.importers import signers
from tests.helpers.exported_runs import write_run


def test_each_version_stands_beside_filmed_wrists():
    rows = motion_statistics.motion_rows(None, 4)
    assert [row.value for row in rows[:6]] == list(wrists.REAL)
    assert len(rows) == 6 + 2 * 12
    assert rows[-1].value == pytest.approx(rows[-2].value / wrists.REAL[-1])
    assert rows[-2].what.startswith("signers2, 168 windows: step, 90th")


def test_errors_of_a_net_are_followed(tmp_path):
    run = write_run(tmp_path / "run", data="signers:train:2")[2]
    source = signers.read("signers2:validation:1", num_frames=12, size_hw=(64, 64))
    wrong, lasting, brief = motion_statistics.persistence_rows("signers2", run, source, source.clips)
    assert 0 < wrong.value <= 1
    assert lasting.low <= lasting.value <= lasting.high
    assert 0 <= brief.value <= 1
