"""Live runs without a display: lines, the table, and how they end."""

import csv
import math
import os
import signal

import pytest

from keras_pose import load
from keras_pose.analysis.live import LiveSettings, LiveSummary, run_live
from tests.helpers import coded_videos, live_streams
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return load(write_run(tmp_path_factory.mktemp("runs") / "run")[2])


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """2 seconds of video."""
    return coded_videos.write_numbered(tmp_path_factory.mktemp("live") / "clip.mp4", 50)


def test_without_a_display_there_are_lines_and_a_table(model, clip, tmp_path):
    lines = []
    summary = run_live(model, f"file://{clip}", LiveSettings(out_dir=str(tmp_path / "out")), show=lines.append)
    assert "no window (there is no display)" in lines[0] or "headless" in lines[0]
    assert any("frames/s" in line and "dropped" in line for line in lines[1:-1])
    assert lines[-1].endswith(summary.text())
    assert summary.end_reason == "it ended"
    assert summary.predicted + summary.dropped == 50
    assert summary.predicted > 3
    with open(summary.table, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == summary.predicted * model.skeleton.num_joints
    assert {row["joint"] for row in rows} == set(model.skeleton.joints)
    assert int(rows[-1]["frame"]) == 49
    assert os.path.dirname(summary.table) == str(tmp_path / "out")
    median, high = summary.latency_ms
    assert 0 < median <= high


def test_a_number_of_frames_ends_a_stream(model):
    lines = []
    with live_streams.sent_over_tcp(count=100) as address:
        settings = LiveSettings(window=False, most_frames=3)
        summary = run_live(model, address, settings, show=lines.append)
    assert summary.predicted == 3
    assert summary.end_reason == "3 frames were asked for"
    assert lines[0] == f"{address}: no window (it was not asked for); Ctrl-C ends it"
    assert summary.table == ""


def test_ctrl_c_ends_it_with_a_summary(model, tmp_path):
    clip = coded_videos.write_numbered(tmp_path / "clip.mp4", 500)  # 20 s, so that a busy machine shows a line, too
    lines = []

    def show(line):
        lines.append(line)
        if "frames dropped" in line:
            signal.raise_signal(signal.SIGINT)

    summary = run_live(model, f"file://{clip}", LiveSettings(window=False, look_ahead=1), show=show)
    assert summary.end_reason == "Ctrl-C"
    assert "ended: Ctrl-C" in lines[-1]


def test_a_source_that_is_not_there_is_an_error(model):
    with pytest.raises(ValueError, match="^camera 77: "):
        run_live(model, "77", LiveSettings(window=False), show=list)
    with pytest.raises(ValueError, match="look_ahead"):
        LiveSettings(look_ahead=-1)


def test_a_summary_is_a_line():
    summary = LiveSummary(7, 2, 12.34, (30.4, 41.0), "a.csv", "it ended")
    expected = (
        "7 frames predicted, 2 dropped; 12.3 frames/s, latency 30 ms (95 %: 41 ms); ended: it ended; poses in a.csv"
    )
    assert summary.text() == expected
    unknown = LiveSummary(1, 0, math.nan, (math.nan, math.nan), "", "Ctrl-C")
    assert unknown.text() == "1 frame predicted, 0 dropped; ended: Ctrl-C"
