"""The flags of suggest and merge."""

import pytest

from keras_pose import options
from keras_pose.labelling.config import MergeConfig, SuggestConfig


def make(**flags):
    return options.build(SuggestConfig, {"out_dir": "out", "run_dir": "run", "video": "a.mp4", **flags})


def test_videos_are_files_lists_and_folders_each_once(tmp_path):
    for name in ("b.mp4", "a.AVI", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    config = make(video=(str(tmp_path), f"x.mp4,{tmp_path}/b.mp4"))
    assert config.video_paths == [str(tmp_path / "a.AVI"), str(tmp_path / "b.mp4"), "x.mp4"]


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
