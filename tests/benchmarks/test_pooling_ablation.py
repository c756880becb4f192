"""Arguments and rows of the ablation of poolings."""

import dataclasses

import pytest

from benchmarks import pooling_ablation
from keras_pose.data.synthetic.signers import SKELETON
from tests.helpers.predictions import make_predictions


@pytest.mark.parametrize(
    "argument", ["--flows=none,brox", "--poolings=mean", "--windows=a", "--windows=0,1", "--clips=1"]
)
def test_invalid_arguments_are_refused(argument, capsys):
    with pytest.raises(SystemExit):
        pooling_ablation.parse_arguments(["--net=a", argument])
    assert argument.split("=")[0] in capsys.readouterr().err


def test_arguments_and_their_defaults(capsys):
    full = pooling_ablation.parse_arguments(["--net=a"])
    assert (full.clips, full.test_clips, full.windows) == (200, 150, [1, 2, 5, 10, 14])
    assert full.flows == ["none", "dis_medium", "variational", "in_graph", "true", "joints"]
    quick = pooling_ablation.parse_arguments(["--net=a", "--quick", "--windows=2,1", "--trained=b,c"])
    assert (quick.clips, quick.windows, quick.trained) == (12, [1, 2], ["b", "c"])
    assert full.work_dir != quick.work_dir
    with pytest.raises(SystemExit):
        pooling_ablation.parse_arguments([])
    assert "--net" in capsys.readouterr().err


def test_rows_have_the_difference_from_the_single_frame_and_the_targets():
    single = make_predictions(8)
    worse = [dataclasses.replace(clip, predicted=clip.predicted + 30) for clip in single]
    better = [dataclasses.replace(clip, predicted=clip.truth) for clip in single]
    cells = {("none", "max", 1): worse, pooling_ablation.TARGET_CELL: better}
    rows = pooling_ablation.make_rows(single, cells, {"joint": better}, SKELETON)
    by_name = {row.what: row for row in rows}
    assert by_name["parametric, n = 5, dis_medium flow: wrists"].value == 1
    assert by_name["max, n = 1, without flow: elbows − single frame"].high < 0
    gain = by_name["trained: joint: wrists − single frame"]
    assert gain.value == pytest.approx(1 - by_name["single frame: wrists"].value)
    aimed = [(row.what, row.target, row.holds) for row in rows if row.target]
    what = "parametric, n = 5, dis_medium flow: wrists − single frame"
    assert aimed == [(what, ">= 0.03", True), (what, "> 0", True)]
    assert not any(row.target for row in pooling_ablation.make_rows(single, cells, {}, SKELETON, targets=False))
