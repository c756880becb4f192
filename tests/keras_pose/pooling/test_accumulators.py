"""Pooling one neighbour at a time equals the layer on the whole window."""

import numpy as np
import pytest

from keras_pose.pooling.accumulators import LayerAccumulator, LinearAccumulator, open_accumulator
from keras_pose.pooling.chain_numpy import ChainAccumulator
from keras_pose.pooling.peak_accumulator import PeakAccumulator
from keras_pose.pooling.stream_buffer import FUTURE, PAST, Neighbour, StreamBuffer
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.windows import pool_window

N, T, H, W, J = 2, 5, 8, 10, 3
STRIDE = 4
RNG = np.random.default_rng(0)
MAPS = RNG.uniform(0, 1, (T, H, W, J)).astype(np.float32)
FLOWS = RNG.normal(size=(T, H, W, 2)).astype(np.float32) * (np.arange(T) != N)[:, None, None, None]
IMAGES = RNG.integers(0, 256, (T, STRIDE * H, STRIDE * W, 3)).astype(np.uint8)
MISSING = [(), (0,), (0, 1), (4,), (0, 1, 3, 4)]  # places in the window of frames that do not exist


def trained_layer(kind):
    layer = TemporalPooling(kind)
    layer([MAPS[None], np.ones((1, T))])
    rng = np.random.default_rng(1)
    layer.set_weights([w + rng.normal(0, 0.7, w.shape).astype(np.float32) for w in layer.get_weights()])
    return layer


def open_for(layer):
    buffer = StreamBuffer(N, 1, (H, W), J, has_future=True)
    return open_accumulator(layer, buffer)


def entry(t):
    """float32 [H, W, J + 2]; the two channels of flow must not count."""
    return np.concatenate([MAPS[t], np.full((H, W, 2), 1e3, np.float32)], axis=-1)


def neighbour(t):
    return Neighbour(t - N, t, entry(t), FLOWS[t, ..., 0], FLOWS[t, ..., 1])


def accumulate(accumulator, missing):
    for t in range(T):
        accumulator.put_image(t, IMAGES[t])
    accumulator.begin()
    for t in (1, 0, 3, 4):  # on each side from the nearest outwards
        if t not in missing:
            accumulator.add(neighbour(t))
    return accumulator.finish(N, entry(N)).copy()


def pool_by_layer(layer, missing):
    valid = np.array([[t not in missing for t in range(T)]], np.float32)
    small = IMAGES.reshape(T, H, STRIDE, W, STRIDE, 3).mean(axis=(2, 4)).astype(np.float32)
    return pool_window(layer, MAPS[None], valid, small[None], FLOWS[None])[0].numpy()


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize("kind", ["sum", "parametric"])
def test_weighted_sums_equal_the_layer(kind, missing):
    layer = trained_layer(kind)
    accumulator = open_for(layer)
    assert isinstance(accumulator, LinearAccumulator)
    np.testing.assert_allclose(accumulate(accumulator, missing), pool_by_layer(layer, missing), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize(
    ("kind", "accumulator_class"),
    [
        ("max", LayerAccumulator),
        ("data_dependent", LayerAccumulator),
        ("median", LayerAccumulator),
        ("chain", ChainAccumulator),
        ("chain_readout", ChainAccumulator),
        ("track", PeakAccumulator),
    ],
)
def test_other_kinds_equal_the_layer(kind, accumulator_class, missing):
    layer = trained_layer(kind)
    accumulator = open_for(layer)
    assert type(accumulator) is accumulator_class
    np.testing.assert_allclose(accumulate(accumulator, missing), pool_by_layer(layer, missing), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["sum", "parametric", "max", "data_dependent", "chain", "chain_readout", "track"])
def test_windows_do_not_mix(kind):
    layer = trained_layer(kind)
    accumulator = open_for(layer)
    expected = accumulate(open_for(layer), (4,))
    accumulate(accumulator, ())
    np.testing.assert_allclose(accumulate(accumulator, (4,)), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["parametric", "data_dependent", "chain", "chain_readout", "track"])
def test_an_accumulator_neither_changes_nor_keeps_the_arrays_of_a_neighbour(kind):
    layer = trained_layer(kind)
    accumulator = open_for(layer)
    for t in range(T):
        accumulator.put_image(t, IMAGES[t])
    accumulator.begin()
    for t in (1, 0, 3, 4):
        given = neighbour(t)
        arrays = [given.warped, given.flow_x.copy(), given.flow_y.copy()]
        given = given._replace(flow_x=arrays[1], flow_y=arrays[2])
        before = [array.copy() for array in arrays]
        accumulator.add(given)
        for array, unchanged in zip(arrays, before):
            np.testing.assert_array_equal(array, unchanged)
            array[:] = np.nan  # as a buffer that is written to again
    current = entry(N)
    pooled = accumulator.finish(N, current)
    np.testing.assert_array_equal(current, entry(N))
    np.testing.assert_allclose(pooled, pool_by_layer(layer, ()), rtol=1e-4, atol=1e-5)


def test_neighbours_of_a_buffer_are_pooled_with_their_warps():
    """In a stream with still flow, summing is the mean of the maps."""
    buffer = StreamBuffer(N, 1, (H, W), J, has_future=True)
    for t in range(T):
        buffer.put_maps(t, MAPS[t])
    accumulator = open_accumulator(trained_layer("sum"), buffer)
    accumulator.begin()
    for direction in (PAST, FUTURE):
        for found in buffer.neighbours(N, direction, last=T - 1):
            accumulator.add(found)
    np.testing.assert_allclose(accumulator.finish(N, buffer.entry(N)), MAPS.mean(axis=0), rtol=1e-5)
