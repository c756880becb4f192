import json

import numpy as np
import pytest

from keras_pose.tracking.follow_settings import FollowSettings
from keras_pose.tracking.observed_person import ObservedPerson
from keras_pose.tracking.region_shapes import FrameShape, center_of
from keras_pose.tracking.steady_region import SteadyRegion, keep_or_move

SHAPE = FrameShape((480, 640))
SETTINGS = FollowSettings(share=0.5)
REGION = (200.0, 100.0, 200.0, 200.0)


def person(left, top, size=100.0, velocity=(0.0, 0.0), number=4.0):
    extent = (left, top, left + size, top + size)
    return ObservedPerson((size, size), extent, (left + size / 2, top + size / 2), velocity, number)


def steady(settings=SETTINGS):
    region = SteadyRegion(SHAPE, settings)
    region.begin(REGION)
    return region


@pytest.mark.parametrize(("left", "top"), [(250, 150), (213, 113), (287, 187)])
def test_it_stays_while_the_person_is_in_the_inner_zone(left, top):
    assert steady().next(REGION, person(left, top), 8) == REGION


@pytest.mark.parametrize(("left", "top"), [(211, 150), (289, 150), (250, 111), (250, 189)])
def test_it_is_centred_if_the_person_leaves_the_inner_zone(left, top):
    moved = steady().next(REGION, person(left, top), 8)
    assert center_of(moved) == (left + 50, top + 50)
    assert moved[2:] == REGION[2:]


def test_it_is_centred_on_where_the_person_will_be():
    moved = steady().next(REGION, person(250, 150, velocity=(4.0, 0.0)), 8)
    # From frame 4 to the middle of the next block, frame 12.
    assert center_of(moved) == pytest.approx((300 + 8 * 4, 200), abs=0.5)


def test_the_zone_reaches_to_the_edges_of_the_frame():
    corner = (0.0, 0.0, 200.0, 200.0)
    assert steady().next(corner, person(2, 2), 8) == corner
    assert steady().next(SHAPE.whole(), person(540, 380, size=320), 8) == SHAPE.whole()


@pytest.mark.parametrize(("size", "expected"), [(75, 200), (130, 200), (70, 160), (145, 250)])
def test_the_size_changes_beyond_a_factor_and_by_a_limited_one(size, expected):
    region = steady()
    who = person(300 - size / 2, 200 - size / 2, size=size)
    for block in range(3):
        assert region.next(REGION, who, 8 * block) == REGION
    assert region.next(REGION, who, 24)[2] == pytest.approx(expected, abs=1)


def test_the_reference_is_what_the_person_had_in_the_first_blocks():
    region = steady(FollowSettings())
    for block in range(12):
        assert region.next(REGION, person(265, 165, size=70), 8 * block) == REGION
    current = REGION
    for block in range(12, 24):
        current = region.next(current, person(230, 130, size=140), 8 * block)
    assert current[2] == pytest.approx(400, rel=0.3)


def test_a_gesture_does_not_change_the_size():
    region = steady()
    for block in range(8):
        assert region.next(REGION, person(250, 150, size=100 if block % 2 else 60), 8 * block) == REGION


def test_state_is_exact():
    first = steady(FollowSettings())
    second = steady(FollowSettings())
    rng = np.random.default_rng(0)
    a = b = REGION
    for block in range(30):
        who = person(*rng.uniform(150, 300, 2), size=rng.uniform(60, 200))
        a = first.next(a, who, 8 * block)
        fresh = SteadyRegion(SHAPE, FollowSettings())
        fresh.restore(json.loads(json.dumps(second.state())))
        second = fresh
        b = second.next(b, who, 8 * block)
        assert a == b


def test_a_person_without_size_only_moves_the_region():
    moved = steady().next(REGION, person(390, 150, size=0.0), 8)
    assert moved[2:] == REGION[2:]
    assert center_of(moved) == (390, 150)


def test_a_box_that_no_longer_fits_enlarges_the_region():
    low = np.array([180.0, 120.0])
    high = np.array([420.0, 280.0])
    region = keep_or_move(SHAPE, SETTINGS, REGION, (low, high), wanted_span=200.0)
    assert region[2] == 250
    assert center_of(region) == (300, 200)
