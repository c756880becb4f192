"""Poses for tests of their files: the usual, and what is odd about frames, people, names, times and scores."""

from __future__ import annotations

import numpy as np

from keras_pose.poses import video_poses
from keras_pose.skeleton import Skeleton
from tests.helpers.video_poses import random_poses

ODD_NAMES = Skeleton(
    'all "of" it / 100 %s',
    ("left, wing", "right / wing", "nanana %d", "ü 手 é", "NA", "1", "a/b", "a_b", " space ", 'q"uote'),
    flip_pairs=(("left, wing", "right / wing"), ("a_b", "a/b")),
    edges=(("left, wing", "nanana %d"), ("a/b", "a_b")),
)


def take_every(poses, start, step):
    """Poses of the frames start, start + step, … of a longer video."""
    frames = start + step * np.arange(poses.num_frames)
    return poses.replace(frames=frames, times_s=poses.times_s + frames / 25)


def case(name):
    """Poses by the name of what is odd about them; see CASES."""
    poses = random_poses()
    unknown = np.full_like(poses.scores, np.nan)
    if name == "usual":
        return poses
    if name == "people":
        return random_poses(people=("ann", "bob"))
    if name == "gaps":
        return take_every(poses, 10, 5)
    if name == "names":
        # "\udcff" is how Python has a byte of a path that is not UTF-8.
        path = "über/nan\udcff 50%.mp4"
        return random_poses(people=("ann, b/", "x:nan", "a%", "frames"), skeleton=ODD_NAMES, path=path)
    if name == "no frame":
        return random_poses(0)
    if name == "one frame":
        return random_poses(1)
    if name == "not calibrated":
        return poses.replace(calibration=None, confidences=unknown, expected_errors_px=unknown)
    if name == "no scores":
        return poses.replace(calibration=None, scores=unknown, confidences=unknown, expected_errors_px=unknown)
    if name == "no times":
        return poses.replace(times_s=np.full(12, np.nan))
    assert name == "part of a person"
    joints = poses.joints.copy()
    joints[:4, 0, 1] = np.nan
    return poses.replace(joints=joints)


CASES = (
    "usual",
    "people",
    "gaps",
    "names",
    "no frame",
    "one frame",
    "not calibrated",
    "no scores",
    "no times",
    "part of a person",
)


def many_frames(num_frames=17_000):
    """Poses in so many frames that each format writes its file in parts."""
    return random_poses(num_frames, skeleton=Skeleton("two", ("a", "b")))


def likelihoods(poses):
    """[N, P, J]: what stands in fields of other tools for joints that are there; NaN for others."""
    values = poses.confidences if poses.calibration is not None else poses.scores
    return np.where(np.isnan(poses.joints).any(-1), np.nan, values)


def equal_arrays(a, b, but=()):
    """Asserts that all arrays of two poses are equal, but some."""
    for name in video_poses.empty_arrays(0, 1, 1):
        if name not in but:
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
