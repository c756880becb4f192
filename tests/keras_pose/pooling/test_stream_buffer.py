"""The buffer of a stream: neighbours are warped by composed flow, windows end with the video, memory is bounded."""

import numpy as np
import pytest

from keras_pose.flow import composition
from keras_pose.flow.warp import warp_by_flow
from keras_pose.pooling.stream_buffer import FUTURE, PAST, StreamBuffer
from tests.helpers.motion import smooth_flow

SIZE_HW = (16, 20)
J = 3
ROUNDING_PX = 1 / 32  # of positions, by OpenCV


def draw_maps(frame):
    return np.random.default_rng(frame).uniform(0, 1, (*SIZE_HW, J)).astype(np.float32)


def draw_flow(frame, direction):
    """Flow to the next neighbour in this direction, at positions that OpenCV does not round at the first step."""
    return np.round(smooth_flow(10 * frame + direction + 1, 2.0, SIZE_HW) * 32) / np.float32(32)


def fill(buffer, num_frames):
    for frame in range(num_frames):
        buffer.put_maps(frame, draw_maps(frame))
        for direction in (PAST, FUTURE) if buffer.lag else (PAST,):
            buffer.put_flow(frame, direction, draw_flow(frame, direction))
    return buffer


@pytest.mark.parametrize("direction", [PAST, FUTURE])
@pytest.mark.parametrize("stride", [1, 2])
def test_neighbours_equal_composition_by_hand(direction, stride):
    buffer = fill(StreamBuffer(2, stride, SIZE_HW, J, has_future=True), 4 * stride + 1)
    middle = 2 * stride
    flow = draw_flow(middle, direction)
    for step, neighbour in enumerate(buffer.neighbours(middle, direction, last=4 * stride), start=1):
        frame = middle + direction * step * stride
        assert (neighbour.place, neighbour.frame) == (direction * step, frame)
        np.testing.assert_allclose(np.stack([neighbour.flow_x, neighbour.flow_y], -1), flow, atol=ROUNDING_PX)
        expected = warp_by_flow(draw_maps(frame), flow)
        steepest = sum(np.abs(np.diff(draw_maps(frame), axis=axis)).max() for axis in (0, 1))
        np.testing.assert_allclose(neighbour.warped[..., :-2], expected, atol=2 * ROUNDING_PX * steepest)
        flow = composition.compose(flow, draw_flow(frame, direction)).numpy()
    assert step == 2


@pytest.mark.parametrize(("num_within", "reach"), [(1, 2), (2, 4), (0, 0)])
def test_neighbours_that_are_too_far_away_in_time_count_as_missing(num_within, reach):
    buffer = fill(StreamBuffer(3, 2, SIZE_HW, J, has_future=True, num_within=num_within), 13)
    assert (buffer.num_neighbours, buffer.reach, buffer.lag) == (3, reach, reach)
    for direction in (PAST, FUTURE):
        places = [neighbour.place for neighbour in buffer.neighbours(12 - reach, direction, last=12)]
        assert places == [direction * step for step in range(1, num_within + 1)]


def test_windows_end_with_the_video():
    buffer = fill(StreamBuffer(2, 1, SIZE_HW, J, has_future=True), 4)
    places = {
        (middle, direction): [n.place for n in buffer.neighbours(middle, direction, last=3)]
        for middle in range(4)
        for direction in (PAST, FUTURE)
    }
    assert [places[middle, PAST] for middle in range(4)] == [[], [-1], [-1, -2], [-1, -2]]
    assert [places[middle, FUTURE] for middle in range(4)] == [[1, 2], [1, 2], [1], []]


def test_what_a_neighbour_needs_is_read_when_the_iterator_comes_to_it():
    """The last future neighbour may get its maps after the nearer ones were pooled."""
    buffer = fill(StreamBuffer(2, 1, SIZE_HW, J, has_future=True), 4)
    neighbours = buffer.neighbours(2, FUTURE, last=4)
    next(neighbours)
    buffer.put_maps(4, np.full((*SIZE_HW, J), 7, np.float32))
    np.testing.assert_array_equal(next(neighbours).warped[..., :-2], np.full((*SIZE_HW, J), 7))


def test_without_a_future_there_are_only_frames_before():
    buffer = fill(StreamBuffer(2, 1, SIZE_HW, J, has_future=False), 4)
    assert buffer.lag == 0
    assert list(buffer.neighbours(2, FUTURE, last=3)) == []
    assert [n.place for n in buffer.neighbours(3, PAST, last=3)] == [-1, -2]


def test_entries_hold_the_maps_until_their_window_is_over():
    buffer = fill(StreamBuffer(2, 1, SIZE_HW, J, has_future=True), 9)
    for frame in range(4, 9):  # the middle of the last window, its past and its future
        np.testing.assert_array_equal(buffer.entry(frame)[..., :-2], draw_maps(frame))


@pytest.mark.parametrize(("has_future", "frames_kept"), [(True, (2 * 6 + 1) + (6 + 1)), (False, 6 + 1)])
def test_memory_is_that_of_the_reach(has_future, frames_kept):
    buffer = StreamBuffer(3, 2, SIZE_HW, J, has_future)
    assert (buffer.reach, buffer.lag) == (6, 6 if has_future else 0)
    assert buffer.num_bytes == frames_kept * SIZE_HW[0] * SIZE_HW[1] * (J + 2) * 4
    fill(buffer, 40)
    assert buffer.num_bytes == frames_kept * SIZE_HW[0] * SIZE_HW[1] * (J + 2) * 4
