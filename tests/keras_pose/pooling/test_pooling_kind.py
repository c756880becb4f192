"""What several kinds of pooling share: the current frame, the frames that count, frames without neighbours."""

import numpy as np
import pytest

from keras_pose.pooling.pooling_kind import PoolingKind, current_maps, find_connected, keep_lone_maps
from tests.helpers import pooling_oracles

MAPS = np.random.default_rng(0).normal(size=(2, 5, 3, 4, 2)).astype(np.float32)


def test_the_current_maps_keep_their_axis():
    np.testing.assert_array_equal(current_maps(MAPS), MAPS[:, 2:3])


@pytest.mark.parametrize("number", range(32))
def test_a_side_ends_at_the_first_frame_that_does_not_exist(number):
    present = [bool(number >> t & 1) for t in range(5)]
    expected = [t in pooling_oracles.connected(present) for t in range(5)]
    assert find_connected(np.array([present])).numpy()[0].tolist() == expected


def test_a_window_of_one_frame_connects_itself():
    assert find_connected(np.array([[False], [True]])).numpy().tolist() == [[True], [True]]


@pytest.mark.parametrize("num_frames", [1, 3, 5, 11])
def test_frames_alone_are_windows_of_which_only_the_middle_exists(num_frames):
    class Recorder(PoolingKind):
        def pool(self, layer, maps, present, reliability):
            self.window = np.array(maps), np.array(present)
            return maps[:, 0]

    kind = Recorder()
    np.testing.assert_array_equal(kind.pool_alone(None, MAPS[:, 0], num_frames), MAPS[:, 0])
    maps, present = kind.window
    np.testing.assert_array_equal(maps, np.repeat(MAPS[:, :1], num_frames, axis=1))
    assert present.dtype == bool
    np.testing.assert_array_equal(present, [[place == num_frames // 2 for place in range(num_frames)]] * len(MAPS))


def test_only_windows_without_neighbours_keep_their_maps():
    pooled = np.zeros_like(MAPS[:, 0])
    connected = np.array([[0, 0, 1, 0, 0], [0, 0, 1, 1, 0]], bool)
    kept = keep_lone_maps(pooled, MAPS, connected).numpy()
    np.testing.assert_array_equal(kept[0], MAPS[0, 2])
    assert not kept[1].any()
