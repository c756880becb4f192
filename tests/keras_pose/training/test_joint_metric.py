"""What all metrics share: which joints and examples count, and how predictions are read."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import render_heatmaps
from keras_pose.training.joint_metric import MeanOverJoints

TARGETS = np.array(
    [
        [[10.0, 10.0, 1.0], [30.0, 10.0, 0.5], [0.0, 0.0, 0.0]],
        [[20.0, 20.0, 0.1], [np.nan, 1e9, 0.0], [40.0, 20.0, 1.0]],
    ],
    np.float32,
)
# Each x is off by as many px as the joint's number from 1 on.
PREDICTIONS = (np.where(TARGETS[..., 2:] > 0, TARGETS[..., :2], 0) + [[[1, 0], [2, 0], [3, 0]]]).astype(np.float32)


def mean_of(metric, *batches, **arguments):
    for targets, predictions in batches:
        metric.update_state(targets, predictions, **arguments)
    return float(metric.result())


def test_labelled_joints_count_alike_whatever_their_weight():
    assert mean_of(MeanOverJoints(), (TARGETS, PREDICTIONS)) == pytest.approx((1 + 2 + 1 + 3) / 4, abs=1e-5)


def test_only_the_chosen_joints_count():
    assert mean_of(MeanOverJoints(joints=(1, 2)), (TARGETS, PREDICTIONS)) == pytest.approx(2.5, abs=1e-5)


def test_an_example_of_weight_zero_is_left_out():
    weights = np.float32([0, 1])
    assert mean_of(MeanOverJoints(), (TARGETS, PREDICTIONS), sample_weight=weights) == pytest.approx(2, abs=1e-5)


def test_batches_add_up_and_nothing_labelled_is_not_a_number():
    metric = MeanOverJoints()
    assert np.isnan(mean_of(metric, (np.zeros_like(TARGETS), PREDICTIONS)))
    parts = [(TARGETS[:1], PREDICTIONS[:1]), (TARGETS[1:], PREDICTIONS[1:])]
    assert mean_of(metric, *parts) == pytest.approx(7 / 4, abs=1e-5)


@pytest.mark.parametrize("dtype", [tf.float32, tf.float16])
def test_heatmaps_are_decoded_with_the_stride(dtype):
    targets = np.array([[[20.0, 30.0, 1.0]]], np.float32)
    maps = tf.cast(render_heatmaps(targets, (8, 8), 8, 1.5), dtype)
    assert mean_of(MeanOverJoints(stride=8), (targets, maps)) < 0.1
    assert mean_of(MeanOverJoints(stride=4), (targets, maps)) > 10


def test_a_configuration_makes_the_same_metric():
    metric = MeanOverJoints(joints=(2, 0), stride=8, name="m")
    assert metric.get_config() == {"joints": [2, 0], "stride": 8, "name": "m"}
    assert MeanOverJoints.from_config(metric.get_config()).get_config() == metric.get_config()


def test_predictions_of_another_rank_are_refused():
    with pytest.raises(ValueError, match=r"expected heatmaps \[B, h, w, J\] or joints \[B, J, 2\], received shape"):
        MeanOverJoints().update_state(TARGETS, np.zeros((2, 6), np.float32))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"joints": ()}, r"joints: expected different positions from 0 on, or None, received \(\)"),
        ({"joints": (1, 1)}, r"joints: .* received \(1, 1\)"),
        ({"joints": (-1, 1)}, r"joints: .* received \(-1, 1\)"),
        ({"stride": 0}, "stride: expected a number above 0, received 0"),
    ],
)
def test_errors_say_what_was_received(arguments, message):
    with pytest.raises(ValueError, match=message):
        MeanOverJoints(**arguments)


def test_metrics_of_the_same_maps_decode_them_once():
    def count_operations(strides):
        metrics = [MeanOverJoints(stride=stride) for stride in strides]

        @tf.function(input_signature=[tf.TensorSpec([2, 3, 3]), tf.TensorSpec([2, 8, 8, 3])])
        def update(targets, maps):
            for metric in metrics:
                metric.update_state(targets, maps)

        return len(update.get_concrete_function().graph.get_operations())

    one = count_operations([4])
    assert count_operations([4, 4, 4]) - one < one
    assert count_operations([4, 8]) - one > 0.5 * one
