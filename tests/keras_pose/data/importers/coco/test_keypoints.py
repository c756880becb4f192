"""Keypoints in every form, and marks such as iscrowd."""

import numpy as np
import pytest

from keras_pose.data.importers.coco.keypoints import has_labels, is_set, parse_keypoints

JOINTS = ["a", "b"]


@pytest.mark.parametrize(
    "keypoints",
    [
        [1, 2, 2, 0, 0, 0],
        [1.0, 2.0, 2.0, 0.0, 0.0, 0.0],
        ["1", "2.0", "2", 0, 0, "0"],
        [[1, 2, 2], [0, 0, 0]],
        [1, 2, True, 0, 0, False],
        [[1, 2, "2"], [0, 0, None]][:1] + [[0, 0, 0]],
    ],
)
def test_all_forms_are_the_same(keypoints):
    values, faults, message = parse_keypoints(keypoints, JOINTS)
    np.testing.assert_array_equal(values, [[1, 2, 2], [0, 0, 0]])
    assert (faults, message) == ({}, "")


@pytest.mark.parametrize("unlabelled", [[None, None, 0], [None] * 3, ["x", 5, 0], [float("nan"), 1, 0], [3, 4, False]])
def test_an_unlabelled_joint_needs_no_position(unlabelled):
    values, faults, message = parse_keypoints([1, 2, 1, *unlabelled], JOINTS)
    assert (values[:, 2].tolist(), faults, message) == ([1, 0], {}, "")


@pytest.mark.parametrize(
    ("joint", "message"),
    [
        ([1, 2, 3], "expected v of 0 (unlabelled), 1 (hidden) or 2 (visible) at joint 'b', received 3"),
        ([1, 2, -1], "received -1"),
        ([1, 2, 0.5], "received 0.5"),
        ([1, 2, None], "received None"),
        ([1, 2, "x"], "received 'x'"),
        ([1, 2, [2]], "received [2]"),
        ([1, 2, 10**400], "expected v of 0"),
        ([1, None, 2], "expected a position at joint 'b', received (1, None, 2)"),
        ([float("nan"), 2, 2], "expected a position at joint 'b', received (nan, 2, 2)"),
        ([float("inf"), 2, 1], "expected a position"),
        ([10**400, 2, 1], "expected a position"),
        ([1, -1e39, 1], "expected a position"),
        (["x", 2, 2], "expected a position"),
        ([True, 2, 2], "expected a position"),
        ([{}, [], 2], "expected a position"),
    ],
)
def test_a_bad_joint_is_unlabelled_and_the_others_stay(joint, message):
    values, faults, whole = parse_keypoints([1, 2, 2, *joint], JOINTS)
    assert values[:, 2].tolist() == [2, 0]
    assert list(faults) == [1]
    assert message in faults[1]
    assert whole == ""


@pytest.mark.parametrize(
    "keypoints", [[1, 2, 2], [1, 2, 2] * 3, [1, 2, 2, 3], [[1, 2, 2]], [[1, 2]] * 2, {}, "x", 5, True]
)
def test_other_lengths_and_types_are_refused(keypoints):
    assert "expected 2 × (x, y, v) numbers, received" in parse_keypoints(keypoints, JOINTS)[2]


def test_labels_are_seen_without_names():
    assert has_labels([0, 0, 0, 1, 1, 1])
    assert has_labels([[0, 0, 0], [1, 1, 2]])
    assert has_labels("text")
    assert not has_labels([0, 0, 0] * 5)
    assert not has_labels([[5, 5, 0]])


def test_marks():
    assert all(is_set(value) for value in (1, 1.0, True, "1"))
    assert not any(is_set(value) for value in (0, 0.0, False, "0", None, "", "no", []))
