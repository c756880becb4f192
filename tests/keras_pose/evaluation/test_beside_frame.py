"""Predictions from windows beside those from the frame alone, and the consecutive frames among them."""

import numpy as np
import pytest

from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.evaluation import beside_frame, temporal_gain, temporal_strip
from keras_pose.flow import estimators
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.models.pose_net import PoseNet
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import tiny

SIZE_HW = (32, 32)


@pytest.fixture(scope="module")
def predictor():
    """A net with random maps that takes the mean of three frames, without flow."""
    flags = {"model": "flowing", "window": 1, "pooling": "sum", "width": 0.05, "input_size": "32"}
    model = tiny.build_net(num_joints=UPPER_BODY.num_joints, **flags)
    head = PoseNet(model).frame_net().model.get_layer("heatmaps").kernel
    head.assign(np.random.default_rng(0).normal(size=head.shape))
    return WindowPredictor(model, UPPER_BODY, SIZE_HW, (-1, 0, 1), estimators.open_estimator("none"))


def make_clip(labelled, num_frames=40, name="clip"):
    rng = np.random.default_rng(1)
    frames = ArrayFrames(rng.integers(0, 256, (num_frames, *SIZE_HW, 3)))
    joints = rng.uniform(4, 28, (len(labelled), UPPER_BODY.num_joints, 2))
    return Clip(name, frames, np.array(labelled), joints, np.full(joints.shape[:2], 2))


def test_both_predictions_and_the_maxima_come_from_one_pass(predictor):
    clip = make_clip([0, 5, 9])
    of = beside_frame.predict(predictor, clip)
    np.testing.assert_allclose(of.pooled.predicted, predictor.predict_labelled(clip)[0], atol=1e-3)
    alone = Predictor(PoseNet(predictor.model).frame_net().model, UPPER_BODY, SIZE_HW).predict_labelled(clip)
    np.testing.assert_allclose(of.single.predicted, alone[0], atol=1e-2)
    assert of.modes.shape[:2] == of.mode_heights.shape[:2] == (3, 7)
    known = of.mode_heights[..., 0] > 0
    np.testing.assert_allclose(of.modes[known][:, 0], of.single.predicted[known], atol=0.5)
    assert np.abs(of.single.predicted - of.pooled.predicted).max() > 0.5


def test_only_nets_that_read_neighbours_pool(predictor):
    assert beside_frame.pools(predictor)
    frame_net = PoseNet(predictor.model).frame_net().model
    assert not beside_frame.pools(Predictor(frame_net, UPPER_BODY, SIZE_HW))
    with pytest.raises(ValueError, match="expected the output 'frame_heatmaps' of a pooling net"):
        WindowPredictor(frame_net, UPPER_BODY, SIZE_HW, (-1, 0, 1)).predict_beside_frame(make_clip([3]))


def test_a_stretch_has_the_labels_that_there_are():
    clip = make_clip([2, 5])
    stretch = beside_frame.cut_stretch(clip, -2, 6)
    assert stretch.labelled.tolist() == [0, 1, 2, 3, 4, 5]
    assert np.isfinite(stretch.joints).all((1, 2)).tolist() == [False, False, True, False, False, True]
    np.testing.assert_array_equal(stretch.joints[2], clip.joints[0])


def test_runs_of_consecutive_frames_are_found():
    frames = np.array([0, 1, 2, 5, 8, 9, 10, 11])
    assert beside_frame.find_runs(frames, 3) == [slice(0, 3), slice(4, 8)]
    assert beside_frame.find_runs(frames, 5) == []


def test_dense_labels_are_stretches_and_sparse_ones_are_filled_up(predictor):
    dense = make_clip(range(12))
    predicted = [beside_frame.predict(predictor, dense)]
    (same,) = beside_frame.find_stretches(predictor, [dense], predicted)
    np.testing.assert_array_equal(same.pooled.predicted, predicted[0].pooled.predicted)
    sparse = make_clip([3, 20, 39])
    predicted = [beside_frame.predict(predictor, sparse)]
    (filled,) = beside_frame.find_stretches(predictor, [sparse], predicted)
    assert filled.pooled.frames.tolist() == list(range(13, 28))
    np.testing.assert_allclose(filled.pooled.predicted[7], predicted[0].pooled.predicted[1], atol=1e-3)
    assert (filled.pooled.visibility > 0).any(1).sum() == 1
    short = make_clip(range(4), num_frames=4)
    (kept,) = beside_frame.find_stretches(predictor, [short], [beside_frame.predict(predictor, short)])
    assert len(kept.pooled.frames) == 4


def test_figures_and_strips_of_a_net(predictor):
    clips = [make_clip(range(12), name=f"clip-{i}") for i in range(2)]
    found = [beside_frame.predict(predictor, clip) for clip in clips]
    figures = temporal_gain.measure(predictor, found, clips, UPPER_BODY)
    assert figures["kinds"]["all"]["num_labelled"] == 2 * 12 * 7
    assert figures["reach"] == 1
    assert figures["num_frames"] == 24
    assert "pooling against the frame alone: " in temporal_gain.describe(figures)
    strips = temporal_strip.draw_cases({"run": predictor}, {"run": found}, clips, UPPER_BODY)
    assert list(strips) == ["pooling_best.png", "pooling_worst.png"]
    assert strips["pooling_best.png"][1] == "Pooling at its best"
