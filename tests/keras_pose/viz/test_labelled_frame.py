"""Labelled frames: the people where they are, of each run in its panel, and banners for what is missing."""

import numpy as np
import pytest

from keras_pose.skeleton import UPPER_BODY, Skeleton
from keras_pose.viz import pose_marks
from keras_pose.viz.heatmap_overlay import Overlay
from keras_pose.viz.label_style import FramePeople, Run, Style
from keras_pose.viz.labelled_frame import FrameLabeller

SKELETON = Skeleton("arm", ("left_a", "right_a"), (("left_a", "right_a"),))
FRAME = np.full((120, 160, 3), 90, np.uint8)
PLAIN = Style(least_side_px=16, caption=False, trail_frames=3)
JOINTS = np.array([[[40.0, 60.0], [100.0, 80.0]]])


def draw(people, style=PLAIN, frame=FRAME, names=("one",), **facts):
    runs = [Run(name, SKELETON) for name in names]
    return FrameLabeller((120, 160), runs, style).draw(frame, people, 12, **facts)


def test_joints_lie_where_they_are_and_the_frame_is_unchanged():
    drawn = draw([FramePeople(JOINTS)])
    assert drawn.shape == (120, 160, 3)
    np.testing.assert_array_equal(drawn[60, 40], pose_marks.LEFT_COLOR)
    np.testing.assert_array_equal(drawn[80, 100], pose_marks.RIGHT_COLOR)
    assert (FRAME == 90).all()
    assert (drawn[100:] == 90).all()


def test_joints_move_with_the_frame_when_it_is_enlarged():
    frame = FRAME.copy()
    frame[60, 40] = frame[80, 100] = 255
    drawn = draw([FramePeople(JOINTS)], Style(least_side_px=480, caption=False), frame)
    assert drawn.shape == (360, 480, 3)
    np.testing.assert_array_equal(drawn[181, 121], pose_marks.LEFT_COLOR)  # (40 + 0.5)·3 − 0.5
    places = np.argwhere((drawn == pose_marks.LEFT_COLOR).all(-1))
    np.testing.assert_allclose(places.mean(0), (181, 121), atol=0.3)


def test_runs_are_drawn_in_their_own_panels():
    other = FramePeople(JOINTS + [0, 20])
    labeller = FrameLabeller((120, 160), [Run("one", SKELETON), Run("two", SKELETON)], PLAIN)
    both = labeller.draw(FRAME, [FramePeople(JOINTS), other], 12)
    head = labeller.size_hw[0] - 120
    assert both.shape == (120 + head, 322, 3)
    np.testing.assert_array_equal(both[head:, :160], draw([FramePeople(JOINTS)]))
    np.testing.assert_array_equal(both[head:, 162:], draw([other]))


def test_a_frame_that_is_not_decoded_or_not_predicted_has_a_banner():
    lost = draw([FramePeople(JOINTS)], frame=None)
    assert not (lost == pose_marks.LEFT_COLOR).all(-1).any()
    assert (lost > 200).any()
    unknown = draw([None])
    assert (unknown[:40] == 90).all()
    assert (unknown[45:75] > 200).any()
    assert (lost != unknown).any()


def test_the_least_confidence_hides_joints_and_fading_can_be_off():
    people = FramePeople(JOINTS, np.array([[0.3, 0.9]]))
    hidden = draw([people], Style(least_side_px=16, caption=False, least_confidence=0.5))
    assert (hidden[:70, :80] == 90).all()
    assert (hidden[80, 100] != 90).any()
    np.testing.assert_array_equal(
        draw([people], Style(least_side_px=16, caption=False, fade=False))[60, 40], (86, 180, 233)
    )
    assert tuple(draw([people])[60, 40]) != pose_marks.LEFT_COLOR


def test_trails_have_as_many_frames_as_the_style_says():
    older = np.stack([JOINTS - [0, 10 * k] for k in (5, 4, 3, 2, 1)])
    drawn = draw([FramePeople(JOINTS, older=older)])
    assert (drawn[:26, 40] == 90).all()  # the oldest two of five are left out
    assert (drawn[32:50, 40] != 90).any(-1).all()
    none = draw([FramePeople(JOINTS, older=older)], Style(least_side_px=16, caption=False, trail_frames=0))
    assert (none[:50, 40] == 90).all()


def test_several_people_have_names_and_colours_of_their_own():
    run = Run("one", SKELETON, ("anna", "ben"))
    labeller = FrameLabeller((120, 160), [run], PLAIN)
    joints = np.concatenate([JOINTS, JOINTS + [10, 20]])
    drawn = labeller.draw(FRAME, [FramePeople(joints)], 0)
    np.testing.assert_array_equal(drawn[60, 40], pose_marks.MANY_COLORS[0])
    np.testing.assert_array_equal(drawn[100, 110], pose_marks.MANY_COLORS[1])
    assert (drawn[35:52, 25:60] != 90).any()
    joints[1] = np.nan
    alone = labeller.draw(FRAME, [FramePeople(joints)], 0)
    assert not (alone == pose_marks.MANY_COLORS[1]).all(-1).any()


def test_heatmaps_of_each_run_are_laid_over_its_panel():
    asked = []

    def overlay(frame, run):
        asked.append((frame.shape, run))
        maps = np.zeros((12, 16, 2), np.float32)
        maps[2, 12, 0] = 1
        return Overlay(maps, np.diag([10.0, 10.0, 1.0])) if run else None

    style = Style(least_side_px=480, caption=False, overlay=overlay)
    nobody = FramePeople(np.full((1, 2, 2), np.nan))
    labeller = FrameLabeller((120, 160), [Run("a", SKELETON), Run("b", SKELETON)], style)
    drawn = labeller.draw(FRAME, [nobody, nobody], 0)[-360:]
    assert asked == [((120, 160, 3), 0), ((120, 160, 3), 1)]
    assert (drawn[:, :480] == 90).all()
    tinted = np.argwhere((drawn[:, 482:] != 90).any(-1)).mean(0)
    np.testing.assert_allclose(tinted, (61, 361), atol=2)


def test_other_sizes_and_numbers_of_runs_are_refused():
    with pytest.raises(ValueError, match=r"frame 12: expected size \(120, 160\)"):
        draw([FramePeople(JOINTS)], frame=FRAME[:50])
    with pytest.raises(ValueError, match="frame 12: expected people of 1 runs, received 2"):
        draw([None, None])
    with pytest.raises(ValueError, match="of skeleton 'upper_body'"):
        FrameLabeller((120, 160), [Run("one", UPPER_BODY)], PLAIN).draw(FRAME, [FramePeople(JOINTS)], 0)
