"""Samples: what is stored maps onto the input as the frame does; the endless order is a function of the seed."""

import numpy as np
import pytest

from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.samples import Samples


class CountingFrames(ArrayFrames):
    reads = 0

    def read(self, indices):
        self.reads += 1
        return super().read(indices)


def make_clip(name="a", size_hw=(40, 60), count=5):
    rng = np.random.default_rng(len(name) + count)
    joints = rng.uniform(5, 30, (count, 3, 2)).astype(np.float32)
    joints[0, 1] = np.nan
    visibility = np.full((count, 3), VISIBLE, np.uint8)
    visibility[0, 1], visibility[0, 2] = UNLABELLED, HIDDEN
    frames = CountingFrames(rng.integers(0, 256, (count, *size_hw, 3)).astype(np.uint8))
    return Clip(name, frames, np.arange(count), joints, visibility, np.full(count, 0.5, np.float32))


def test_targets_are_in_input_px_with_weights_and_zeros_where_unlabelled():
    clip = make_clip()
    _, _, targets = Samples([clip], (80, 120), hidden_weight=0.25).read_batch([0, 1])
    np.testing.assert_allclose(targets[1, :, :2], (clip.joints[1] + 0.5) * 2 - 0.5, rtol=1e-5)
    np.testing.assert_allclose(targets[0, :, 2], [0.5, 0, 0.125])
    np.testing.assert_array_equal(targets[0, 1], 0)


def test_large_frames_are_stored_small_and_still_map_onto_the_input():
    clip = make_clip(size_hw=(200, 300))
    samples = Samples([clip], (64, 64))
    frames, matrices, targets = samples.read_batch([1])
    assert frames.shape == (1, 1, 50, 75, 3)
    stored = (clip.joints[1] + 0.5) / 4 - 0.5
    moved = stored @ matrices[0, :2, :2].T + matrices[0, :2, 2]
    np.testing.assert_allclose(moved, targets[0, :, :2], atol=1e-4)


def test_clips_of_different_sizes_share_a_batch():
    samples = Samples([make_clip("a", (40, 60)), make_clip("b", (64, 48))], (64, 64))
    frames, _, _ = samples.read_batch([0, 5])
    assert frames.shape == (2, 1, 64, 60, 3)
    assert (frames[0, 0, 40:] == 0).all()


def test_frames_are_read_once_with_a_cache_and_again_without():
    clip = make_clip()
    cached, plain = Samples([clip], (64, 64)), Samples([clip], (64, 64), cache=False)
    for samples, expected in ((cached, 1), (plain, 2)):
        before = clip.frames.reads
        for _ in range(2):
            samples.read_batch([2])
        assert clip.frames.reads - before == expected


def test_windows_repeat_the_last_frame_at_the_ends():
    clip = make_clip()
    frames, _, _ = Samples([clip], (40, 60), offsets=(-1, 0, 1)).read_batch([0, 2])
    np.testing.assert_array_equal(frames[0], clip.frames.array[[0, 0, 1]])
    np.testing.assert_array_equal(frames[1], clip.frames.array[[1, 2, 3]])


def test_rows_without_neighbours_are_left_out_and_counted():
    images = make_clip()
    images.frames.num_frames = None
    assert len(Samples([images], (64, 64))) == 5
    with pytest.raises(ValueError, match="at least one labelled frame"):
        Samples([images], (64, 64), offsets=(-1, 0, 1))
    both = Samples([images, make_clip("b")], (64, 64), offsets=(-1, 0, 1))
    assert (len(both), both.left_out) == (5, 5)


def test_each_pass_holds_every_sample_once_in_another_order():
    samples = Samples([make_clip(count=5), make_clip("b", count=6)], (64, 64))
    order = samples.shuffled(7, range(33))
    assert [sorted(order[i : i + 11]) for i in (0, 11, 22)] == [list(range(11))] * 3
    assert order[:11] != order[11:22]
    assert samples.shuffled(7, range(20, 33)) == order[20:]
    assert samples.shuffled(8, range(33)) != order
