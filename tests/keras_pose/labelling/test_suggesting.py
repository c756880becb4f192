"""From videos to suggested frames, with poses that were predicted before."""

import os

import numpy as np
import pytest

from keras_pose.data.open_source import open_source
from keras_pose.labelling import suggest_checks, suggesting
from keras_pose.labelling.config import SuggestConfig
from keras_pose.poses import video_poses
from tests.helpers import deeplabcut_projects as projects
from tests.helpers import suggested_frames
from tests.helpers.exported_runs import write_run

pytest.importorskip("tables")


@pytest.fixture
def videos(tmp_path):
    """Two videos and their poses; in the first one, frame 6 is uncertain and jumps."""
    found = []
    for index, name in enumerate(("one", "two")):
        path = suggested_frames.write_clip(tmp_path / "videos" / f"{name}.avi", seed=index)
        poses = suggested_frames.make_poses(path, seed=index)
        if name == "one":
            joints, scores = poses.joints.copy(), poses.scores.copy()
            joints[6, 0] += [10, -12]
            scores[6] = 0.05
            poses = poses.replace(joints=joints, scores=scores)
        video_poses.save(tmp_path / f"{name}.npz", poses)
        found.append(str(tmp_path / f"{name}.npz"))
    return tuple(found)


def suggest(out_dir, poses, **flags):
    said = []
    config = SuggestConfig(str(out_dir), poses=poses, **{"min_gap": 0.08, "count": 4, "labels": "none", **flags})
    made = suggesting.suggest(config, suggest_checks.check(config), said.append)
    return made, "\n".join(said)


def label(root, numbers, clip="one"):
    """A project with true labels of some frames."""
    projects.write_config(root, suggested_frames.SKELETON.joints)
    joints = suggested_frames.true_joints()[list(numbers)].reshape(len(numbers), 4)
    columns = projects.header(suggested_frames.SKELETON.joints)
    projects.add_session(root, clip, columns, numbers, joints)
    for number in numbers:
        suggested_frames.write_picture(root / "labeled-data" / clip / f"img{number:02d}.png", number)
    return str(root)


def test_the_worst_frame_is_suggested_and_all_files_are_written(tmp_path, videos):
    made, said = suggest(tmp_path / "out", videos, choose_by="scores")
    assert len(made.frames) == 4
    assert {frame.clip for frame in made.frames} == {"one", "two"}
    best = max(made.frames, key=lambda frame: frame.worth)
    assert (best.clip, best.number) == ("one", 6)
    assert "low confidence" in best.describe()
    assert {"config.yaml", "labeled-data", "suggested.csv", "suggested.png"} <= set(os.listdir(tmp_path / "out"))
    assert "keras-pose merge" in said


def test_the_same_call_gives_the_same_frames(tmp_path, videos):
    first, _ = suggest(tmp_path / "a", videos)
    again, _ = suggest(tmp_path / "b", videos)
    assert [(f.clip, f.number) for f in first.frames] == [(f.clip, f.number) for f in again.frames]
    assert (tmp_path / "a" / "suggested.csv").read_bytes() == (tmp_path / "b" / "suggested.csv").read_bytes()


def test_labelled_frames_are_not_suggested_again(tmp_path, videos):
    project = label(tmp_path / "project", (6, 2))
    made, said = suggest(tmp_path / "out", videos, labels=project, count=30, min_gap=0)
    assert not {("one", 6), ("one", 2)} & {(frame.clip, frame.number) for frame in made.frames}
    assert len(made.frames) == 22
    assert "only 22 frames, of 30, are --min_gap=0 s" in said
    assert os.path.isfile(tmp_path / "out" / "labeled-data" / "one" / "machinelabels.csv")


def test_frames_around_labels_start_from_the_label(tmp_path, videos):
    """The net is wrong about frame 6, the label next to it is right."""
    project = label(tmp_path / "project", (5,))
    made, _ = suggest(tmp_path / "out", videos, labels=project, count=1, around_labels=1, as_labels=True, scorer="Eve")
    near = {frame.number: frame for frame in made.of_clip("one") if frame.carried.any()}
    assert set(near) <= {4, 6}
    assert near[6].carried.all()
    true = suggested_frames.true_joints()
    assert np.linalg.norm(near[6].joints - true[6], axis=-1).max() < 1.0
    clip = {clip.name: clip for clip in open_source(str(tmp_path / "out")).clips}["one"]
    np.testing.assert_allclose(clip.joints[clip.labelled.tolist().index(6)], near[6].joints, atol=0.01)


def test_the_scorer_is_that_of_the_labels(tmp_path, videos):
    project = label(tmp_path / "project", (5,))
    _, said = suggest(tmp_path / "out", videos, labels=project, as_labels=True)
    assert f"keras-pose merge --labels={tmp_path}/out --into={project}" in said
    assert any("CollectedData_AB" in name for name in os.listdir(tmp_path / "out" / "labeled-data" / "two"))


@pytest.mark.parametrize("to", ["sleap", "labelstudio"])
def test_other_tools_are_written(tmp_path, videos, to):
    if to == "sleap":
        pytest.importorskip("sleap_io")
    _, said = suggest(tmp_path / "out", videos, to=to)
    assert {"sleap": "suggested.slp", "labelstudio": "tasks.json"}[to] in said


def test_a_net_predicts_videos_and_one_that_is_none_is_left_out(tmp_path):
    run_dir = write_run(tmp_path / "run")[2]
    path = suggested_frames.write_clip(tmp_path / "v" / "a.avi", 12)
    (tmp_path / "v" / "broken.avi").write_bytes(b"no video")
    config = SuggestConfig(str(tmp_path / "out"), run_dir=run_dir, video=str(tmp_path / "v"), count=2, min_gap=0.08)
    said = []
    made = suggesting.suggest(config, suggest_checks.check(config), said.append)
    assert f"{path}: 12 frames" in said
    assert any(line.startswith("left out: ") and "broken.avi" in line for line in said)  # and the rest goes on
    assert os.listdir(tmp_path / "out" / "poses") == ["a.npz"]
    kept = str(tmp_path / "out" / "poses" / "a.npz")
    again, _ = suggest(tmp_path / "again", kept, count=2)  # the written poses need no run
    assert [frame.number for frame in again.frames] == [frame.number for frame in made.frames]


def test_a_video_that_has_moved_is_found_where_it_is_now(tmp_path, videos):
    moved = tmp_path / "moved" / "one.avi"
    moved.parent.mkdir()
    os.rename(tmp_path / "videos" / "one.avi", moved)
    with pytest.raises(ValueError, match="--poses: their video .* is not there; give its path with --video"):
        suggest(tmp_path / "out", videos[0])
    made, _ = suggest(tmp_path / "out", videos[0], video=str(moved))
    assert made.videos["one"].path == str(moved)


def test_a_new_video_needs_a_run(tmp_path, videos):
    other = suggested_frames.write_clip(tmp_path / "other" / "three.avi")
    with pytest.raises(ValueError, match="--run_dir: must be given to predict .*three.avi"):
        suggest(tmp_path / "out", videos[0], video=other)


def test_nothing_left_to_suggest_is_an_error(tmp_path, videos):
    project = label(tmp_path / "project", tuple(range(12)))
    with pytest.raises(ValueError, match="no frame is left to suggest"):
        suggest(tmp_path / "out", videos[0], labels=project)
