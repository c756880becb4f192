"""Whole clips in the graph: the same as pooling the window of each frame on its own."""

import numpy as np
import pytest
import tensorflow as tf

from keras_pose.flow.warp import warp_by_flow
from keras_pose.pooling import clip_pooling, reach
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.window_flow import WindowFlow
from keras_pose.pooling.windows import pool_window
from tests.helpers.motion import shifted_texture

STRIDE = 4
J = 2


def draw_clips(num_clips, length, size_px=64):
    """maps float32 [N, h, w, J] and frames float32 [N, H, W, 3] of textures that move by 2 px a frame."""
    frames = [
        shifted_texture((2 * t - length, 0), (size_px, size_px), seed=k)[0]
        for k in range(num_clips)
        for t in range(length)
    ]
    side = size_px // STRIDE
    maps = np.random.default_rng(0).uniform(0, 1, (len(frames), side, side, J)).astype(np.float32)
    return maps, np.stack(frames).astype(np.float32)


def trained_layer(kind, num_neighbours):
    layer = TemporalPooling(kind)
    length = 2 * num_neighbours + 1
    layer([np.zeros((1, length, 4, 4, J), np.float32), np.ones((1, length), np.float32)])
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(0.3, 0.3, weight.shape).astype(np.float32) for weight in layer.get_weights()])
    return layer


def pool_window_of(layer, num_neighbours, frame_stride, maps, frames, present, t):
    """Pools the window of frame t of one clip; a side ends at the first frame that does not exist."""
    offsets = np.arange(-num_neighbours, num_neighbours + 1)
    places = t + frame_stride * offsets
    exists = (places >= 0) & (places < len(maps))
    places = np.clip(places, 0, len(maps) - 1)
    exists &= present[places] | (offsets == 0)
    for side in (range(num_neighbours - 1, -1, -1), range(num_neighbours + 1, len(offsets))):
        alive = present[t]
        for k in side:
            alive = exists[k] = alive and exists[k]
    valid = exists[None].astype(np.float32)
    # Flow to a place that does not exist is never used.
    flows = WindowFlow(STRIDE)([frames[places][None], valid])
    small = tf.nn.avg_pool2d(frames[places], STRIDE, STRIDE, "VALID")[None]
    return pool_window(layer, warp_by_flow(maps[places][None], flows), valid, small, flows)[0].numpy()


@pytest.mark.parametrize(
    "kind",
    [
        *("parametric", "data_dependent", "track"),
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("chain", "chain_readout", "median")),
    ],
)
def test_a_clip_equals_the_windows_of_its_frames(kind):
    num_clips, length, num_neighbours, frame_stride = 2, 6, 2, 1
    maps, frames = draw_clips(num_clips, length)
    present = np.ones((num_clips, length), bool)
    present[1, 3] = False
    layer = trained_layer(kind, num_neighbours)
    pool = clip_pooling.make_pool_clip(layer, num_neighbours, frame_stride, STRIDE)
    pooled = tf.function(pool)(maps, frames, present.reshape(-1), length).numpy()
    assert pooled.shape == maps.shape
    for clip in range(num_clips):
        rows = slice(clip * length, (clip + 1) * length)
        for t in np.flatnonzero(present[clip]):
            expected = pool_window_of(layer, num_neighbours, frame_stride, maps[rows], frames[rows], present[clip], t)
            np.testing.assert_allclose(pooled[rows][t], expected, atol=5e-3)


@pytest.mark.parametrize("frame_stride", [1, 2])
def test_without_flow_maps_are_pooled_as_they_are(frame_stride):
    length = 5
    maps, frames = draw_clips(2, length, 16)
    layer = trained_layer("sum", 1)
    pool = clip_pooling.make_pool_clip(layer, 1, frame_stride, STRIDE, has_flow=False)
    pooled = pool(maps, frames, np.ones(2 * length, bool), length).numpy().reshape(2, length, 4, 4, J)
    clips = maps.reshape(2, length, 4, 4, J)
    for t in range(length):
        places = [p if 0 <= p < length else t for p in (t - frame_stride, t, t + frame_stride)]
        np.testing.assert_allclose(pooled[:, t], clips[:, places].mean(axis=1), rtol=1e-5)


@pytest.mark.parametrize("has_flow", [True, False])
def test_each_clip_has_the_reach_of_its_rate(has_flow):
    num_clips, length, rates = 3, 7, [30.0, 15.0, 5.0]
    maps, frames = draw_clips(num_clips, length, 32)
    layer = trained_layer("parametric", 2)
    present = np.ones(num_clips * length, bool)
    found = clip_pooling.find_reach(2, 0.1, tf.constant(rates))
    everywhere = clip_pooling.ClipReach(*(tf.repeat(values, length) for values in found))
    pool = clip_pooling.make_pool_clip(layer, 2, 1, STRIDE, has_flow)
    pooled = tf.function(pool)(maps, frames, present, length, everywhere).numpy()
    for clip, rate in enumerate(rates):
        rows = slice(clip * length, (clip + 1) * length)
        stride, num_within = reach.find_reach(2, 0.1, rate)
        alone = clip_pooling.make_pool_clip(layer, 2, stride, STRIDE, has_flow, num_within)
        expected = tf.function(alone)(maps[rows], frames[rows], present[rows], length)
        np.testing.assert_allclose(pooled[rows], expected, atol=1e-5)


@pytest.mark.parametrize(("num_neighbours", "seconds"), [(5, 0.2), (2, 0.35), (10, 1.0)])
def test_the_graph_finds_the_reach_that_python_finds(num_neighbours, seconds):
    rates = [1, 2.4, 5, 12.5, 15, 23.976, 25, 29.97, 30, 37.5, 50, 59.94, 60, 120, 240, 10000]
    found = clip_pooling.find_reach(num_neighbours, seconds, tf.constant(rates, tf.float32))
    expected = [reach.find_reach(num_neighbours, seconds, rate) for rate in rates]
    assert list(zip(*(values.numpy().tolist() for values in found))) == [tuple(each) for each in expected]


def test_frames_alone_are_pooled_as_windows_without_neighbours():
    maps, _ = draw_clips(1, 3, 16)
    layer = trained_layer("parametric", 2)
    valid = np.array([[0, 0, 1, 0, 0]] * 3, np.float32)
    windows = np.repeat(maps[:, None], 5, axis=1)
    pooled = clip_pooling.make_pool_alone(layer, 2)(tf.constant(maps))
    np.testing.assert_allclose(pooled, layer([windows, valid]), rtol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 4, 9])
def test_chunks_are_put_together_in_order(count):
    values = tf.reshape(tf.range(3.0 * count), [count, 3])
    result = clip_pooling.map_in_chunks(lambda x: x[:, :2] * 2, values, 4, [2])
    np.testing.assert_array_equal(result, values[:, :2] * 2)
