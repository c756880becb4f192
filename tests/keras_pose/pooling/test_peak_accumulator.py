"""Crops around peaks decode as whole maps do, at borders too; `test_accumulators` compares results with the layer."""

import numpy as np
import pytest

from keras_pose.heatmaps import decode_subpixel
from keras_pose.pooling.peak_accumulator import PeakAccumulator
from keras_pose.pooling.stream_buffer import Neighbour, StreamBuffer


@pytest.mark.parametrize("size_hw", [(9, 12), (5, 7), (3, 4), (2, 30)])
def test_crops_decode_as_whole_maps(size_hw):
    rng = np.random.default_rng(0)
    seen = []
    num_joints = 40
    accumulator = PeakAccumulator(lambda *peaks: seen.append(peaks), StreamBuffer(1, 1, size_hw, num_joints, True))
    entries = rng.normal(size=(3, *size_hw, num_joints + 2)).astype(np.float32)
    entries[1, ..., :3] = 0.0  # flat
    accumulator.begin()
    for t in (0, 2):
        accumulator.add(Neighbour(t - 1, t, entries[t], entries[t, ..., 0], entries[t, ..., 0]))
    accumulator.finish(1, entries[1])
    ((crops, corners, present),) = seen
    assert present.all()
    found, heights = decode_subpixel(crops)
    expected, expected_heights = decode_subpixel(entries[None, ..., :-2])
    np.testing.assert_allclose(found + corners, expected, atol=1e-5)
    np.testing.assert_array_equal(heights, expected_heights)


def test_a_frame_without_neighbours_keeps_its_maps():
    entry = np.random.default_rng(0).normal(size=(6, 6, 4)).astype(np.float32)
    accumulator = PeakAccumulator(None, StreamBuffer(1, 1, (6, 6), 2, True))
    accumulator.begin()
    np.testing.assert_array_equal(accumulator.finish(0, entry), entry[..., :2])
