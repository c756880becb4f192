"""How long errors last: tracks of known errors, and a net that is wrong on purpose."""

import types

import numpy as np
import pytest

from benchmarks.motion import persistence
from keras_pose.data.clip import UNLABELLED
from keras_pose.data.synthetic import signers


def test_lone_errors_are_brief_and_long_ones_last():
    brief = np.zeros(31)
    brief[[8, 20]] = 1
    found = persistence.measure([brief], ["a"])
    assert (found.errors, found.lasting, found.brief) == (2, 0, 1)
    assert found.wrong == pytest.approx(2 / 31)
    found = persistence.measure([np.ones(31)], ["a"])
    assert (found.errors, found.lasting, found.brief, found.wrong) == (21, 1, 0, 1)


def test_only_labelled_frames_around_an_error_count():
    track = np.zeros(11)
    track[5] = 1
    track[3] = 1
    track[6:] = np.nan
    assert persistence.measure([track], ["a"]).lasting == pytest.approx(1 / 5)


def test_the_interval_is_over_groups():
    lasting, brief = np.ones(11), np.zeros(11)
    brief[5] = 1
    found = persistence.measure([lasting, brief] * 4, list("aabbccdd"))
    assert (found.low, found.lasting, found.high) == (0.5, 0.5, 0.5)
    found = persistence.measure([lasting, brief] * 4, list("abcdefgh"))
    assert found.low < 0.3
    assert found.high > 0.7


def test_no_errors_are_told():
    with pytest.raises(ValueError, match="expected wrong wrists with 5 frames on both sides, found none"):
        persistence.measure([np.zeros(20)], ["a"])


def test_wrong_wrists_are_those_further_than_a_twentieth_of_the_longer_side():
    clip = signers.open_signers("test", 1, 6, (48, 64), version=2).clips[0]
    joints = clip.joints.copy()
    joints[2, 1] += (3.3, 0)  # 5 % of 64 px is 3.2 px
    joints[4, 2] += (0, 3.1)
    clip.visibility[5, 1] = UNLABELLED
    model = types.SimpleNamespace(
        predict=lambda frames: types.SimpleNamespace(joints=joints[: len(frames)]), skeleton=signers.SKELETON
    )
    right, left = persistence.find_wrong(model, clip, signers.SKELETON.joints)
    np.testing.assert_array_equal(right, [0, 0, 1, 0, 0, np.nan])
    np.testing.assert_array_equal(left, np.zeros(6))
