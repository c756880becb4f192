"""JHMDB as clips: small folders in the official layout, and the real clips where they are there."""

import os
import time

import numpy as np
import pytest
import scipy.io

from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.data.importers import matlab_files
from keras_pose.data.importers.jhmdb import dataset
from keras_pose.data.open_source import open_source
from tests.helpers import jhmdb_folders, matlab_v73

FIRST, SECOND, THIRD = jhmdb_folders.CLIPS


@pytest.mark.parametrize("pictures", [True, False])
def test_labels_and_frames(tmp_path, pictures):
    source = open_source(jhmdb_folders.write(tmp_path, pictures=pictures))
    assert [clip.name for clip in source.clips] == sorted(jhmdb_folders.CLIPS)
    assert source.problems == source.notes == ()
    assert source.summary == ""
    clip = next(clip for clip in source.clips if clip.name == THIRD)
    assert clip.labelled.tolist() == [0, 1, 2, 3]
    assert clip.has_neighbours(3)
    np.testing.assert_allclose(clip.joints, jhmdb_folders.joints_of(THIRD, 4).transpose(2, 1, 0) - 0.5)
    assert clip.frames.size_hw == jhmdb_folders.SIZE_HW
    read = clip.frames.read([0, 3])[:, 0, 0, 0].astype(int)
    assert np.abs(read - [20, 50]).max() <= (0 if pictures else 3)
    assert (clip.group, clip.part, clip.session) == ("Hello_[@]_wave", "train", THIRD)
    assert {clip.group for clip in source.clips} == {"Big_Film", "Hello_[@]_wave"}


def test_names_of_joints():
    assert dataset.JOINTS[:5] == ("neck", "belly", "head", "right_shoulder", "left_shoulder")
    assert dataset.JOINTS[-2:] == ("right_ankle", "left_ankle")
    skeleton = dataset.make_skeleton("s", dataset.JOINTS, dataset._EDGES)
    assert {joint for edge in skeleton.edges for joint in edge} == set(dataset.JOINTS)
    assert len(skeleton.edges) == len(dataset.JOINTS) - 1
    assert len(skeleton.flip_pairs) == 6


def test_titles_may_repeat_the_action():
    assert dataset.find_title("catch/How_to_catch_a_ball_catch_f_nm_np1_ri_goo_0") == "How_to_catch_a_ball"
    assert dataset.find_title("wave/other name") == "other name"


def test_a_split_reads_its_clips_only(tmp_path):
    jhmdb_folders.write(tmp_path)
    source = open_source(tmp_path, split="sub1")
    assert {clip.name: clip.part for clip in source.clips} == {SECOND: "train", THIRD: "test"}
    assert source.notes == ("split sub1: 1 of 3 clips are not in it and not used",)
    with pytest.raises(ValueError, match="--split=authors:2: expected one of its splits 1, sub1"):
        open_source(tmp_path, split="2")


def test_the_split_of_the_authors_by_flags(tmp_path):
    config = DataConfig(source=str(jhmdb_folders.write(tmp_path)), split="authors", validation_fraction=0.5)
    source = selection.open_data(config.source, config)
    assert source.notes == ()
    split = selection.split_data(source, config)
    assert [clip.name for clip in split.test] == [SECOND]
    assert len(split.train) == len(split.validation) == 1


def test_a_random_split_of_a_set_with_parts_is_pointed_out(tmp_path):
    source = selection.open_data(str(jhmdb_folders.write(tmp_path)), DataConfig())
    (note,) = source.notes
    assert "divided its clips (train 2, test 1): --split=authors follows them" in note


def test_joints_outside_the_frame_are_left_out(tmp_path):
    jhmdb_folders.write(tmp_path)
    path = tmp_path / "joint_positions" / FIRST / "joint_positions.mat"
    joints = jhmdb_folders.joints_of(FIRST, 4)
    joints[0, 4, 1] = 32.4  # 31.9 from the centre of the first pixel; the frame ends at 31.5
    joints[1, 5] = -0.2
    joints[:, :, 3] = 500
    scipy.io.savemat(path, {"pos_img": joints})
    source = open_source(tmp_path)
    clip = next(clip for clip in source.clips if clip.name == FIRST)
    assert clip.labelled.tolist() == [0, 1, 2]
    assert np.argwhere(clip.visibility == 0).tolist() == [[0, 5], [1, 4], [1, 5], [2, 5]]
    assert source.summary.startswith("19 of 180 labelled joints lie outside their frame, where the set extrapolates")
    kept = selection.open_data(str(tmp_path), DataConfig(outside="hidden"))
    assert (next(clip for clip in kept.clips if clip.name == FIRST).visibility[3] == 1).all()


def test_a_clip_without_frames_is_a_problem_that_says_where_they_belong(tmp_path):
    jhmdb_folders.write(tmp_path, pictures=False)
    os.remove(tmp_path / "videos" / f"{FIRST}.avi")
    with pytest.raises(ValueError, match=rf"the frames of {FIRST} are missing; they belong in Rename_Images/<action>"):
        selection.open_data(str(tmp_path), DataConfig())
    assert len(selection.open_data(str(tmp_path), DataConfig(on_bad_label="skip")).clips) == 2


