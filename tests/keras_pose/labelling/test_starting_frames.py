"""Starting labels of chosen frames: the net's joints, or those of a label nearby."""

import numpy as np
import pytest

from keras_pose.labelling import starting_frames
from tests.helpers import suggested_frames


@pytest.fixture
def poses(tmp_path):
    """The net is 10 px off everywhere."""
    made = suggested_frames.make_poses(suggested_frames.write_clip(tmp_path / "a.avi"))
    return made.replace(joints=made.joints + np.float32(10))


def start(poses, rows, labels, around=0):
    worth = np.linspace(0, 1, poses.num_frames)
    return starting_frames.start(poses, rows, worth, {"unsure": worth}, labels, around, "dis_medium")


def test_without_labels_nearby_the_net_gives_the_joints(poses):
    true = suggested_frames.true_joints()
    frames = start(poses, [7, 3], {5: true[5]})
    assert [frame.number for frame in frames] == [3, 7]
    for frame in frames:
        np.testing.assert_allclose(frame.joints, true[frame.number] + 10)
        np.testing.assert_array_equal(frame.confidences, poses.scores[frame.number, 0])
        assert not frame.carried.any()
    assert frames[1].time_s == pytest.approx(7 / 25)
    assert frames[1].signs == {"unsure": pytest.approx(7 / 11)}


def test_frames_around_a_label_are_added_and_start_from_it(poses):
    true = suggested_frames.true_joints()
    frames = {frame.number: frame for frame in start(poses, [9], {5: true[5]}, around=1)}
    assert set(frames) == {4, 6, 9}
    carried = frames[4].carried & frames[6].carried
    assert carried.any()
    for number in (4, 6):
        assert np.linalg.norm(frames[number].joints - true[number], axis=-1)[carried].max() < 1
    assert not frames[9].carried.any()


def test_calibrated_confidences_count_if_there_are_any(poses):
    confidences = np.full_like(poses.scores, 0.75)
    calibrated = poses.replace(confidences=confidences, calibration={"distance_px": 5.0})
    np.testing.assert_array_equal(start(calibrated, [2], {})[0].confidences, [0.75, 0.75])
