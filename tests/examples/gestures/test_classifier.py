"""The classifier on heatmaps."""

import numpy as np
import tensorflow as tf

from examples.gestures.classifier import JointTracks, build_classifier


def test_tracks_follow_a_peak_and_ignore_the_place_of_the_person():
    def gaussian(x, y, size=24):
        grid = np.arange(size)
        return np.exp(-((grid[None] - x) ** 2 + (grid[:, None] - y) ** 2) / 8).astype(np.float32)

    x = np.array([[8, 9, 10], [14, 14, 14]])
    y = np.array([[12, 10, 8], [12, 12, 12]])  # [J, T]
    maps = np.stack([[gaussian(x[j, t], y[j, t]) for j in range(2)] for t in range(3)])  # [T, J, h, w]
    maps = np.moveaxis(maps, 1, -1)[None]
    tracks = JointTracks()(tf.constant(maps)).numpy()[0]
    unit = 2 / 23  # a heatmap px, the map going from -1 to 1
    np.testing.assert_allclose(tracks[:, 0:2], (x - x.mean()).T * unit, atol=2e-3)
    np.testing.assert_allclose(tracks[:, 2:4], (y - y.mean()).T * unit, atol=2e-3)
    np.testing.assert_allclose(tracks[:, 4:6], 5 * (x - x.mean(1, keepdims=True)).T * unit, atol=5e-3)
    np.testing.assert_allclose(tracks[:, 6:8], 5 * (y - y.mean(1, keepdims=True)).T * unit, atol=5e-3)
    np.testing.assert_allclose(tracks[:, 8:10], 1, atol=1e-6)
    moved = JointTracks()(tf.constant(np.roll(maps, (2, -1), (2, 3)))).numpy()[0]
    np.testing.assert_allclose(moved, tracks, atol=5e-3)


def test_tracks_of_empty_maps_are_finite():
    tracks = JointTracks()(tf.zeros([1, 3, 8, 8, 2])).numpy()
    np.testing.assert_array_equal(tracks, 0)


def test_the_classifier_gives_a_probability_for_each_gesture():
    maps = np.random.default_rng(0).random((2, 6, 8, 8, 3), np.float32)
    model = build_classifier(maps.shape[1:], 4)
    probabilities = model.predict(maps, verbose=0)
    assert probabilities.shape == (2, 4)
    np.testing.assert_allclose(probabilities.sum(-1), 1, atol=1e-5)
    assert np.ptp(probabilities[0] - probabilities[1]) > 0
