"""Labels carried by flow: accuracy where the truth is known, and confidence where it fails."""

import numpy as np
import pytest

from keras_pose.data.clip import VISIBLE
from keras_pose.data.synthetic import signers
from keras_pose.labelling import starting_frames, starting_labels
from keras_pose.labelling.starting_labels import LabelCarrier
from tests.helpers import suggested_frames


@pytest.fixture(scope="module")
def carrier():
    return LabelCarrier("dis_medium")


def test_labels_follow_the_picture(carrier):
    true = suggested_frames.true_joints()
    points, confidences = carrier.carry(suggested_frames.make_frames()[:8], true[0])
    assert np.linalg.norm(points - true[:8], axis=-1).max() < 1.0
    np.testing.assert_array_equal(confidences[0], 1)
    assert (np.diff(confidences, axis=0) <= 0).all()
    assert confidences[4].min() > 0.5


def test_unlabelled_joints_and_joints_that_leave_are_not_carried(carrier):
    true = suggested_frames.true_joints()
    start = true[0].copy()
    start[1] = np.nan
    points, confidences = carrier.carry(suggested_frames.make_frames(30)[::-1][:3], start)
    assert np.isnan(points[:, 1]).all()
    assert (confidences[:, 1] == 0).all()
    frames = np.stack([np.roll(suggested_frames.make_frames(1)[0], 6 * k, axis=1) for k in range(4)])
    gone, lost = carrier.carry(frames, np.array([[61.0, 20.0], [20.0, 20.0]]))
    assert np.isnan(gone[-1, 0]).all()
    assert lost[-1, 0] == 0


def test_a_joint_that_something_covers_loses_its_confidence(carrier):
    frames = suggested_frames.make_frames(4, step_px=0)
    noise = np.kron(np.random.default_rng(5).integers(0, 255, (7, 8, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    frames[2:, 14:42, 8:40] = noise
    _, confidences = carrier.carry(frames, np.array([[17.0, 26.0], [56.0, 40.0]]))
    assert confidences[2, 0] < 0.5
    assert confidences[2, 1] > 0.9


def test_carried_labels_of_signers_are_right_where_they_are_sure(carrier):
    """The true joints are known: sure ones lie near them, unsure ones often do not."""
    errors, trust = [], []
    for index in range(4):
        clip = signers.generate("test", index, 5)
        points, confidences = carrier.carry(clip.frames, clip.joints[0])
        known = np.isfinite(points[-1]).all(-1) & (clip.visibility[[0, -1]] == VISIBLE).all(0)
        errors.append(np.linalg.norm(points[-1] - clip.joints[-1], axis=-1)[known])
        trust.append(confidences[-1][known])
    errors, sure = np.concatenate(errors), np.concatenate(trust) >= starting_frames.SURE
    assert sure.mean() > 0.15
    assert np.median(errors[sure]) < 1.5
    assert errors[sure].mean() < 0.6 * errors[~sure].mean()


class Reader:
    """Frames that can be read, with one damaged."""

    def __init__(self, broken=None):
        self.frames = suggested_frames.make_frames()
        self.broken = broken
        self.reads = []

    def __call__(self, numbers):
        self.reads.append(list(numbers))
        if self.broken in numbers:
            raise ValueError("frame is damaged")
        return self.frames[list(numbers)]


def test_the_nearest_labels_before_and_after_are_carried(carrier):
    true = suggested_frames.true_joints()
    labels = {0: true[0], 2: true[2], 9: true[9]}
    read = Reader()
    carried = starting_labels.carry_to(read, labels, [4, 11], 5, carrier)
    assert read.reads == [[2, 3, 4], [9, 8, 7, 6, 5, 4], [9, 10, 11]]
    for target, (points, confidences) in carried.items():
        assert np.linalg.norm(points - true[target], axis=-1).max() < 1.0
        assert confidences.min() > 0.3


def test_each_joint_comes_from_the_surer_side(carrier):
    true = suggested_frames.true_joints()
    before, after = true[3].copy(), true[7].copy()
    before[1] = np.nan
    after[0] = np.nan
    points, _ = starting_labels.carry_to(Reader(), {3: before, 7: after}, [5], 4, carrier)[5]
    assert np.linalg.norm(points - true[5], axis=-1).max() < 1.0


def test_labels_too_far_away_or_behind_a_damaged_frame_are_not_carried(carrier):
    labels = {0: suggested_frames.true_joints()[0]}
    assert starting_labels.carry_to(Reader(), labels, [6], 5, carrier) == {}
    assert starting_labels.carry_to(Reader(broken=2), labels, [4], 5, carrier) == {}
