"""Weights of labels, and which joints and videos have none."""

import numpy as np

from keras_pose.annotating import weighting
from keras_pose.annotating.weighting import VideoLabels
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from tests.helpers import suggested_frames


def make_poses(calibration=None, **arrays):
    filled = empty_arrays(2, 1, 2)
    filled["frames"] = np.arange(2)
    filled["decoded"][:] = True
    filled["joints"][:] = 5
    filled.update(arrays)
    video = VideoFacts("a.mp4", (48, 64))
    return VideoPoses(video, ModelFacts("net"), suggested_frames.SKELETON, calibration=calibration, **filled)


def test_probabilities_come_before_scores():
    scores = np.array([[[0.5, 1.2]], [[0.1, 0.9]]])
    confidences = np.array([[[0.3, 0.4]], [[0.6, 0.7]]])
    plain = make_poses(scores=scores)
    np.testing.assert_allclose(weighting.confidences_of(plain, [0, 1]), [[0.5, 1], [0.1, 0.9]], atol=1e-6)
    calibrated = make_poses({"distance_px": 3}, scores=scores, confidences=confidences)
    np.testing.assert_allclose(weighting.confidences_of(calibrated, [1]), [[0.4], [0.7]], atol=1e-6)


def test_joints_that_are_not_there_have_no_confidence_and_nets_without_scores_have_full():
    joints = np.full((2, 1, 2, 2), 5.0)
    joints[0, 0, 1] = np.nan
    poses = make_poses(scores=np.full((2, 1, 2), np.nan), joints=joints, decoded=np.array([True, False]))
    np.testing.assert_array_equal(weighting.confidences_of(poses, [0, 1]), [[1, 0], [0, 0]])


def test_the_weight_is_confidence_times_agreement():
    candidates = np.array([[True, True, False, True]])
    weights = weighting.weigh(candidates, np.array([[0.8, 0.8, 0.9, 0.6]]), np.array([[1.0, 0.49, 1.0, 0.5]]))
    np.testing.assert_allclose(weights, [[0.8, 0, 0, 0.3]])


def test_the_edge_of_the_frame_is_half_a_pixel_outside():
    points = np.array([[[-0.5, 47.5], [63.6, 0], [np.nan, 1]]])
    np.testing.assert_array_equal(weighting.inside_frame(points, (48, 64)), [[True, False, False]])


def test_quality_and_reasons():
    weights = np.array([[0.5, 0.0], [0.25, 0.0]], np.float32)
    empty = np.zeros((2, 2), np.float32)
    labels = VideoLabels(np.arange(2), np.zeros((2, 2, 2)), empty, empty, empty, weights)
    counts = weighting.measure_quality(labels, np.array([[True, True], [True, True]]))
    assert counts["kept_per_joint"] == [2, 0]
    assert counts["mean_weight"] == 0.375
    assert (counts["joints"], counts["confident"], counts["kept"], counts["labelled_frames"]) == (4, 4, 2, 2)
    assert weighting.reason_to_leave_out(counts, 0.5, 0.5) == ""
    assert "only 50 % of its joints are labelled" in weighting.reason_to_leave_out(counts, 0.6, 0)
    assert "only 50 % of its confident joints agree" in weighting.reason_to_leave_out(counts, 0, 0.6)
    none = {**counts, "kept": 0}
    assert "only 0 %" in weighting.reason_to_leave_out(none, 0, 0)
    assert weighting.reason_to_leave_out({**counts, "joints": 0}, 0, 0) == "it has no frames to label"
