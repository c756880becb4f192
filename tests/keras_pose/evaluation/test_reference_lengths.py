"""The lengths that PCK measures against."""

import dataclasses

import numpy as np
import pytest

from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.evaluation.reference_lengths import (
    count_frames_without,
    describe,
    lengths_px,
    list_points,
    measure_px,
    resolve,
)
from keras_pose.skeleton import UPPER_BODY, Skeleton

BODY = Skeleton("body", ("left_shoulder", "right_shoulder", "left_hip", "right_hip", "head_top", "neck"))


def make_clip(truth, size_hw=(48, 64)):
    truth = np.asarray(truth, np.float32)
    labelled = np.isfinite(truth).all(-1)
    shape = truth.shape[:2]
    return ClipPredictions(
        "clip", np.arange(len(truth)), np.zeros((*shape, 2)), np.ones(shape), truth, labelled * 2, size_hw
    )


def test_frame_reference_is_the_longer_side():
    clip = make_clip(np.zeros((2, 6, 2)))
    np.testing.assert_array_equal(lengths_px(clip, resolve("frame", BODY)), [64, 64])


def test_torso_averages_the_labelled_diagonals_and_is_missing_without_any():
    nan = [np.nan, np.nan]
    both = [[30, 0], [0, 0], [30, 40], [0, 40], [0, 0], [0, 0]]  # both diagonals 50 px
    other = [[30, 0], [0, 0], [30, 40], [0, 100], [0, 0], [0, 0]]
    one = [nan, [0, 0], [30, 40], [0, 40], [0, 0], [0, 0]]
    none = [nan, nan, [30, 40], [0, 40], [0, 0], [0, 0]]
    flat = [[5, 5]] * 6
    lengths = lengths_px(make_clip([both, other, one, none, flat]), resolve("torso", BODY))
    np.testing.assert_allclose(lengths, [50, (50 + np.hypot(30, 100)) / 2, 50, np.nan, np.nan], rtol=1e-6)


def test_pairs_are_found_by_name():
    assert resolve("head", BODY) == ((4, 5),)
    assert resolve("left_hip, neck", BODY) == resolve(("left_hip", "neck"), BODY) == ((2, 5),)
    assert resolve("shoulders", UPPER_BODY) == ((6, 5),)
    assert describe(("left_hip", "neck")) == "left_hip,neck"


@pytest.mark.parametrize("reference", ["thumb", "neck", "neck,neck", "neck,knee", ("neck",)])
def test_unknown_reference_lists_what_is_possible(reference):
    with pytest.raises(ValueError, match="unknown pck_reference.*one of frame, torso, shoulders, head, or two joints"):
        resolve(reference, BODY)


def test_reference_whose_joints_are_missing_is_refused():
    with pytest.raises(ValueError, match="'torso': skeleton 'upper_body' lacks its joints; expected one of frame, sho"):
        resolve("torso", UPPER_BODY)


def test_frame_reference_needs_the_size():
    with pytest.raises(ValueError, match="clip clip: pck_reference 'frame' needs the size"):
        lengths_px(make_clip(np.zeros((1, 6, 2)), None), ())


HIPS = {"left_hip": [[30, 40], [30, 80], [np.nan, np.nan]], "right_hip": [[0, 40], [0, 80], [np.nan, np.nan]]}


def make_upper_body(landmarks=HIPS):
    """Three frames whose shoulders are at (0, 0) and (30, 0); the torso is 50 px, 85.44 px and not known."""
    truth = np.zeros((3, 7, 2), np.float32)
    truth[:, UPPER_BODY.index("left_shoulder")] = 30, 0
    shape = truth.shape[:2]
    return ClipPredictions(
        "clip", np.arange(3), truth + 2, np.ones(shape), truth, np.full(shape, 2), (48, 64), landmarks=landmarks
    )


def test_hips_that_no_net_predicts_give_the_length_of_the_torso():
    clip = make_upper_body()
    pairs = resolve("torso", UPPER_BODY, tuple(HIPS))
    assert pairs == ((6, 8), (5, 7))
    lengths = measure_px(clip, "torso", UPPER_BODY, tuple(HIPS))
    np.testing.assert_allclose(lengths, [50, np.hypot(30, 80), np.nan], rtol=1e-6)
    np.testing.assert_allclose(measure_px(clip, "left_hip,right_hip", UPPER_BODY, tuple(HIPS)), [30, 30, np.nan])
    assert count_frames_without([clip], "torso", UPPER_BODY) == 1
    assert count_frames_without([clip], "frame", UPPER_BODY) == 0
    hidden = dataclasses.replace(clip, visibility=np.ones_like(clip.visibility))
    assert count_frames_without([hidden, clip], "torso", UPPER_BODY) == 2
    unlabelled = dataclasses.replace(
        clip, truth=np.full_like(clip.truth, np.nan), visibility=np.zeros_like(clip.visibility)
    )
    assert count_frames_without([unlabelled], "torso", UPPER_BODY) == 0


def test_median_of_the_clip_serves_frames_without_a_length_too():
    clip = make_upper_body()
    lengths = measure_px(clip, "torso:clip_median", UPPER_BODY, tuple(HIPS))
    np.testing.assert_allclose(lengths, [(50 + np.hypot(30, 80)) / 2] * 3, rtol=1e-6)
    assert count_frames_without([clip], "torso:clip_median", UPPER_BODY) == 0
    assert np.isnan(measure_px(make_upper_body({}), "torso:clip_median", UPPER_BODY, tuple(HIPS))).all()
    np.testing.assert_array_equal(measure_px(clip, "frame:clip_median", UPPER_BODY), [64] * 3)


def test_joints_come_before_landmarks_of_the_same_name():
    assert list_points(BODY, ("neck", "belly")) == [*BODY.joints, "belly"]
    assert resolve("neck,belly", BODY, ("neck", "belly")) == ((5, 6),)


def test_refusal_names_the_landmarks():
    with pytest.raises(ValueError, match="lacks its joints and so do the landmarks left_hip; expected one of frame"):
        resolve("torso", UPPER_BODY, ("left_hip",))
