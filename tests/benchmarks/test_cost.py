"""Each case of the cost runs and counts its frames."""

import pytest

from benchmarks import cost


@pytest.mark.slow
def test_each_case_is_timed_by_the_frame(monkeypatch):
    monkeypatch.setattr(cost, "SIDE_PX", 64)
    runs = {**cost.make_runs([64], [2], [3]), **cost.make_video_runs([1], [2])}
    assert {name: frames for name, (_, frames) in runs.items()} == {
        "input 64 px": 1,
        "joints 2": 1,
        "batch 3": 3,
        "stream, n = 1": 1,
        "clip of 2 frames": 2,
    }
    assert runs["batch 3"][0]().shape == (3, cost.JOINTS, 3)
    rows = cost.cost_rows(runs, 1)
    assert [row.what for row in rows] == list(runs)
    assert all(row.value > 0 for row in rows)