def test_no_frames_at_all_are_refused(tmp_path):
    jhmdb_folders.write_joints(tmp_path, FIRST, jhmdb_folders.joints_of(FIRST, 2))
    with pytest.raises(
        ValueError, match="no labelled frame can be read .1 problem.: .*the frames of .* are missing; they belong in"
    ):
        open_source(tmp_path)


def test_splits_that_are_missing_are_named(tmp_path):
    jhmdb_folders.write(tmp_path)
    os.remove(tmp_path / "splits" / "wave_test_split1.txt")
    with pytest.raises(ValueError, match=r"--split=authors:1: missing splits/wave_test_split1.txt"):
        open_source(tmp_path, split="")
    for folder in ("splits", "sub_splits"):
        (tmp_path / folder).rename(tmp_path / f"old_{folder}")
    with pytest.raises(ValueError, match=r"found none; unpack splits.zip or sub_splits.zip into this folder"):
        open_source(tmp_path, split="")
    assert len(open_source(tmp_path).clips) == 3


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"pos": np.ones((2, 15, 4))}, "expected the variable pos_img, found none"),
        ({"pos_img": np.ones((2, 13, 4))}, r"pos_img: expected numbers \[2 x 15 x any\], found numbers \[2 x 13 x 4\]"),
        ({"pos_img": "text"}, "pos_img: expected numbers"),
    ],
)
def test_files_of_another_content_are_problems(tmp_path, variables, message):
    jhmdb_folders.write(tmp_path)
    scipy.io.savemat(tmp_path / "joint_positions" / FIRST / "joint_positions.mat", variables)
    with pytest.raises(ValueError, match=message):
        selection.open_data(str(tmp_path), DataConfig())


def test_files_of_version_7_3_are_read(tmp_path):
    jhmdb_folders.write(tmp_path)
    joints = jhmdb_folders.joints_of(FIRST, 4)
    matlab_v73.write(tmp_path / "joint_positions" / FIRST / "joint_positions.mat", {"pos_img": joints})
    clip = next(clip for clip in open_source(tmp_path).clips if clip.name == FIRST)
    np.testing.assert_allclose(clip.joints, joints.transpose(2, 1, 0) - 0.5)


def test_labels_past_the_end_of_a_video_are_reported(tmp_path):
    jhmdb_folders.write(tmp_path, pictures=False)
    jhmdb_folders.write_video(tmp_path, FIRST, 3)
    with pytest.raises(ValueError, match="joint_positions.mat: frame 4: frame 3 does not exist, the clip has 3 frames"):
        selection.open_data(str(tmp_path), DataConfig())


def test_real_clips_open_in_seconds(shared_data):
    start = time.monotonic()
    config = DataConfig(source=str(shared_data / "jhmdb"), split="authors:upper", every_label=3)
    source = selection.open_data(config.source, config)
    assert time.monotonic() - start < 20
    split = selection.split_data(source, config)
    assert len(split.test) == 21
    assert len(split.train) + len(split.validation) == 155
    assert "of 91995 labelled joints lie outside their frame" in source.summary
    names = (shared_data / "jhmdb" / "test_upper.txt").read_text().split("\n")
    assert {clip.name for clip in split.test} == {name for name in names if name}


def test_people_of_real_clips_stand_upright_and_show_their_sides(shared_data):
    """Heads above bellies above ankles; of people seen from the front, the right shoulder is on the picture's left."""
    clips = open_source(shared_data / "jhmdb").clips
    joints = {name: np.concatenate([clip.joints[:, j] for clip in clips]) for j, name in enumerate(dataset.JOINTS)}
    for upper, lower in (("head", "neck"), ("neck", "belly"), ("belly", "right_knee"), ("left_knee", "left_ankle")):
        below = joints[lower][:, 1] > joints[upper][:, 1]
        known = ~np.isnan(joints[lower] + joints[upper]).any(-1)
        assert below[known].mean() > 0.75, (upper, lower)
    front = [clip for clip in clips if "_fr_" in clip.name]
    right, left = (
        np.concatenate([c.joints[:, dataset.JOINTS.index(f"{side}_shoulder"), 0] for c in front])
        for side in ("right", "left")
    )
    known = ~np.isnan(right + left)
    assert (right < left)[known].mean() > 0.9


def test_an_original_file_says_where_its_coordinates_count_from(shared_data):
    """`pos_world` is 0 in the middle of the frame, at `pos_img` 160 of 320: half a px more than the centre 159.5."""
    path = shared_data / "annotation_files" / "jhmdb_original_clip" / "joint_positions.mat"
    variables = matlab_files.read(path).variables
    middle = (variables["pos_img"][0] / 320 - 0.5) * 320 / 240
    scale = (middle / variables["pos_world"][0]).ravel()
    assert np.ptp(scale) < 1e-9
    halves = (variables["pos_img"] % 1 == 0.5).all((0, 1))
    assert halves.sum() == 10  # frames in which every coordinate was clicked


@pytest.mark.parametrize("pictures", [True, False])
def test_clips_without_joints_are_told(tmp_path, pictures):
    root = jhmdb_folders.write(tmp_path, pictures=pictures)
    (root / "joint_positions" / jhmdb_folders.CLIPS[1] / "joint_positions.mat").unlink()
    [note] = open_source(root).notes
    assert note.startswith(f"1 clip with frames but without joints, such as {jhmdb_folders.CLIPS[1]}: not used")
    assert "joint_positions/<action>/<clip>/joint_positions.mat" in note
