"""Heads by least squares: the best linear ones, for labelled joints only."""

import keras
import numpy as np

from keras_pose.data.clip import UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.models import factory
from keras_pose.training import head_fit, losses


def _samples(num=24):
    rng = np.random.default_rng(0)
    frames = np.zeros((num, 32, 32, 3), np.uint8)
    joints = np.full((num, 2, 2), np.nan, np.float32)
    for frame, joint in zip(frames, joints):
        x, y = rng.integers(6, 26, 2)
        frame[y - 3 : y + 4, x - 3 : x + 4] = 255
        joint[0] = x, y
    visibility = np.broadcast_to([VISIBLE, UNLABELLED], (num, 2))
    return Samples([Clip("c", ArrayFrames(frames), np.arange(num), joints, visibility)], (32, 32), (0,), False)


def _loss(model, samples):
    batch = samples.read_batch(range(len(samples)))
    loss = losses.HeatmapL2(stride=4, sigma_px=1.5)
    return float(loss(batch["targets"], model(batch["frames"][:, 0].astype(np.float32), training=False)["heatmaps"]))


def test_the_fitted_head_is_better_than_any_near_it_and_unlabelled_joints_keep_theirs():
    keras.utils.set_random_seed(0)
    model = factory.build_model("heatmap", "lite", 2, (32, 32), width=0.25, fusion=False)
    samples = _samples()
    empty = _loss(model, samples)
    assert head_fit.fit_heads(model, samples, 1.5) == len(samples)
    fitted = _loss(model, samples)
    assert fitted < 0.8 * empty
    head = model.get_layer("heatmaps")
    kernel, bias = head.get_weights()
    assert not kernel[..., 1].any()
    rng = np.random.default_rng(1)
    for _ in range(5):
        head.set_weights([kernel + 0.01 * rng.normal(size=kernel.shape), bias])
        assert _loss(model, samples) > fitted


def test_maps_that_are_kept_stay_as_they_are():
    keras.utils.set_random_seed(0)
    model = factory.build_model("heatmap", "lite", 2, (32, 32), width=0.25, fusion=False)
    head = model.get_layer("heatmaps")
    before = [np.full_like(weights, 0.1) for weights in head.get_weights()]
    head.set_weights(before)
    head_fit.fit_heads(model, _samples(), 1.5, kept=[0])
    for now, then in zip(head.get_weights(), before):
        np.testing.assert_array_equal(now, then)
