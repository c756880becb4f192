"""The flags of suggest and merge."""

import pytest

from keras_pose import options
from keras_pose.labelling.config import MergeConfig, SuggestConfig


def make(**flags):
    return options.build(SuggestConfig, {"out_dir": "out", "run_dir": "run", "video": "a.mp4", **flags})


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"video": ""}, "--video, --poses: expected at least one video"),
        ({"run_dir": ""}, "--run_dir: must be given"),
        ({"count": 0}, "--count: expected at least 1"),
        ({"to": "paper"}, "--to: expected one of deeplabcut, sleap, labelstudio"),
        ({"choose_by": "luck"}, "--choose_by: expected one of"),
        ({"flow": "none"}, "--flow: expected one of"),
        ({"flow": "guess"}, "--flow: expected one of"),
        ({"around_labels": -1}, "--around_labels: expected at least 0"),
    ],
)
def test_invalid_flags_are_refused(flags, message):
    with pytest.raises(ValueError, match=message):
        make(**flags)


def test_poses_alone_need_no_run():
    assert make(run_dir="", video="", poses="a.npz").pose_paths == ["a.npz"]


def test_merge_needs_both_projects():
    with pytest.raises(ValueError, match="--into: must be given"):
        options.build(MergeConfig, {"labels": "a"})


def test_every_flag_explains_itself():
    for config in (SuggestConfig, MergeConfig):
        assert all(len(flag.help) > 20 for flag in options.flags_of(config))


def test_flags_that_are_given_several_times_are_all_kept():
    config = make(video=("a.mp4", "folder"), poses=("a.npz,b.npz", "c.npz"))
    assert config.videos == ("a.mp4", "folder")
    assert config.pose_paths == ["a.npz", "b.npz", "c.npz"]
