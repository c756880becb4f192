"""Predicted labels as files: a table that pandas and DeepLabCut's readers understand, and a SLEAP file."""

import dataclasses
import os

import cv2
import numpy as np
import pandas as pd
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.open_source import open_source
from keras_pose.evaluation.predicted_labels import write_predicted_labels
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.media.video import VideoFrames
from keras_pose.media.video_writer import write_video
from keras_pose.skeleton import Skeleton

EARS = Skeleton("ears", ("nose", "left_ear", "right_ear"), (("left_ear", "right_ear"),), (("nose", "left_ear"),))


def predict(clip, seed=0):
    rng = np.random.default_rng(seed)
    shape = clip.visibility.shape
    joints = rng.uniform(0, 20, (*shape, 2)).astype(np.float32)
    scores = rng.uniform(0, 1, shape).astype(np.float32)
    return ClipPredictions(clip.name, clip.labelled, joints, scores, clip.joints, clip.visibility)


def label(name, frames, positions):
    count = len(positions)
    return Clip(name, frames, positions, np.ones((count, 3, 2)), np.full((count, 3), 2))


@pytest.fixture
def clips(tmp_path):
    """A video, two images, and a clip that is in no file."""
    write_video(tmp_path / "film.avi", [np.zeros((20, 24, 3), np.uint8)] * 6, 25)
    for name in ("img07.png", "other.png"):
        cv2.imwrite(str(tmp_path / name), np.zeros((20, 24, 3), np.uint8))
    return {
        "film": label("film", VideoFrames(tmp_path / "film.avi"), [1, 4]),
        "shots": label("shots", ImageFrames({7: tmp_path / "img07.png", 9: tmp_path / "other.png"}), [7, 9]),
        "drawn": label("drawn", ArrayFrames(np.zeros((3, 20, 24, 3), np.uint8)), [2]),
    }


def test_the_table_has_names_order_positions_and_scores(tmp_path, clips):
    found = [predict(clip, number) for number, clip in enumerate(clips.values())]
    written = write_predicted_labels(tmp_path / "out", "test", found, clips, EARS, "my run")
    table = pd.read_csv(written[0], header=[0, 1, 2], index_col=[0, 1, 2])
    assert list(table.index) == [
        ("labeled-data", "film", "img000001.png"),
        ("labeled-data", "film", "img000004.png"),
        ("labeled-data", "shots", "img07.png"),
        ("labeled-data", "shots", "other.png"),
        ("labeled-data", "drawn", "img000002.png"),
    ]
    assert [column[1:] for column in table.columns[:4]] == [
        ("nose", "x"),
        ("nose", "y"),
        ("nose", "likelihood"),
        ("left_ear", "x"),
    ]
    assert {column[0] for column in table.columns} == {"keras_pose_my-run"}
    values = table.to_numpy().reshape(5, 3, 3)
    expected = np.concatenate([np.concatenate([f.predicted, f.scores[..., None]], -1) for f in found])
    np.testing.assert_allclose(values, expected, atol=1e-4)


def test_the_sleap_file_holds_predictions_on_the_files(tmp_path, clips):
    sio = pytest.importorskip("sleap_io", reason="sleap-io is not installed (requirements/formats.txt)")
    found = [predict(clip) for clip in clips.values()]
    _, path = write_predicted_labels(tmp_path / "out", "test", found, clips, EARS, "run")
    labels = sio.load_slp(path)
    assert labels.skeleton.node_names == list(EARS.joints)
    assert len(labels.labeled_frames) == 4  # those that are in files
    assert [frame.frame_idx for frame in labels.labeled_frames] == [1, 4, 0, 1]
    for frame, joints in zip(labels.labeled_frames, np.concatenate([f.predicted for f in found[:2]])):
        (person,) = frame.instances
        assert isinstance(person, sio.PredictedInstance)
        np.testing.assert_allclose(person.numpy(), joints, atol=1e-4)
    assert os.path.samefile(labels.videos[0].filename, tmp_path / "film.avi")
    assert labels.labeled_frames[0].image.shape[:2] == (20, 24)
    assert labels.labeled_frames[3].image.shape[:2] == (20, 24)
    with pytest.raises(ValueError, match=r"found only predictions \(4\)"):
        open_source(path)


@pytest.mark.parametrize("ending", [".mpg", ".MTS"])
def test_the_sleap_file_names_videos_that_sleap_io_does_not_open(tmp_path, clips, ending):
    sio = pytest.importorskip("sleap_io", reason="sleap-io is not installed (requirements/formats.txt)")
    os.rename(tmp_path / "film.avi", tmp_path / f"film{ending}")
    clip = label("film", VideoFrames(tmp_path / f"film{ending}"), [1, 4])
    _, path = write_predicted_labels(tmp_path / "out", "test", [predict(clip)], {"film": clip}, EARS, "run")
    labels = sio.load_slp(path)
    assert [frame.frame_idx for frame in labels.labeled_frames] == [1, 4]
    assert os.path.samefile(labels.videos[0].filename, tmp_path / f"film{ending}")


def test_nothing_is_left_of_other_predictions(tmp_path, clips):
    pytest.importorskip("sleap_io", reason="sleap-io is not installed (requirements/formats.txt)")
    write_predicted_labels(tmp_path, "train", [predict(clips["film"])], clips, EARS, "run")
    assert os.path.exists(tmp_path / "train.slp")
    assert write_predicted_labels(tmp_path, "train", [predict(clips["drawn"])], clips, EARS, "run") == [
        str(tmp_path / "train.csv")
    ]
    assert not os.path.exists(tmp_path / "train.slp")


def test_people_of_one_picture_have_rows_of_their_own(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((20, 24, 3), np.uint8))
    clips = {}
    for number in (1, 2):
        clip = label(f"a.png person {number}", ImageFrames({5: tmp_path / "a.png"}), [5])
        clips[clip.name] = dataclasses.replace(clip, session="film", region=(0, 0, 10, 10))
    found = [predict(clip) for clip in clips.values()]
    written = write_predicted_labels(tmp_path / "out", "test", found, clips, EARS, "run")
    table = pd.read_csv(written[0], header=[0, 1, 2], index_col=[0, 1, 2])
    assert list(table.index) == [("labeled-data", "film", "a.png"), ("labeled-data", "a.png person 2", "a.png")]
