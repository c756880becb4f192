"""Losses of pooled maps: perfect is zero, worse is larger, masked joints, oracles, the scale of all losses."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import render_heatmaps
from keras_pose.training.losses import HeatmapL2
from keras_pose.training.temporal_losses import HeatmapCrossEntropy, HeatmapPosition

LOSSES = {"cross_entropy": HeatmapCrossEntropy, "position": HeatmapPosition}
SIDE = 16
SCALE = 2 * np.pi * 1.5**2 / SIDE**2


def make_targets(seed=0, batch=4, joints=3):
    points = np.random.default_rng(seed).uniform(16, 48, (batch, joints, 2))
    return np.concatenate([points, np.ones((batch, joints, 1))], axis=-1).astype(np.float32)


def render(targets, shift_px=0.0):
    moved = targets + np.float32([shift_px, 0, 0])
    return render_heatmaps(moved, (SIDE, SIDE), 4, 1.5).numpy()


@pytest.mark.parametrize("name", LOSSES)
def test_perfect_is_zero_and_farther_is_larger(name):
    targets = make_targets()
    values = [float(LOSSES[name]()(targets, render(targets, shift))) for shift in (0, 1, 3, 6, 12)]
    assert values[0] == pytest.approx(0, abs=1e-6)
    assert values == sorted(values)
    assert values[2] > 1e-3


def test_the_position_loss_is_a_function_of_the_distance():
    targets = make_targets()
    for shift_px in (2.0, 8.0):
        distance = shift_px / 4
        expected = 1 - np.exp(-(distance**2) / 2.88) + 0.03 * (np.sqrt(distance**2 + 0.01) - 0.1)
        value = float(HeatmapPosition()(targets, render(targets, shift_px)))
        assert value == pytest.approx(SCALE * expected, rel=1e-3)


def test_the_cross_entropy_is_the_divergence_of_normalised_maps():
    targets = make_targets()
    maps = np.random.default_rng(1).uniform(0.1, 1, (4, SIDE, SIDE, 3))
    target = render(targets).astype(np.float64)
    q = target / target.sum(axis=(1, 2), keepdims=True)
    p = maps / maps.sum(axis=(1, 2), keepdims=True)
    expected = (q * (np.log(np.maximum(q, 1e-7)) - np.log(p))).sum(axis=(1, 2)).mean()
    assert float(HeatmapCrossEntropy()(targets, maps)) == pytest.approx(SCALE * expected, rel=1e-3)
    # The height of maps does not matter.
    assert float(HeatmapCrossEntropy()(targets, 7 * maps)) == pytest.approx(SCALE * expected, rel=1e-3)


@pytest.mark.parametrize("name", LOSSES)
def test_a_joint_without_a_label_has_no_gradient(name):
    targets = make_targets()
    targets[0, 1] = (np.nan, np.nan, 0)
    targets[1, 2, 2] = 0.5
    maps = render(make_targets(), 3.0)
    maps[0, ..., 1] = np.nan
    prediction = tf.constant(maps)
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        value = LOSSES[name]()(targets, prediction)
    gradient = tape.gradient(value, prediction).numpy()
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    assert not gradient[0, ..., 1].any()
    assert gradient[0, ..., 0].any()
    # A weight of a half is half a loss.
    loss = LOSSES[name]()
    moved = render(make_targets(), 3.0)
    halved = make_targets() * np.float32([1, 1, 0.5])
    assert float(loss(halved, moved)) == pytest.approx(float(loss(make_targets(), moved)) / 2, rel=1e-5)


def test_a_peak_at_a_wrong_place_costs_as_much_as_with_l2():
    targets = make_targets()
    wrong = render(targets[..., [1, 0, 2]], 24.0)
    least = float(HeatmapL2()(targets, wrong))
    assert least < float(HeatmapPosition()(targets, wrong)) < 1.5 * least
    assert least < float(HeatmapCrossEntropy()(targets, wrong)) < 20 * least


@pytest.mark.parametrize("name", LOSSES)
def test_arguments_are_kept_and_checked(name):
    loss = LOSSES[name](stride=2, sigma_px=2.0)
    again = LOSSES[name].from_config(loss.get_config())
    assert again.arguments == {"stride": 2.0, "sigma_px": 2.0}
    with pytest.raises(ValueError, match="expected sigma_px above 0, received 0"):
        LOSSES[name](sigma_px=0)
