"""Frames of a clip in shards."""

import concurrent.futures

import numpy as np
import pytest

from keras_pose.data.shard_frames import check_neighbours
from tests.helpers import sharded


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Signers, and their shards with one neighbour on each side of every second frame but the last ones."""
    flags = {**sharded.SIGNERS, "signer_frames": 9, "signer_label_every": 5}
    folder, _ = sharded.prepare(tmp_path_factory.mktemp("shards") / "s", **flags, window=1, frames_per_shard=4)
    return sharded.open_with(**flags), sharded.open_with(data=folder)


def test_frames_are_read_in_any_order_and_twice(opened):
    source, shards = opened
    for a, b in zip(source.clips, shards.clips):
        assert (b.frames.num_frames, b.frames.size_hw) == (9, (64, 64))
        for wanted in ([3, 1, 2, 3], [8], [7, 1], []):
            np.testing.assert_array_equal(b.frames.read(wanted), a.frames.read(wanted))


def test_threads_read_at_the_same_time(opened):
    source, shards = opened
    expected = [clip.frames.read([1, 2, 3, 6]) for clip in source.clips]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: shards.clips[n % 4].frames.read([1, 2, 3, 6]), range(64)))
    for number, frames in enumerate(found):
        np.testing.assert_array_equal(frames, expected[number % 4])


def test_a_frame_that_is_not_stored_is_an_error_with_the_way_to_store_it(opened):
    frames = opened[1].clips[1].frames
    with pytest.raises(ValueError, match="frame 4 of clip signers-train-00001 is not in these shards; .*--window"):
        frames.read([3, 4])
    assert frames.find_fault(3) == ""
    assert "--frames=all" in frames.find_fault(4)


def test_windows_that_are_too_large_are_refused_before_training(opened):
    source, shards = opened
    check_neighbours(shards.clips, (-1, 0, 1))
    check_neighbours(source.clips, range(-5, 6))
    with pytest.raises(ValueError, match="--window=2: the shards of clip .* hold 1 frames on each side"):
        check_neighbours(shards.clips, (-2, 0, 2))
