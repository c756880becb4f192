"""Agreement along the flow: planted jumps are found, true joints agree, nothing is claimed where nothing is known."""

import numpy as np
import pytest

from keras_pose.annotating.agreement import Agreement, person_sizes, reduce_frame
from keras_pose.data.clip import VISIBLE
from keras_pose.data.synthetic import signers
from tests.helpers import suggested_frames

COUNT = 10


def measure(frames, joints, numbers=None, confidences=None, reach=4, tolerance=4.0):
    numbers = np.arange(len(joints)) if numbers is None else np.asarray(numbers)
    confidences = np.ones(joints.shape[:2]) if confidences is None else confidences
    tolerances = np.full(len(joints), tolerance)
    return Agreement(numbers, joints, confidences, tolerances, reach).measure(enumerate(frames))


@pytest.mark.parametrize("jump", [(0,), (5,), (4, 5), (9,)])
def test_jumps_are_contradicted_and_the_others_agree(jump):
    joints = suggested_frames.true_joints(COUNT)
    joints[list(jump), 0] = (8, 42)
    agreement = measure(suggested_frames.make_frames(COUNT), joints)
    jumped = np.zeros(joints.shape[:2], bool)
    jumped[list(jump), 0] = True
    assert agreement[jumped].max() < 0.5
    assert agreement[~jumped].min() > 0.5


def test_planted_jumps_of_signers_are_dropped_and_true_joints_kept():
    clip = signers.generate("test", 0, COUNT)
    rng = np.random.default_rng(1)
    joints = clip.joints.copy()
    jumped = rng.random(joints.shape[:2]) < 0.1
    angles = rng.uniform(0, 2 * np.pi, joints.shape[:2])
    joints += np.where(jumped[..., None], 40 * np.stack([np.cos(angles), np.sin(angles)], -1), 0)
    sizes = person_sizes(clip.joints, np.isfinite(clip.joints).all(-1), 128)
    agreement = measure(clip.frames, joints, tolerance=0.1 * float(np.median(sizes)))
    dropped = agreement < 0.5
    seen = clip.visibility == VISIBLE
    assert jumped.sum() >= 5
    assert dropped[jumped & seen].mean() > 0.8
    assert dropped[~jumped & seen].mean() < 0.1


def test_nothing_is_known_across_a_cut_a_damaged_frame_and_alone():
    joints = suggested_frames.true_joints(2)
    cut = np.stack([suggested_frames.make_frames(1)[0], suggested_frames.make_frames(2, seed=9)[1]])
    assert abs(measure(cut, joints) - 0.5).max() < 0.2
    frames = suggested_frames.make_frames(3)
    joints = suggested_frames.true_joints(3)[[0, 2]]
    np.testing.assert_array_equal(measure([frames[0], None, frames[2]], joints, numbers=[0, 2]), 0.5)
    np.testing.assert_array_equal(measure(frames[:1], joints[:1]), 0.5)


def test_unsure_neighbours_count_less():
    joints = suggested_frames.true_joints(3)
    joints[0, 0] = (8, 42)
    frames = suggested_frames.make_frames(3)
    confidences = np.ones((3, 2))
    alone = measure(frames, joints, confidences=confidences, reach=1)
    confidences[0, 0] = 0.1
    doubtful = measure(frames, joints, confidences=confidences, reach=1)
    assert doubtful[1, 0] > alone[1, 0] + 0.05
    joints[0, 0] = np.nan
    missing = measure(frames, joints, reach=1)
    assert missing[0, 0] == 0.5
    assert missing[1, 0] > doubtful[1, 0]


def test_frames_between_labels_are_followed():
    frames = suggested_frames.make_frames(9)
    joints = suggested_frames.true_joints(9)[::2].copy()
    joints[2, 1] = (8, 42)
    agreement = measure(frames, joints, numbers=range(0, 9, 2))
    assert agreement[2, 1] < 0.5
    assert np.delete(agreement[:, 1], 2).min() > 0.5
    np.testing.assert_array_equal(measure(frames, joints, numbers=range(0, 9, 2), reach=1), 0.5)


def test_sizes_follow_the_sure_joints():
    joints = np.zeros((120, 3, 2))
    joints[:, 1] = (10, 20)
    joints[:, 2] = (5, 5)
    joints[100:, 1] = (10, 60)
    sure = np.ones((120, 3), bool)
    sure[5:10, 0] = False
    sizes = person_sizes(joints, sure, 100)
    assert sizes[0] == sizes[7] == 20
    np.testing.assert_array_equal(person_sizes(joints, np.zeros((120, 3), bool), 100), 100)


def test_large_frames_are_reduced_for_flow():
    assert reduce_frame(np.zeros((720, 1280, 3), np.uint8)).shape == (180, 320, 3)
    assert reduce_frame(np.zeros((48, 64, 3), np.uint8)).shape == (48, 64, 3)
