"""Flow of a whole window, estimated in the graph: composed by hand, missing frames, gradients."""

import cv2
import keras
import numpy as np
import tensorflow as tf

from keras_pose.flow import composition, in_graph
from keras_pose.pooling.window_flow import WindowFlow

STRIDE = 4


def moving_window(num_frames=5, step_xy=(2, 1), size_px=64):
    """float32 [1, T, size, size, 3], one texture that moves by `step_xy` px a frame."""
    noise = np.random.default_rng(0).standard_normal((128, 128, 3)).astype(np.float32)
    texture = cv2.GaussianBlur(noise, (0, 0), 3)
    texture = (texture - texture.min()) / np.ptp(texture) * 255
    starts = [(32 - step_xy[0] * t, 32 - step_xy[1] * t) for t in range(num_frames)]
    return np.stack([texture[y : y + size_px, x : x + size_px] for x, y in starts])[None]


def flow_between(frames, target, source):
    """Flow that brings frame `source` onto frame `target`, in px of the maps."""
    return composition.reduce_flow(in_graph.estimate_flow(frames[:, target], frames[:, source]), STRIDE)


def test_a_window_equals_composition_by_hand():
    frames = moving_window()
    flows = WindowFlow(STRIDE)([frames, np.ones((1, 5), np.float32)])
    before = flow_between(frames, 2, 1)
    after = flow_between(frames, 2, 3)
    expected = [
        composition.compose(before, flow_between(frames, 1, 0)),
        before,
        tf.zeros_like(before),
        after,
        composition.compose(after, flow_between(frames, 3, 4)),
    ]
    np.testing.assert_allclose(flows, tf.stack(expected, axis=1), atol=1e-3)


def test_flow_follows_the_motion_in_px_of_the_maps():
    flows = WindowFlow(STRIDE)([moving_window(), np.ones((1, 5), np.float32)]).numpy()[0]
    for t in range(5):
        expected = np.array([2, 1]) * (t - 2) / STRIDE
        np.testing.assert_allclose(np.median(flows[t, 4:-4, 4:-4], axis=(0, 1)), expected, atol=0.1)


def test_a_frame_that_does_not_exist_has_no_flow():
    frames = moving_window()
    valid = np.ones((1, 5), np.float32)
    everywhere = WindowFlow(STRIDE)([frames, valid]).numpy()
    valid[0, 0] = 0
    flows = WindowFlow(STRIDE)([frames, valid]).numpy()
    assert not flows[0, 0].any()
    np.testing.assert_array_equal(flows[0, 1:], everywhere[0, 1:])


def test_no_gradient_goes_through_it():
    frames = tf.constant(moving_window(3))
    with tf.GradientTape() as tape:
        tape.watch(frames)
        flows = WindowFlow(STRIDE)([frames, tf.ones([1, 3])])
    assert tape.gradient(flows, frames) is None


def test_unknown_sizes_and_config():
    frames = keras.Input((3, None, None, 3))
    valid = keras.Input((3,))
    layer = WindowFlow(STRIDE)
    flows = layer([frames, valid])
    assert tuple(flows.shape) == (None, 3, None, None, 2)
    window = moving_window(3)
    exist = np.ones((1, 3), np.float32)
    model = keras.Model([frames, valid], flows)
    np.testing.assert_allclose(model([window, exist]), layer([window, exist]), atol=1e-4)
    assert WindowFlow.from_config(layer.get_config()).get_config() == layer.get_config()
