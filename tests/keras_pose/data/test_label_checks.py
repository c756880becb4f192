"""Mistakes in labels: each with its row, its joint if only that is at fault, and its kind."""

import numpy as np
import pytest

from keras_pose.data import label_checks
from keras_pose.data.clip import UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.media.inspection import PictureFacts
from tests.helpers.pictures import write_png, write_tagged


def make_clip(joints, **changes):
    joints = np.array(joints, np.float32)
    visibility = np.where(np.isnan(joints[..., 0]), UNLABELLED, VISIBLE)
    frames = changes.pop("frames", ArrayFrames(np.zeros((10, 20, 30, 3), np.uint8)))
    return Clip("c", frames, changes.pop("labelled", np.arange(len(joints))), joints, visibility, **changes)


def test_a_mistake_of_a_joint_names_the_joint():
    clip = make_clip([[(5, 5), (30, 5)], [(np.inf, 5), (5, 5)], [(np.nan, np.nan), (5, 5)]])
    found = label_checks.check_labels(clip, ("hand", "nose"))
    assert [(f.row, f.joint, f.kind) for f in found] == [
        (0, 1, label_checks.OUTSIDE),
        (1, 0, "joints that are not finite"),
    ]
    np.testing.assert_array_equal(label_checks.outside_frame(clip), [[False, True], [False, False], [False, False]])


@pytest.mark.parametrize("value", [2e6, -2e6, 3e38])
def test_a_position_that_no_picture_has_is_not_taken_for_one_outside(value):
    clip = make_clip([[(5, 5)], [(value, 5)], [(5, value)]])
    found = label_checks.check_labels(clip, ("hand",))
    assert [(f.row, f.kind) for f in found] == [(1, "joints far from any picture"), (2, "joints far from any picture")]
    assert "is far from any picture" in found[0].message
    assert not label_checks.outside_frame(clip).any()


def test_a_mistake_of_a_row_names_no_joint():
    clip = make_clip([[(5, 5)]] * 3, labelled=[1, 1, 12], weights=[1, 1, -1])
    found = label_checks.check_labels(clip, ("hand",))
    assert {(f.row, f.joint, f.kind) for f in found} == {
        (1, None, "frames labelled twice"),
        (2, None, "frames that do not exist"),
        (2, None, "weights that are not above 0"),
    }


def test_sizes_are_compared_as_pictures_are_read(tmp_path):
    path = write_tagged(tmp_path / "a.jpg", 6)
    facts = {path: PictureFacts((30, 20), 6)}
    upright = ImageFrames([path], (20, 30))
    upright = upright.with_pictures(upright.pictures.turned({0}))
    for known in (facts, {}):
        assert label_checks.check_labels(make_clip([[(5, 5)]], frames=upright), ("hand",), known) == []
        lying = make_clip([[(5, 5)]], frames=ImageFrames([path], (20, 30)))
        (fault,) = label_checks.check_labels(lying, ("hand",), known)
        assert "expected 20×30 px (height×width) as in the rest of the clip, found 30×20" in fault.message
        assert ("(EXIF orientation 6: upright it has 20×30)" in fault.message) == bool(known)


def test_a_fault_of_a_picture_costs_its_row(tmp_path):
    path = write_png(tmp_path / "a.png")
    clip = make_clip([[(5, 5)]], frames=ImageFrames([path]))
    (fault,) = label_checks.check_labels(clip, ("hand",), {path: PictureFacts(fault="a.png: cut")})
    assert (fault.row, fault.joint, fault.message) == (0, None, "a.png: cut")
