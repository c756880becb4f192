"""The commands suggest and merge, from the command line to the files."""

import pytest

from keras_pose.poses import video_poses
from tests.helpers import suggested_frames
from tests.helpers.module_runs import run_module

pytest.importorskip("tables")


def run(*arguments):
    """Returns (exit status, output, errors)."""
    return run_module(*arguments, TF_CPP_MIN_LOG_LEVEL="3")


def test_suggested_frames_are_merged_into_a_project(tmp_path):
    path = suggested_frames.write_clip(tmp_path / "clip.avi")
    video_poses.save(tmp_path / "clip.npz", suggested_frames.make_poses(path))
    first = tmp_path / "first"
    status, said, errors = run(
        "suggest", f"--poses={tmp_path}/clip.npz", f"--out_dir={first}", "--count=3", "--min_gap=0.1", "--as_labels"
    )
    assert (status, errors) == (0, "")
    assert "wrote 3 frames of 1 video to" in said
    status, said, errors = run("merge", f"--labels={first}", f"--into={tmp_path}/project")
    assert (status, errors) == (0, "")
    assert "merged 3 labelled frames" in said
    status, said, _ = run("merge", f"--labels={first}", f"--into={tmp_path}/project")
    assert (status, "3 the same" in said) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("suggest", "--out_dir=x"), "keras-pose suggest: --video, --poses: expected at least one video"),
        (("merge", "--labels=none", "--into=x"), "keras-pose merge: none: no such file or folder"),
    ],
)
def test_mistakes_are_one_line(arguments, message):
    status, _, errors = run(*arguments)
    assert status == 1
    assert errors.startswith(message)
    assert errors.count("\n") == 1
