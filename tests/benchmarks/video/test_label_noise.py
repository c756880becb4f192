"""How well labels repeat."""

import numpy as np
import pytest

from benchmarks.video import label_noise
from keras_pose.data.clip import UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.config import DataConfig


def test_labels_of_one_picture_are_found_and_compared():
    array = np.random.default_rng(0).integers(0, 255, (6, 16, 20, 3))
    array[4] = array[1]
    joints = np.zeros((3, 2, 2), np.float32)
    joints[2] = [[3, 4], [np.nan, np.nan]]
    visibility = np.where(np.isnan(joints[..., 0]), UNLABELLED, VISIBLE)
    clip = Clip("a", ArrayFrames(array), [1, 2, 4], joints, visibility)
    found = label_noise.compare_repeated([clip, clip.select([0, 1])])
    assert list(found) == ["a"]
    np.testing.assert_allclose(found["a"], [5.0])


def test_labels_close_by_are_moved_by_flow():
    joints = np.array([[[4, 4], [8, 8]], [[10, 4], [14, 8 + 2]], [[0, 0], [0, 0]]], np.float32)
    clip = Clip("a", ArrayFrames(np.zeros((12, 16, 20, 3))), [2, 5, 11], joints, np.full((3, 2), VISIBLE))
    signs = iter([1, 1, 1, -1, -1, -1])  # 2 px to the right a frame, and back

    def estimate(target, source):
        flow = np.zeros((*target.shape[:2], 2), np.float32)
        flow[..., 0] = 2 * next(signs)
        return flow

    np.testing.assert_allclose(label_noise.compare_tracked([clip], estimate)["a"], [0.0, 2.0], atol=1e-5)

    def inconsistent(target, source):
        return np.full((*target.shape[:2], 2), 1.0, np.float32)

    assert label_noise.compare_tracked([clip], inconsistent) == {}
    past_end = Clip("a", clip.frames, [11, 13], joints[:2], np.full((2, 2), VISIBLE))
    assert label_noise.compare_tracked([past_end], inconsistent) == {}


def test_label_noise_says_what_independent_labels_would_show():
    rng = np.random.default_rng(0)
    labels = rng.normal(0, 2, (100_000, 3, 2))
    distance = np.linalg.norm(labels[:, 0] - labels[:, 1], axis=-1).mean()
    error = np.linalg.norm(labels[:, 0], axis=-1).mean()
    jitter = np.linalg.norm(labels[:, 0] - 2 * labels[:, 1] + labels[:, 2], axis=-1).mean()
    assert distance * label_noise.ERROR_OF_TRUTH == pytest.approx(error, rel=0.01)
    assert distance * label_noise.JITTER_OF_LABELS == pytest.approx(jitter, rel=0.01)
    assert label_noise.mean_interval({"a": np.ones(3)}) == (None, None)
    assert label_noise.mean_interval({"a": np.ones(3), "b": 2 * np.ones(3)}) == (None, None)
    low, high = label_noise.mean_interval({str(number): np.full(3, number) for number in range(5)})
    assert 0 < low < 2 < high < 4


def test_the_lips_project_has_a_picture_that_was_labelled_twice(shared_data):
    clips = label_noise.open_clips(str(shared_data / "lips"), DataConfig())
    found = label_noise.compare_repeated(clips)
    assert list(found) == ["080_aud"]
    assert 1.5 < found["080_aud"].mean() < 3
