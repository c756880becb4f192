"""The temporal step of a track: windows of consecutive frames, cuts, and regions that move."""

import keras
import numpy as np
import pytest

from keras_pose.inference.engine import view_fitted
from keras_pose.inference.pooled_track import PooledTrack, PoolingParts
from keras_pose.inference.pose_model import CAUSAL
from keras_pose.models.flowing_net import build_flowing_net
from keras_pose.models.pose_net import FRAME_NET
from tests.helpers.dots import dot_net, dots

SIZE_HW = (64, 64)
NEIGHBOURS = 2


@pytest.fixture(scope="module")
def model():
    net = dot_net(SIZE_HW)
    return build_flowing_net(keras.Model(net.inputs[0], net.output, name=FRAME_NET), 2 * NEIGHBOURS + 1, SIZE_HW, "sum")


def make_parts(model, **options):
    return PoolingParts(model, 2, SIZE_HW, 1, "dis_fast", **options)


@pytest.fixture(scope="module")
def parts(model):
    return make_parts(model, find_cuts=False)


@pytest.fixture(scope="module")
def views():
    frames = [dots((128, 128), (30 + 3 * n, 40), (90, 100 - 2 * n), 10) for n in range(12)]
    return [view_fitted(frame, None, SIZE_HW) for frame in frames]


def maps_of(view):
    """What the net makes of a view: a quarter of its red and of its green channel."""
    return view.image.reshape(16, 4, 16, 4, 3).mean((1, 3))[..., :2].astype(np.float32) / 255


def push(track, views, numbers, skip=()):
    found = []
    for number in numbers:
        found += track.push(number, views[number], None if number in skip else maps_of(views[number]))
    return found


def pooled_maps(found):
    return {item.number: np.array(item.maps) for item in found}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for number, maps in found.items():
        np.testing.assert_array_equal(maps, expected[number], err_msg=str(number))


def test_each_frame_comes_once_in_order_and_late_by_the_lag(parts, views):
    track = PooledTrack(parts, keep=True)
    found = push(track, views, range(8))
    assert [item.number for item in found] == list(range(8 - track.lag_frames))
    found += track.end_scene()
    assert [item.number for item in found] == list(range(8))
    assert track.lag_frames == NEIGHBOURS
    assert all(item.view.crop is views[item.number].crop for item in found)


def test_the_net_may_be_called_beside_the_flow(parts, views):
    expected = PooledTrack(parts, keep=True)
    expected = pooled_maps([*push(expected, views, range(8)), *expected.end_scene()])
    track = PooledTrack(parts, parallel=True, keep=True)
    found = [item for n in range(8) for item in track.push_with(n, views[n], lambda n=n: maps_of(views[n]))]
    assert_same(pooled_maps([*found, *track.end_scene()]), expected)


def test_a_number_that_is_left_out_ends_the_windows(parts, views):
    track = PooledTrack(parts, keep=True)
    found = pooled_maps([*push(track, views, [0, 1, 2, 3, 6, 7, 8]), *track.end_scene()])
    for numbers in ([0, 1, 2, 3], [6, 7, 8]):
        alone = PooledTrack(parts, keep=True)
        expected = pooled_maps([*push(alone, views, numbers), *alone.end_scene()])
        assert_same({n: found[n] for n in numbers}, expected)


def test_a_frame_that_nobody_needs_is_as_one_that_is_left_out(parts, views):
    skipped = PooledTrack(parts, keep=True)
    found = pooled_maps([*push(skipped, views, range(8), skip=(4,)), *skipped.end_scene()])
    left_out = PooledTrack(parts, keep=True)
    assert_same(found, pooled_maps([*push(left_out, views, [0, 1, 2, 3, 5, 6, 7]), *left_out.end_scene()]))


def test_a_restarted_track_remembers_nothing(model, views):
    parts = make_parts(model)  # with cuts, which look back at earlier frames
    new = PooledTrack(parts, keep=True)
    expected = pooled_maps([*push(new, views, range(8)), *new.end_scene()])
    track = PooledTrack(parts, keep=True)
    push(track, views[::-1], range(10))
    list(track.end_scene())
    track.restart()
    size = track.buffer_bytes
    assert_same(pooled_maps([*push(track, views, range(8)), *track.end_scene()]), expected)
    assert track.buffer_bytes == size > 0


def test_windows_do_not_reach_across_a_cut(model, views):
    other = view_fitted(np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8), None, SIZE_HW)
    mixed = [*views[:6], *[other] * 6]
    track = PooledTrack(make_parts(model), keep=True)
    found = pooled_maps([*push(track, mixed, range(12)), *track.end_scene()])
    alone = PooledTrack(make_parts(model, find_cuts=False), keep=True)
    expected = pooled_maps([*push(alone, mixed, range(6)), *alone.end_scene()])
    assert_same({n: found[n] for n in range(6)}, expected)


def test_a_causal_track_answers_at_once(model, views):
    track = PooledTrack(make_parts(model, mode=CAUSAL), keep=True)
    assert [item.number for item in push(track, views, range(5))] == list(range(5))
    assert list(track.end_scene()) == []


def test_maps_stay_valid_if_they_are_kept(parts, views):
    track = PooledTrack(parts, keep=True)
    found = push(track, views, range(8))
    before = pooled_maps(found)
    list(track.end_scene())
    assert_same(pooled_maps(found), before)


def test_another_net_is_refused():
    frames = keras.Input((*SIZE_HW, 3), name="frames")
    joints = keras.layers.Reshape((2, 2))(keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(frames)))
    net = keras.Model(frames, {"joints": joints})
    with pytest.raises(ValueError, match="expected a flowing net or a heatmap net for single frames"):
        make_parts(net)
