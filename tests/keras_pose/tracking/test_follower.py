import json

import numpy as np
import pytest

from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.follower import FOLLOW, REST, SEARCH, Follower
from keras_pose.tracking.region_shapes import FrameShape
from tests.helpers.simulated_net import SURE, SimulatedNet, errors, walk

SHAPE = FrameShape((480, 640))
WHOLE = SHAPE.whole()


def predict(follower, net, truths, chunk=8, first=0):
    """Returns joints [N, J, 2], the regions, and what the follower was doing."""
    joints = []
    regions = []
    modes = []
    for start in range(0, len(truths), chunk):
        rows = range(start, min(start + chunk, len(truths)))
        asked = [follower.region(first + row) for row in rows]
        for row, region in zip(rows, asked):
            found, scores = net.look(first + row, region, truths[row])
            follower.update(first + row, found, scores)
            joints.append(found)
            modes.append(follower.mode)
        regions += asked
    return np.array(joints), regions, modes


def test_a_person_who_fills_the_frame_keeps_the_whole_frame():
    follower = Follower(SHAPE)
    _, regions, modes = predict(follower, SimulatedNet(), walk(200, 300, (120, 60), (0.3, 0)))
    assert set(regions) == {WHOLE}
    assert set(modes[8:]) == {FOLLOW}


def test_a_small_person_is_found_at_a_familiar_size_and_followed():
    truths = walk(240, 60, (40, 100), (2, 0.5))
    joints, regions, modes = predict(Follower(SHAPE), SimulatedNet(), truths)
    found = modes.index(FOLLOW)
    assert found < 120
    assert set(modes[found:]) == {FOLLOW}
    assert errors(joints, truths)[found:].max() < 6
    assert 0.4 < 60 / np.median([region[3] for region in regions[found:]]) < 0.7


def test_the_region_of_a_still_person_does_not_move():
    truths = walk(300, 60, (300, 200), (0, 0))
    _, regions, modes = predict(Follower(SHAPE), SimulatedNet(), truths)
    found = modes.index(FOLLOW)
    assert len(set(regions[found + 16 :])) <= 2


def test_regions_do_not_depend_on_how_many_frames_are_predicted_at_once():
    truths = [*walk(100, 60, (40, 100), (2, 0.5)), *[None] * 60, *walk(100, 90, (400, 250), (-1, 0))]
    _, expected, modes = predict(Follower(SHAPE), SimulatedNet(), truths, chunk=8)
    assert {FOLLOW, SEARCH} <= set(modes)
    for chunk in (1, 2, 4):
        assert predict(Follower(SHAPE), SimulatedNet(), truths, chunk)[1] == expected


def test_state_is_exact_at_every_frame():
    truths = [*walk(70, 60, (40, 100), (2, 0.5)), *[None] * 50, *walk(30, 90, (400, 250), (-1, 0))]
    net = SimulatedNet()
    _, expected, _ = predict(Follower(SHAPE), net, truths, chunk=1)
    follower = Follower(SHAPE)
    for number, truth in enumerate(truths):
        state = json.loads(json.dumps(follower.state(), allow_nan=False))
        follower = Follower(SHAPE)
        follower.restore(state)
        assert follower.region(number) == expected[number]
        follower.restore(json.loads(json.dumps(follower.state(), allow_nan=False)))
        follower.update(number, *net.look(number, follower.region(number), truth))


def test_somebody_who_leaves_and_comes_back_elsewhere_is_found_again():
    there = walk(120, 60, (40, 100), (2, 0.5))
    back = walk(320, 80, (450, 300), (-1, -0.5), seed=1)
    joints, regions, modes = predict(Follower(SHAPE), SimulatedNet(), [*there, *[None] * 100, *back])
    assert modes[119] == FOLLOW
    assert FOLLOW not in modes[150:220]
    sides = [region[2] for region in regions[120:160]]
    assert sorted(set(sides))[0] < 200 < max(sides) == 640  # step by step to the whole frame
    assert set(modes[-40:]) == {FOLLOW}
    assert errors(joints[-40:], back[-40:]).max() < 8


def test_a_short_occlusion_does_not_lose_the_person():
    truths = list(walk(300, 60, (40, 100), (1.5, 0.5)))
    known = truths[:]
    truths[200:212] = [None] * 12
    joints, _, modes = predict(Follower(SHAPE), SimulatedNet(), truths)
    assert set(modes[250:]) == {FOLLOW}
    assert errors(joints[250:], np.array(known[250:])).max() < 6


