"""Signs that a label would teach something, and their combination as ranks."""

import numpy as np
import pytest

from keras_pose.labelling import frame_scores
from keras_pose.labelling.frame_scores import AMBIGUOUS, JUMPS, NEIGHBOURS, UNSURE, FrameScores
from tests.helpers import video_poses


def smooth_poses(count=20):
    """Poses whose joints move evenly, with the same scores everywhere."""
    poses = video_poses.random_poses(count, size_hw=(100, 200))
    line = np.arange(count, dtype=np.float32)[:, None, None, None] * [1.0, 0.5] + [[10, 20], [30, 20], [50, 20]]
    nothing = np.zeros((count, 1, 3), bool)
    return poses.replace(
        joints=line,
        scores=np.full((count, 1, 3), 0.8),
        confidences=np.full((count, 1, 3), 0.9),
        decoded=np.ones(count, bool),
        ambiguous=nothing,
    )


def test_even_motion_has_no_jumps_however_fast():
    poses = smooth_poses()
    for speed in (1, 20):
        jumps = frame_scores.find_jumps(poses.joints * speed, poses.frames, 200)
        assert np.isnan(jumps[[0, -1]]).all()
        np.testing.assert_allclose(jumps[1:-1], 0, atol=1e-4)


def test_a_joint_that_jumps_and_comes_back_is_found_in_its_frame():
    poses = smooth_poses()
    joints = poses.joints.copy()
    joints[7, 0, 2] += 60
    sign = frame_scores.score_frames(poses.replace(joints=joints)).signs[JUMPS]
    assert np.nanargmax(sign) == 7
    assert sign[7] > 1.1 * np.nanmax(np.delete(sign, [7]))


def test_frames_left_out_do_not_make_even_motion_jump():
    poses = smooth_poses()
    kept = np.array([0, 1, 2, 5, 6, 12, 13])
    np.testing.assert_allclose(frame_scores.find_jumps(poses.joints[kept], kept, 200)[1:-1], 0, atol=1e-4)


def test_jumps_are_measured_against_the_usual_ones_of_the_joint():
    """The same distance counts less for a joint that trembles all the time."""
    poses = smooth_poses(21)
    joints = poses.joints.copy()
    joints[:, 0, 0, 0] += np.resize([-8, 8], 21)
    joints[10, 0, :2, 1] += 30
    jumps = frame_scores.find_jumps(joints, poses.frames, 200)
    assert jumps[10, 0, 1] > 2 * jumps[10, 0, 0]


def test_low_confidence_and_ambiguous_joints_count():
    poses = smooth_poses()
    confidences, ambiguous = poses.confidences.copy(), poses.ambiguous.copy()
    confidences[4, 0, 1] = 0.3
    ambiguous[9, 0] = [True, True, False]
    signs = frame_scores.score_frames(poses.replace(confidences=confidences, ambiguous=ambiguous)).signs
    np.testing.assert_allclose(signs[UNSURE][[3, 4]], [0.1, 0.3], atol=1e-6)
    np.testing.assert_allclose(signs[AMBIGUOUS][[8, 9]], [0, 2 / 3], atol=1e-6)


def test_scores_stand_in_for_missing_confidences_and_a_net_without_maps_says_nothing():
    poses = smooth_poses().replace(confidences=np.full((20, 1, 3), np.nan))
    np.testing.assert_allclose(frame_scores.score_frames(poses).signs[UNSURE], 0.2, atol=1e-6)
    silent = poses.replace(scores=np.full((20, 1, 3), np.nan))
    assert np.isnan(frame_scores.score_frames(silent).signs[UNSURE]).all()


def test_broken_frames_and_empty_frames_are_not_usable():
    poses = video_poses.random_poses(12)
    scores = frame_scores.score_frames(poses)
    assert scores.usable.tolist() == [True] * 3 + [False] + [True] * 6 + [False, False]
    total = frame_scores.combine([scores])[0]
    assert (total[~scores.usable] == 0).all()


def test_the_person_who_is_worst_off_decides():
    poses = video_poses.random_poses(5, people=("a", "b"))
    confidences = np.full((5, 2, 3), 0.9)
    confidences[2, 1] = 0.1
    assert frame_scores.score_frames(poses.replace(confidences=confidences)).signs[UNSURE][2] == pytest.approx(0.9)


def of(values, usable=None, **others):
    count = len(values)
    signs = dict.fromkeys((AMBIGUOUS, JUMPS, NEIGHBOURS), np.full(count, np.nan, np.float32))
    signs = {UNSURE: np.array(values, np.float32), **signs, **{k: np.array(v, np.float32) for k, v in others.items()}}
    return FrameScores(np.arange(count), np.ones(count, bool) if usable is None else np.array(usable), signs)


def test_ranks_are_shared_by_all_videos():
    first, second = frame_scores.combine([of([0.1, 0.3]), of([0.2, 0.9])])
    np.testing.assert_allclose(first, [0.125, 0.625])
    np.testing.assert_allclose(second, [0.375, 0.875])


def test_a_sign_that_is_the_same_everywhere_or_unknown_says_nothing():
    alone = frame_scores.combine([of([0.1, 0.3, 0.2])])[0]
    constant = frame_scores.combine([of([0.1, 0.3, 0.2], ambiguous=[1, 1, 1])])[0]
    np.testing.assert_array_equal(alone, constant)
    partly = frame_scores.rank_signs([of([0.1, 0.3, 0.2], jumps=[np.nan, 2, 1])])[0][JUMPS]
    np.testing.assert_allclose(partly, [0.5, 0.75, 0.25])


def test_units_do_not_matter():
    a = frame_scores.combine([of([1, 2, 3, 4], jumps=[4, 1, 2, 3])])[0]
    b = frame_scores.combine([of([10, 20, 3000, 40000], jumps=[0.4, 0.01, 0.02, 0.3])])[0]
    np.testing.assert_array_equal(a, b)


def test_nothing_known_is_no_error():
    assert frame_scores.combine([of([np.nan, np.nan])])[0].tolist() == [0, 0]
    assert frame_scores.combine([]) == []
