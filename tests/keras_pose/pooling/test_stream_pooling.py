"""A stream pools each frame as soon as its neighbours have arrived."""

import numpy as np
import pytest

from keras_pose.pooling.accumulators import open_accumulator
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.stream_pooling import StreamPooling
from keras_pose.pooling.temporal_pooling import TemporalPooling

SIZE_HW = (8, 8)
J = 2
NUM_FRAMES = 7
RNG = np.random.default_rng(0)
MAPS = RNG.uniform(0, 1, (NUM_FRAMES, *SIZE_HW, J)).astype(np.float32)
IMAGES = RNG.integers(0, 256, (NUM_FRAMES, 32, 32, 3)).astype(np.uint8)


def no_motion(target, source):
    return np.zeros((*target.shape[:2], 2), np.float32)


def open_pooling(estimate_flow=no_motion, stride=1, has_future=True, num_within=None, **options):
    buffer = StreamBuffer(2, stride, SIZE_HW, J, has_future, num_within)
    layer = TemporalPooling("sum")
    layer([np.zeros((1, 5, *SIZE_HW, J), np.float32), np.ones((1, 5))])
    return StreamPooling(buffer, open_accumulator(layer, buffer), estimate_flow, **options)


def run(pooling, num_frames=NUM_FRAMES):
    """Returns lists of (frame, maps): what each frame completes, and what comes at the end."""
    given = []
    for frame in range(num_frames):
        pooling.begin(frame, IMAGES[frame])
        given.append([(middle, maps.copy()) for middle, maps in pooling.finish(frame, MAPS[frame])])
    return given, [(middle, maps.copy()) for middle, maps in pooling.end(num_frames)]


def mean_of_window(middle, stride, last, num_frames=NUM_FRAMES):
    """The mean of five maps; the current one stands in for frames that do not exist."""
    places = [middle + stride * offset for offset in (-2, -1, 0, 1, 2)]
    return np.mean([MAPS[p if 0 <= p <= last else middle] for p in places], axis=0)


@pytest.mark.parametrize("parallel", [True, False])
@pytest.mark.parametrize("stride", [1, 2])
def test_each_frame_is_pooled_when_its_last_neighbour_has_come(stride, parallel):
    given, rest = run(open_pooling(stride=stride, parallel=parallel))
    lag = 2 * stride
    assert [[middle for middle, _ in part] for part in given] == [[]] * lag + [[k] for k in range(NUM_FRAMES - lag)]
    assert [middle for middle, _ in rest] == list(range(NUM_FRAMES - lag, NUM_FRAMES))
    for middle, maps in [*sum(given, []), *rest]:
        np.testing.assert_allclose(maps, mean_of_window(middle, stride, NUM_FRAMES - 1), rtol=1e-5)


@pytest.mark.parametrize("parallel", [True, False])
def test_a_shorter_reach_in_time_has_fewer_neighbours_and_less_lag(parallel):
    given, rest = run(open_pooling(num_within=1, parallel=parallel))
    assert [[middle for middle, _ in part] for part in given] == [[], *([k] for k in range(NUM_FRAMES - 1))]
    for middle, maps in [*sum(given, []), *rest]:
        places = [p if 0 <= p < NUM_FRAMES else middle for p in (middle - 1, middle + 1)]
        expected = (3 * MAPS[middle] + MAPS[places].sum(axis=0)) / 5
        np.testing.assert_allclose(maps, expected, rtol=1e-5)


@pytest.mark.parametrize("has_future", [True, False])
def test_without_any_neighbour_in_time_each_frame_is_pooled_alone(has_future):
    given, rest = run(open_pooling(num_within=0, has_future=has_future))
    assert rest == []
    for frame, ((middle, maps),) in enumerate(given):
        assert middle == frame
        np.testing.assert_allclose(maps, MAPS[frame], rtol=1e-5)


@pytest.mark.parametrize("parallel", [True, False])
def test_without_a_future_each_frame_is_pooled_at_once(parallel):
    given, rest = run(open_pooling(has_future=False, parallel=parallel))
    assert rest == []
    for frame, ((middle, maps),) in enumerate(given):
        assert middle == frame
        np.testing.assert_allclose(maps, mean_of_window(middle, 1, last=frame), rtol=1e-5)


@pytest.mark.parametrize("num_frames", [1, 2])
def test_a_scene_shorter_than_a_window_is_pooled_at_its_end(num_frames):
    given, rest = run(open_pooling(), num_frames)
    assert not any(given)
    for middle, maps in rest:
        np.testing.assert_allclose(maps, mean_of_window(middle, 1, num_frames - 1), rtol=1e-5)


def test_the_next_scene_begins_without_the_frames_of_the_last():
    pooling = open_pooling()
    first = run(pooling, 4)
    again = run(pooling, 4)
    for one, other in zip(sum(first[0], []) + first[1], sum(again[0], []) + again[1]):
        np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize(("grey", "shape"), [(True, (32, 32)), (False, (32, 32, 3))])
def test_flow_is_estimated_once_in_each_direction_between_frames_one_stride_apart(grey, shape):
    calls = []

    def estimate_flow(target, source):
        calls.append((target.mean(), source.mean(), target.shape, source.shape))
        return no_motion(target, source)

    run(open_pooling(estimate_flow, stride=2, grey=grey))
    assert {call[2:] for call in calls} == {(shape, shape)}
    pairs = [call[:2] for call in calls]
    assert len(set(pairs)) == len(pairs) == 2 * (NUM_FRAMES - 2)
    assert {(source, target) for target, source in pairs} == set(pairs)


def test_flow_is_scaled_to_the_maps():
    """Everything moves by 4 px of the frame, which is 1 px of the maps: the neighbour's maps are shifted by it."""

    def estimate_flow(target, source):
        return np.full((*target.shape, 2), (4.0, 0.0), np.float32)

    given, _ = run(open_pooling(estimate_flow, has_future=False), 2)
    moved = MAPS[0][:, np.minimum(np.arange(8) + 1, 7)]
    np.testing.assert_allclose(given[1][0][1], (moved + 4 * MAPS[1]) / 5, rtol=1e-5)


def test_finishing_a_frame_that_was_not_begun_is_refused():
    pooling = open_pooling()
    with pytest.raises(ValueError, match="frame 0: expected a call of `begin`"):
        list(pooling.finish(0, MAPS[0]))
