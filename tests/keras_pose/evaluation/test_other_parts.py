"""A bounded, even, repeatable sample of the frames beside the scored ones."""

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.evaluation import other_parts
from keras_pose.evaluation.predictions import ClipPredictions


def make_clip(name, count):
    frames = ArrayFrames(np.zeros((max(count, 1), 8, 8, 3), np.uint8))
    return Clip(name, frames, np.arange(count), np.ones((count, 1, 2)), np.full((count, 1), 2))


CLIPS = [make_clip("a", 10), make_clip("b", 1), make_clip("c", 0), make_clip("d", 29)]


def test_samples_are_spread_over_all_clips():
    kept = other_parts.sample_clips(CLIPS, 8)
    assert {clip.name: clip.labelled.tolist() for clip in kept} == {"a": [2, 7], "d": [1, 6, 11, 16, 21, 26]}


@pytest.mark.parametrize(("most", "count"), [(0, 0), (1, 1), (39, 39), (40, 40), (41, 40), (1000, 40)])
def test_no_more_frames_than_asked_for(most, count):
    kept = other_parts.sample_clips(CLIPS, most)
    assert sum(clip.num_labelled for clip in kept) == count
    assert all(clip.num_labelled for clip in kept)


def test_the_scored_part_is_not_predicted_again():
    parts = {"train": CLIPS, "validation": [], "test": CLIPS}
    assert list(other_parts.sample_parts(parts, "test frames", 5)) == ["train"]
    assert list(other_parts.sample_parts(parts, "validation frames", 5)) == ["train", "test"]
    assert other_parts.sample_parts(parts, "test", 0) == {}


def test_errors_of_labelled_joints():
    truth = np.array([[[1.0, 1], [np.nan, np.nan]], [[np.nan, np.nan]] * 2])
    visibility = np.array([[2, 0], [0, 0]])
    found = ClipPredictions("a", [0, 1], np.full((2, 2, 2), 4.0), np.ones((2, 2)), truth, visibility)
    figures = other_parts.describe_errors({"train": [found]})
    assert figures == {"train_mean_error_px": pytest.approx(18**0.5), "train_num_frames": 1}
