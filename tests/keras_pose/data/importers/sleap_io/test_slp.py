"""SLEAP files that sleap-io wrote: joints, visibility, user labels, videos, images inside, damage."""

import os

import cv2
import numpy as np
import pytest

from keras_pose.data import validation
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.open_source import open_source
from keras_pose.media.video import VideoFrames
from tests.helpers import sleap_labels
from tests.helpers.sleap_labels import FRAMES, JOINTS, SIZE_HW, points_of, sio


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with clip.avi, labels.slp and labels.pkg.slp."""
    folder = tmp_path_factory.mktemp("sleap")
    labels = sleap_labels.make_labels(sleap_labels.write_clip(folder))
    sio.save_slp(labels, str(folder / "labels.slp"))
    sio.save_slp(labels, str(folder / "labels.pkg.slp"), embed="user", verbose=False)
    return folder


def check_labels(clip):
    np.testing.assert_array_equal(clip.labelled, FRAMES[:2])
    np.testing.assert_array_equal(clip.visibility, [[VISIBLE, VISIBLE, UNLABELLED, HIDDEN]] * 2)
    for row, number in enumerate(FRAMES[:2]):
        np.testing.assert_allclose(clip.joints[row], points_of(number)[:, :2], atol=1e-4)


def test_labels_of_a_video_with_names_order_and_pairs(project):
    source = validation.validate(open_source(project / "labels.slp"))
    assert source.skeleton.joints == JOINTS
    assert source.skeleton.flip_pairs == (("left_ear", "right_ear"),)
    assert source.skeleton.edges == (("nose", "tail"),)
    (clip,) = source.clips
    assert clip.name == "clip"
    assert clip.frames.num_frames == 8
    check_labels(clip)
    assert abs(clip.frames.read([5]).mean() - 125) < 3


def test_predictions_are_left_out_and_counted(project):
    source = open_source(project / "labels.slp")
    assert "read 2 of 3 annotations in 2 images; left out: 1 of predictions (correct them" in source.summary
    assert "clip.avi frame 6: of predictions" in source.skipped[0]


def test_a_file_of_predictions_alone_is_refused(tmp_path):
    labels = sleap_labels.make_labels(sleap_labels.write_clip(tmp_path), frames=(3,))
    sio.save_slp(labels, str(tmp_path / "p.slp"))
    with pytest.raises(ValueError, match=r"p.slp: expected labels of a person, found only predictions \(1\): correct"):
        open_source(tmp_path / "p.slp")


def test_the_largest_person_of_a_frame_is_read(tmp_path):
    labels = sleap_labels.make_labels(sleap_labels.write_clip(tmp_path))
    small = sio.Instance.from_numpy(points_of(2)[:, :2] / 4, skeleton=labels.skeleton)
    labels.labeled_frames[0].instances.insert(0, small)
    sio.save_slp(labels, str(tmp_path / "two.slp"))
    source = open_source(tmp_path / "two.slp")
    check_labels(source.clips[0])
    assert "1 of smaller people than another in the same frame" in source.summary


def test_joints_that_nobody_placed_are_unlabelled(tmp_path):
    labels = sleap_labels.make_labels(sleap_labels.write_clip(tmp_path))
    labels.labeled_frames[0].instances[0].points["complete"] = False
    sio.save_slp(labels, str(tmp_path / "a.slp"))
    source = open_source(tmp_path / "a.slp")
    np.testing.assert_array_equal(source.clips[0].visibility[:, 3], [UNLABELLED, HIDDEN])
    assert "1 joint is marked as not visible and were not placed" in source.notes[0]


def test_images_inside_are_read_without_the_video(tmp_path):
    path = sleap_labels.write_clip(tmp_path)
    sio.save_slp(sleap_labels.make_labels(path), str(tmp_path / "moved.pkg.slp"), embed="user", verbose=False)
    os.remove(path)
    source = validation.validate(open_source(tmp_path / "moved.pkg.slp"))
    (clip,) = source.clips
    check_labels(clip)
    assert clip.name == "clip"
    assert clip.frames.num_frames is None
    assert clip.frames.size_hw == SIZE_HW
    assert "not found, so the images inside the file are read" in source.notes[0]
    assert abs(clip.frames.read([2]).mean() - 50) < 3


def test_the_video_of_images_inside_is_read_if_it_shows_the_same(project, tmp_path):
    (clip,) = open_source(project / "labels.pkg.slp").clips
    assert isinstance(clip.frames, VideoFrames)
    check_labels(clip)
    assert clip.name == "clip"


def test_another_video_of_that_name_is_not_taken(tmp_path):
    path = sleap_labels.write_clip(tmp_path)
    sio.save_slp(sleap_labels.make_labels(path), str(tmp_path / "a.pkg.slp"), embed="user", verbose=False)
    bright = [np.full((*SIZE_HW, 3), 250, np.uint8)] * 8
    os.remove(path)
    sleap_labels.write_video(path, bright, 25.0)
    source = open_source(tmp_path / "a.pkg.slp")
    assert source.clips[0].frames.num_frames is None
    assert "clip.avi: frame 2 shows another picture, so the images inside the file are read" in source.notes[0]


def test_a_list_of_images_is_a_clip_without_neighbours(tmp_path):
    paths = []
    for number in range(8):
        paths.append(str(tmp_path / "shots" / f"{number}.png"))
        os.makedirs(tmp_path / "shots", exist_ok=True)
        cv2.imwrite(paths[-1], np.full((*SIZE_HW, 3), 10 * number, np.uint8))
    sio.save_slp(sleap_labels.make_labels(paths), str(tmp_path / "a.slp"))
    os.remove(paths[5])
    source = open_source(tmp_path / "a.slp")
    (clip,) = source.clips
    assert clip.name == "shots"
    np.testing.assert_array_equal(clip.labelled, [2])
    assert clip.frames.read([2]).mean() == 20
    assert "5.png" in source.problems[0].message
    with pytest.raises(ValueError, match="found neither there nor in a folder below"):
        validation.validate(source)


def test_a_missing_video_is_one_line_that_says_where_it_was_searched(project, tmp_path):
    labels = sleap_labels.make_labels(sleap_labels.write_clip(tmp_path))
    sio.save_slp(labels, str(tmp_path / "a.slp"))
    os.remove(tmp_path / "clip.avi")
    with pytest.raises(
        ValueError, match=r"a.slp: none of its 1 images and videos was found: expected .*clip.avi' in "
    ) as e:
        open_source(tmp_path / "a.slp")
    assert "set --image_dir" in str(e.value)
    source = open_source(tmp_path / "a.slp", image_dir=str(project))
    check_labels(source.clips[0])


@pytest.mark.parametrize("length", [0, 7, 500, 4000])
def test_truncated_files_are_refused(project, tmp_path, length):
    data = (project / "labels.slp").read_bytes()
    (tmp_path / "cut.slp").write_bytes(data[:length])
    with pytest.raises(ValueError, match="cut.slp: expected SLEAP labels"):
        open_source(tmp_path / "cut.slp")


def test_other_content_is_refused(tmp_path):
    (tmp_path / "text.slp").write_text("frame,x,y\n1,2,3\n")
    with pytest.raises(ValueError, match=r"text.slp: expected SLEAP labels \(HDF5\), but the file begins otherwise"):
        open_source(tmp_path / "text.slp")
    import h5py

    with h5py.File(tmp_path / "other.slp", "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(ValueError, match="other.slp: expected SLEAP labels, but it cannot be read"):
        open_source(tmp_path / "other.slp")
