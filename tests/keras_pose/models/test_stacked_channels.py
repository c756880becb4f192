"""Frames and flow as channels of one image."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.models.stacked_channels import StackedChannels

RNG = np.random.default_rng(0)
FRAMES = RNG.uniform(0, 255, (2, 3, 8, 12, 3)).astype(np.float32)
FLOWS = RNG.normal(size=(2, 3, 2, 3, 2)).astype(np.float32)


def stack_by_loops(frames, flows, stride):
    """Frames in order of time, then the flow to each neighbour; 32 px of motion are 127.5 levels."""
    channels = [frames[:, t] for t in range(frames.shape[1])]
    for t in range(frames.shape[1]):
        if t != frames.shape[1] // 2:
            large = flows[:, t].repeat(stride, axis=1).repeat(stride, axis=2)
            channels.append(large * stride / 32 * 127.5 + 127.5)
    return np.concatenate(channels, axis=-1)


def test_it_equals_loops():
    stacked = StackedChannels(4)([FRAMES, FLOWS])
    assert stacked.shape == (2, 8, 12, 13)
    np.testing.assert_allclose(stacked, stack_by_loops(FRAMES, FLOWS, 4), rtol=1e-5)


def test_no_motion_is_the_middle_of_the_range_and_32_px_its_end():
    for flow_px, level in ((0, 127.5), (32, 255.0), (-32, 0.0)):
        stacked = StackedChannels(4)([FRAMES, np.full_like(FLOWS, flow_px / 4)])
        np.testing.assert_allclose(stacked[..., 9:], np.full((2, 8, 12, 4), level), rtol=1e-6)


def test_the_flow_of_the_current_frame_does_not_count():
    other = FLOWS.copy()
    other[:, 1] = 9
    np.testing.assert_array_equal(StackedChannels(4)([FRAMES, FLOWS]), StackedChannels(4)([FRAMES, other]))


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_unknown_sizes_config_and_float32(policy):
    keras.mixed_precision.set_global_policy(policy)
    try:
        frames = keras.Input((3, None, None, 3))
        flows = keras.Input((3, None, None, 2))
        layer = StackedChannels(4)
        model = keras.Model([frames, flows], layer([frames, flows]))
        stacked = model([FRAMES, FLOWS])
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert tuple(model.outputs[0].shape) == (None, None, None, 13)
    assert stacked.dtype == tf.float32
    np.testing.assert_allclose(stacked, stack_by_loops(FRAMES, FLOWS, 4), rtol=1e-5)
    assert StackedChannels.from_config(layer.get_config()).get_config() == layer.get_config()
