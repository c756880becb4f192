"""Arguments and rows of the comparison of temporal kinds."""

import dataclasses

import numpy as np
import pytest

from benchmarks import temporal
from benchmarks.pooling.temporal_cells import SINGLE, Cell
from keras_pose.data.synthetic.signers import SKELETON
from tests.helpers.predictions import make_predictions

NEEDED = ["--net=a", "--data=b"]


@pytest.mark.parametrize("argument", ["--flows=none,brox", "--kinds=mean", "--windows=a", "--strides=0", "--every=0"])
def test_invalid_arguments_are_refused(argument, capsys):
    with pytest.raises(SystemExit):
        temporal.parse_arguments([*NEEDED, argument])
    assert argument.split("=")[0] in capsys.readouterr().err


def test_arguments_and_their_defaults():
    full = temporal.parse_arguments(NEEDED)
    assert full.flows[:2] == ["none", "shift"]
    assert full.flows[-1] == "joints"
    assert (full.windows, full.strides) == ([5, 10], [1])
    assert "none" not in full.kinds
    quick = temporal.parse_arguments([*NEEDED, "--quick", "--windows=2,1"])
    assert (quick.flows, quick.windows, quick.fit_steps) == (["none", "shift"], [1, 2], temporal.QUICK_STEPS)


def test_rows_are_differences_from_the_single_frame_in_points():
    single = make_predictions(8)
    better = [dataclasses.replace(clip, predicted=clip.truth) for clip in single]
    cell = Cell("dis_fast", "sum", 5, 3)
    rows = {row.what: row for row in temporal.make_rows({SINGLE: single, cell: better}, SKELETON)}
    alone = rows["wrist, 5 % of the frame: single frame"]
    gain = rows["wrist, 5 % of the frame: sum, dis_fast, n = 5, every 3 frames"]
    assert gain.value == pytest.approx(100 * (1 - alone.value))
    assert gain.low > 0
    assert not any("torso" in what for what in rows)
    table = temporal.format_markdown(list(rows.values())).splitlines()
    assert table[0].startswith("| | all joints, 5 % of the frame | head, ")
    assert table[3].startswith("| sum, dis_fast, n = 5, every 3 frames | +")
    assert len({line.count("|") for line in table}) == 1


def test_the_torso_counts_if_its_joints_are_labelled():
    hips = {f"{side}_hip": np.full((3, 2), 90.0) for side in ("left", "right")}
    single = [dataclasses.replace(clip, landmarks=hips) for clip in make_predictions(6)]
    rows = temporal.make_rows({SINGLE: single}, SKELETON)
    assert [row.what for row in rows if row.what.startswith("all joints")] == [
        "all joints, 5 % of the frame: single frame",
        "all joints, 0.2 torso: single frame",
    ]
