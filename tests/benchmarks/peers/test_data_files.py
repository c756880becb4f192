"""Labelled frames as files for other tools."""

import csv
import os

import cv2
import numpy as np
import pytest

from benchmarks.peers import data_files, peer_job
from keras_pose.data.config import DataConfig
from keras_pose.data.selection import open_data
from tests.helpers import peer_data

pytest.importorskip("tables")
pytest.importorskip("sleap_io")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return peer_data.write(str(tmp_path_factory.mktemp("peers")))


def _labels(clips):
    return {(c.name, int(n)): c.joints[i] for c in clips for i, n in enumerate(c.labelled)}


def test_the_project_has_the_labels_of_all_but_the_test_clips(written):
    folder, split, _ = written
    read = _labels(open_data(folder, DataConfig()).clips)
    expected = _labels([*split.train, *split.validation])
    assert read.keys() == expected.keys()
    for key, joints in expected.items():
        np.testing.assert_allclose(read[key], joints, atol=1e-4)


def test_the_sleap_files_have_the_labels_of_their_part(written):
    folder, split, _ = written
    for part in ("train", "validation"):
        clips = open_data(os.path.join(folder, f"{part}.slp"), DataConfig()).clips
        points = sorted(np.concatenate([clip.joints for clip in clips]).tolist())
        expected = sorted(np.concatenate([clip.joints for clip in getattr(split, part)]).tolist())
        np.testing.assert_allclose(points, expected, atol=1e-4)


def test_the_table_lists_training_frames_before_validation_frames(written):
    folder, _, skeleton = written
    with open(os.path.join(folder, data_files.TABLE), encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    learnt = [*peer_job.read_frames(folder, "train"), *peer_job.read_frames(folder, "validation")]
    assert [row[0] for row in rows[3:]] == [frame["picture"] for frame in learnt]
    assert rows[1][1::2] == list(skeleton.joints) == peer_job.read_joints(folder)


def test_pictures_are_the_frames_and_test_frames_have_no_labels(written):
    folder, split, _ = written
    frames = peer_job.read_frames(folder, "test")
    shown = peer_job.read_pictures(folder, frames)
    clip = split.test[0]
    np.testing.assert_array_equal(shown, np.concatenate([clip.read_window(row) for row in range(clip.num_labelled)]))
    assert peer_data.TEST_CLIP not in os.listdir(os.path.join(folder, "labeled-data"))


def test_files_that_exist_are_kept(written):
    folder, split, skeleton = written
    picture = os.path.join(folder, peer_job.read_frames(folder, "train")[0]["picture"])
    before = cv2.imread(picture)
    changed = os.stat(picture).st_mtime_ns
    again = data_files.write(folder, split, skeleton)
    assert os.stat(picture).st_mtime_ns == changed
    assert len(again) == 12
    assert before.shape == (64, 64, 3)
