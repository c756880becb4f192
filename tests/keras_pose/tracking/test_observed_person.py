import warnings

import numpy as np
import pytest

from keras_pose.tracking.observed_person import observe
from tests.helpers.simulated_net import POSE, walk

NUMBERS = np.arange(8)


def still(num_frames=8):
    return np.repeat((POSE * 100 + (50, 20))[None], num_frames, 0).astype(np.float32)


def seen(joints):
    return np.ones(joints.shape[:-1], bool)


def test_a_still_person():
    person = observe(NUMBERS, still(), seen(still()))
    assert person.size_wh == pytest.approx((100, 100))
    assert person.center == pytest.approx((100, 70))
    assert person.extent == pytest.approx((50, 20, 150, 120))
    assert person.velocity == (0, 0)
    assert person.number == 3.5


def test_speed_is_that_of_the_body_not_of_the_hands():
    joints = walk(8, 100, (50, 20), (3, -2), wave=0.2)
    person = observe(NUMBERS, joints, seen(joints))
    assert person.velocity == pytest.approx((3, -2), abs=0.2)


def test_speed_is_per_frame_of_the_video():
    joints = walk(8, 100, (50, 20), (3, -2), wave=0)
    person = observe(NUMBERS * 5, joints, seen(joints))
    assert person.velocity == pytest.approx((0.6, -0.4))


def test_a_joint_that_flies_off_for_a_frame_changes_nothing():
    joints = still()
    joints[3, 1] = (900, 900)
    joints[6, 4] = (-500, 0)
    assert observe(NUMBERS, joints, seen(joints)) == observe(NUMBERS, still(), seen(still()))


def test_a_joint_that_is_elsewhere_all_the_time_is_left_out():
    joints = still()
    joints[:, 1] = (900, 900)
    person = observe(NUMBERS, joints, seen(joints))
    assert person.extent == pytest.approx((50, 20, 150, 110))


def test_missing_and_unsure_joints_are_left_out():
    joints = still()
    joints[2] = np.nan
    joints[:, 1] = np.nan
    sure = seen(joints)
    sure[:, 3] = False
    joints[:, 3] = (300, 300)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        person = observe(NUMBERS, joints, sure)
    assert person.extent == pytest.approx((75, 20, 150, 110))


@pytest.mark.parametrize("there", [0, 3])
def test_fewer_than_half_of_the_joints_are_nobody(there):
    joints = still()
    joints[:, there:] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert observe(NUMBERS, joints, seen(joints)) is None


def test_one_joint_has_no_size_but_a_place():
    joints = np.full((4, 1, 2), 30, np.float32)
    person = observe(np.arange(4), joints, seen(joints))
    assert person.size_wh == (0, 0)
    assert person.center == (30, 30)


def test_a_single_frame_has_no_speed():
    person = observe(np.array([5]), still(1), seen(still(1)))
    assert person.velocity == (0, 0)
    assert person.number == 5
