"""The parts of a frame's time: frames that repeat without a cut, and a pooling that takes one after the other."""

import numpy as np

from benchmarks.video import streaming_stages


def test_frames_can_repeat_without_a_cut():
    frames = streaming_stages.make_frames(4)
    assert frames.shape == (6, *streaming_stages.SIZE_HW, 3)
    np.testing.assert_array_equal(frames[4], frames[2])
    np.testing.assert_array_equal(frames[5], frames[1])


def test_flow_is_estimated_in_both_directions_for_each_frame():
    pairs = []

    def estimate_flow(target, source):
        pairs.append((target, source))
        return np.zeros((*target.shape[:2], 2), np.float32)

    push_next = streaming_stages.open_pooling(2, estimate_flow)
    begun = len(pairs)
    push_next()
    (first, second), (third, fourth) = pairs[begun:]
    np.testing.assert_array_equal(first, fourth)
    np.testing.assert_array_equal(second, third)
