"""Joints that are labelled outside their frame: unlabelled one by one, or kept as hidden."""

import numpy as np

from keras_pose.data import outside_labels
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip


def make_clip():
    joints = np.full((3, 2, 2), 5.0)
    joints[0, 1] = (31, 5)
    joints[1] = -9
    return Clip("c", ArrayFrames(np.zeros((5, 20, 30, 3))), [0, 1, 2], joints, np.full((3, 2), VISIBLE))


def test_unlabel_drops_joints_and_the_rows_in_which_none_is_left():
    (clip,), skipped, notes = outside_labels.change_outside([make_clip()], "unlabel")
    assert clip.labelled.tolist() == [0, 2]
    assert clip.visibility.tolist() == [[VISIBLE, UNLABELLED], [VISIBLE, VISIBLE]]
    assert np.isnan(clip.joints[0, 1]).all()
    assert skipped == ["c:1: all its joints lie outside the frame"]
    assert notes == ["3 of 6 labelled joints (50.0 %) lie outside their frame and are not used (--outside=unlabel)"]


def test_hidden_keeps_positions():
    (clip,), skipped, notes = outside_labels.change_outside([make_clip()], "hidden")
    assert clip.visibility.tolist() == [[VISIBLE, HIDDEN], [HIDDEN, HIDDEN], [VISIBLE, VISIBLE]]
    np.testing.assert_array_equal(clip.joints, make_clip().joints)
    assert skipped == []
    assert notes == ["3 of 6 labelled joints (50.0 %) lie outside their frame and count as hidden (--outside=hidden)"]


def test_nothing_changes_without_such_joints_or_a_choice():
    good = make_clip().select([2])
    for choice in ("unlabel", "hidden"):
        clips, skipped, notes = outside_labels.change_outside([good], choice)
        assert (clips[0] is good, skipped, notes) == (True, [], [])
    clip = make_clip()
    assert outside_labels.change_outside([clip], "error") == ([clip], [], [])
