"""Flags of `keras-pose show`."""

import pytest

from keras_pose.showing.config import ShowConfig


def test_the_evaluation_sees_the_same_frames():
    evaluation = ShowConfig("runs/a", data="d", clips="c.txt", eval_dir="e").as_evaluation()
    assert (evaluation.run_dirs, evaluation.data, evaluation.clips) == (["runs/a"], "d", "c.txt")
    assert (evaluation.eval_dir, evaluation.other_frames) == ("e", 0)


def test_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="--frames: expected at least 1, received 0"):
        ShowConfig("r", frames=0)
    with pytest.raises(ValueError, match="--far: expected at most 1"):
        ShowConfig("r", far=2.0)
