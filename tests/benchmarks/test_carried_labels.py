"""The benchmark of carried labels."""

import numpy as np

from benchmarks import carried_labels


def test_only_sure_joints_count():
    table = np.array([[1.0, 0.9, 2.0], [9.0, 0.1, 3.0], [np.nan, 0.0, 4.0], [3.0, 0.5, 6.0]])
    rows = {row.what: row.value for row in carried_labels.make_rows({2: table}, 0.2)}
    assert rows == {
        "2 frames away: joints carried": 0.5,
        "2 frames away: error of carried joints": 2.0,
        "2 frames away: error of the net there": 4.0,
    }


def test_a_short_run_reports_every_distance(capsys):
    carried_labels.main(["--quick", "--clips=1"])
    shown = capsys.readouterr().out
    assert all(f"{away} frames away: joints carried" in shown for away in carried_labels.AWAY)
    assert "error of the net" not in shown