def test_frames_without_an_update_and_joints_that_are_unknown_are_no_loss():
    truths = walk(260, 60, (40, 100), (1, 0.5))
    follower = Follower(SHAPE)
    net = SimulatedNet()
    rng = np.random.default_rng(0)
    for number, truth in enumerate(truths):
        if 150 < number < 175:  # not decoded, not even asked for
            continue
        joints, scores = net.look(number, follower.region(number), truth)
        joints[rng.integers(7)] = np.nan
        joints[rng.integers(7)] = rng.uniform(-1000, 1000, 2)
        if number % 3:
            follower.update(number, joints, scores)
    left, top, width, height = follower.region(260)
    assert follower.mode == FOLLOW
    assert (truths[-1] >= (left, top)).all()
    assert (truths[-1] <= (left + width, top + height)).all()
    assert width < 200


def test_a_net_that_is_never_sure_is_left_the_whole_frame_most_of_the_time():
    net = SimulatedNet(heights=0.55)
    _, regions, modes = predict(Follower(SHAPE), net, walk(2400, 300, (120, 60), (0, 0)))
    away = np.array([region != WHOLE for region in regions])
    assert REST in modes
    assert away[:400].mean() < 0.7
    assert away[1500:].mean() < 0.2


def test_a_net_without_heights_is_followed_by_its_joints():
    follower = Follower(SHAPE)
    for number, truth in enumerate(walk(200, 60, (40, 100), (1, 0))):
        follower.region(number)
        follower.update(number, truth, np.full(7, np.nan))
    assert follower.mode == FOLLOW
    share = Follower(SHAPE, FollowSettings(share=0.5))
    for number, truth in enumerate(walk(400, 60, (40, 100), (1, 0))):
        left, top, width, height = share.region(number)
        share.update(number, truth, np.full(7, np.nan))
    assert width < 200
    assert left <= truth[:, 0].min() <= truth[:, 0].max() <= left + width


def test_without_a_search_a_lost_region_only_widens():
    start = (300.0, 200.0, 120.0, 120.0)
    follower = Follower(SHAPE, FollowSettings(searches=False), start)
    truths = [*walk(80, 60, (330, 230), (0, 0)), *[None] * 80]
    _, regions, modes = predict(follower, SimulatedNet(), truths)
    assert set(regions[:80]) == {start}
    assert SEARCH not in modes
    assert regions[-1] == WHOLE


def test_it_starts_again_where_it_is_told():
    follower = Follower(SHAPE, FollowSettings(searches=False))
    follower.region(0)
    follower.move_to((10.0, 20.0, 100.0, 100.0))
    assert follower.region(0) == (10.0, 20.0, 100.0, 100.0)
    assert follower.person() is None


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_net_answers_the_region_lies_in_the_frame(seed):
    rng = np.random.default_rng(seed)
    shape = FrameShape((123, 77), aspect=1.4)
    follower = Follower(shape, FollowSettings(searches=bool(seed % 2)))
    for number in np.cumsum(rng.integers(1, 4, 600)).tolist():
        left, top, width, height = follower.region(number)
        assert min(left, top) >= 0
        assert min(width, height) >= 1
        assert left + width <= 77
        assert top + height <= 123
        joints = rng.normal(60, 10.0 ** rng.integers(-2, 9), (5, 2)).astype(np.float32)
        joints[rng.uniform(0, 1, 5) < 0.2] = rng.choice([np.nan, np.inf, -np.inf])
        scores = rng.uniform(0, 1, 5) ** rng.choice([0.1, 1.0, 4.0])
        scores[rng.uniform(0, 1, 5) < 0.1] = np.nan
        if rng.uniform() < 0.9:
            follower.update(number, joints, scores)
        json.dumps(follower.state(), allow_nan=False)


def test_an_update_of_another_block_is_ignored():
    follower = Follower(SHAPE)
    before = follower.state()
    follower.update(5, np.zeros((7, 2)), np.ones(7))
    assert follower.state() == before


@pytest.mark.parametrize("block", [1, 4, 8])
def test_decisions_are_made_at_the_first_frame_of_a_block(block):
    settings = FollowSettings(block=block)
    _, regions, modes = predict(Follower(SHAPE, settings), SimulatedNet(), walk(200, 60, (40, 100), (2, 0.5)), block)
    found = modes.index(FOLLOW)
    changes = [n for n in range(found + 1, 200) if regions[n] != regions[n - 1]]
    assert changes
    assert all(n % block == 0 for n in changes)


def test_the_person_is_known_while_followed():
    follower = Follower(SHAPE)
    truths = walk(40, 300, (120, 60), (0, 0))
    predict(follower, SimulatedNet(), truths)
    follower.region(40)
    assert follower.person().center == pytest.approx((270, 200), abs=30)
    assert SURE * 0.9 < follower.state()["level"] < 1
