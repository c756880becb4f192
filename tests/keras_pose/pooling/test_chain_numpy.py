"""The chain of a stream equals the layer; `test_accumulators` has windows with missing frames."""

import numpy as np
import pytest

from keras_pose.pooling.accumulators import open_accumulator
from keras_pose.pooling.chain_numpy import ChainAccumulator
from keras_pose.pooling.stream_buffer import Neighbour, StreamBuffer
from tests.helpers.pooling_layers import make_trained

H, W, J = 9, 13, 2


@pytest.mark.parametrize("has_future", [True, False])
@pytest.mark.parametrize("num_neighbours", [1, 3])
def test_windows_of_any_size_equal_the_layer(num_neighbours, has_future):
    rng = np.random.default_rng(num_neighbours)
    count = 2 * num_neighbours + 1
    maps = rng.normal(0.2, 0.4, (1, count, H, W, J)).astype(np.float32)
    valid = np.ones((1, count), np.float32)
    valid[:, num_neighbours + 1 :] = has_future
    layer = make_trained("chain", like=[maps, valid])
    accumulator = open_accumulator(layer, StreamBuffer(num_neighbours, 1, (H, W), J, has_future))
    assert isinstance(accumulator, ChainAccumulator)
    entries = np.concatenate([maps[0], np.full((count, H, W, 2), 1e3, np.float32)], axis=-1)
    for _ in range(2):  # the second window does not see the first one
        accumulator.begin()
        order = [*range(num_neighbours - 1, -1, -1), *(range(num_neighbours + 1, count) if has_future else ())]
        for t in order:
            accumulator.add(Neighbour(t - num_neighbours, t, entries[t], entries[t, ..., 0], entries[t, ..., 1]))
        found = accumulator.finish(num_neighbours, entries[num_neighbours])
        np.testing.assert_allclose(found, layer([maps, valid])[0], rtol=1e-3, atol=1e-5)
