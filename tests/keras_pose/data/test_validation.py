"""Every kind of invalid label is found, reported with its place, and stops the run or is left out."""

import cv2
import numpy as np
import pytest

from keras_pose.data import validation
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.label_checks import check_labels
from keras_pose.data.source import Problem, Source
from keras_pose.media.inspection import PictureFacts
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("two", ("hand", "nose"))


def make_clip(count=4, name="c", **changes):
    fields = {
        "name": name,
        "frames": ArrayFrames(np.zeros((10, 20, 30, 3), np.uint8)),
        "labelled": np.arange(count),
        "joints": np.full((count, 2, 2), 5.0, np.float32),
        "visibility": np.full((count, 2), VISIBLE),
        "origins": tuple(f"file.csv:{row + 4}" for row in range(count)),
    }
    fields.update(changes)
    return Clip(**fields)


def with_joint(row, joint, xy, visible=VISIBLE):
    clip = make_clip()
    clip.joints[row, joint] = xy
    clip.visibility[row, joint] = visible
    return clip


def test_good_labels_pass_untouched():
    clip = make_clip()
    source = validation.validate(Source([clip], SKELETON, notes=("odd",)))
    assert source.clips[0] is clip
    assert source.skipped == ()
    assert source.notes == ("odd",)


@pytest.mark.parametrize("xy", [(-0.5, 5), (29.5, 5), (5, -0.5), (5, 19.5), (np.nan, np.nan)])
def test_the_border_of_the_outer_pixels_is_inside(xy):
    visible = UNLABELLED if np.isnan(xy[0]) else HIDDEN
    assert check_labels(with_joint(2, 1, xy, visible), SKELETON.joints) == []


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (make_clip(labelled=[0, 1, 1, 3]), "frame 1 is already labelled at file.csv:5"),
        (make_clip(labelled=[0, 1, 10, 3]), "frame 10 does not exist, the clip has 10 frames"),
        (make_clip(labelled=[0, 1, -1, 3]), "frame -1 does not exist"),
        (make_clip(weights=[1, 1, 0, 1]), "weight above 0, found 0.0"),
        (make_clip(weights=[1, 1, np.nan, 1]), "weight above 0, found nan"),
    ],
)
def test_a_bad_row_stops_or_is_left_out(clip, message):
    source = Source([clip], SKELETON, name="folder")
    with pytest.raises(ValueError, match=f"(?s)^folder: 1 bad label\n  file.csv:6: .*{message}.*on_bad_label=skip"):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    assert kept.clips[0].origins == ("file.csv:4", "file.csv:5", "file.csv:7")
    assert len(kept.skipped) == 1
    assert kept.skipped[0].startswith("file.csv:6: ")
    validation.validate(kept)


@pytest.mark.parametrize(
    ("joint", "xy", "visible", "message"),
    [
        (0, (-0.6, 5), VISIBLE, r"'hand' at \(-0.6, 5\) is outside the frame of 20×30"),
        (1, (30, 5), VISIBLE, r"'nose' at \(30, 5\) is outside"),
        (1, (5, 19.6), VISIBLE, r"'nose' at \(5, 19.6\) is outside"),
        (1, (5, 99), HIDDEN, "outside"),
        (1, (np.inf, 5), VISIBLE, r"'nose' at \(inf, 5\) is not finite"),
        (1, (5, -np.inf), VISIBLE, r"'nose' at \(5, -inf\) is not finite"),
    ],
)
def test_a_bad_joint_stops_or_is_left_out_without_its_row(joint, xy, visible, message):
    source = Source([with_joint(2, joint, xy, visible)], SKELETON, name="folder")
    with pytest.raises(ValueError, match=f"(?s)^folder: 1 bad label\n  file.csv:6: .*{message}.*on_bad_label=skip"):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    assert kept.clips[0].num_labelled == 4
    assert kept.clips[0].visibility[2].tolist() == [UNLABELLED if j == joint else VISIBLE for j in (0, 1)]
    assert np.isnan(kept.clips[0].joints[2, joint]).all()
    assert len(kept.skipped) == 1
    assert kept.skipped[0].startswith("file.csv:6: ")
    validation.validate(kept)


def test_a_row_in_which_no_joint_is_left_is_left_out_and_listed():
    clip = with_joint(1, 0, (99, 99))
    clip.joints[1, 1], clip.visibility[1, 1] = np.nan, UNLABELLED
    kept = validation.validate(Source([clip], SKELETON), "skip")
    assert kept.clips[0].labelled.tolist() == [0, 2, 3]
    assert kept.skipped[-1] == "file.csv:5: no joint is left"
    assert len(kept.skipped) == 2


def test_a_problem_with_a_joint_leaves_out_that_joint():
    clip = with_joint(1, 0, np.nan, UNLABELLED)
    problems = (Problem("c", 1, "file.csv:5: half a point", 0), Problem("c", 2, "file.csv:6: a word", 1))
    source = Source([clip], SKELETON, problems=problems)
    with pytest.raises(ValueError, match="(?s)2 bad labels.*half a point.*a word"):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    assert kept.clips[0].num_labelled == 4
    assert kept.clips[0].visibility.tolist() == [[2, 2], [0, 2], [2, 0], [2, 2]]
    assert kept.skipped == ("file.csv:5: half a point", "file.csv:6: a word")


def test_a_row_without_a_labelled_joint_is_bad():
    clip = with_joint(1, 0, np.nan, UNLABELLED)
    clip.joints[1, 1], clip.visibility[1, 1] = np.nan, UNLABELLED
    (fault,) = check_labels(clip, SKELETON.joints)
    assert (fault.row, fault.joint, fault.message) == (1, None, "no joint is labelled")


def test_problems_of_the_importer_are_resolved_with_the_rest():
    problems = (Problem("c", 3, "file.csv:7: half a point"), Problem("c", None, "file.csv:9: five fields"))
    source = Source([with_joint(0, 0, (99, 99))], SKELETON, skipped=("before",), problems=problems)
    with pytest.raises(ValueError, match=r"(?s)3 bad labels.*:9: five fields.*'hand'.*:7: half a point"):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    assert kept.clips[0].labelled.tolist() == [0, 1, 2]
    assert kept.clips[0].visibility[0].tolist() == [UNLABELLED, VISIBLE]
    assert kept.problems == ()
    assert kept.skipped[0] == "before"
    assert len(kept.skipped) == 4


def test_the_first_twenty_are_shown_and_all_are_counted():
    clip = make_clip(10, joints=np.full((10, 2, 2), 99.0))
    other = make_clip(10, "d", joints=np.full((10, 2, 2), 99.0))
    with pytest.raises(ValueError, match="40 bad labels") as caught:
        validation.validate(Source([clip, other], SKELETON))
    assert str(caught.value).count("outside the frame") == 20
    assert "… and 20 more" in str(caught.value)
    assert "40 joints lie outside: if the tool extrapolates" in str(caught.value)
    assert "--outside=unlabel" in str(caught.value)


def test_many_mistakes_are_grouped_by_kind_and_each_kind_is_shown():
    clip = make_clip(10, joints=np.full((10, 2, 2), 99.0), weights=[0, 0, 0, *[1] * 7], labelled=[*range(9), 8])
    with pytest.raises(ValueError, match="24 bad labels") as caught:
        validation.validate(Source([clip], SKELETON))
    text = str(caught.value)
    assert "\n  20 joints outside their frame:\n    file.csv:4: joint 'hand' at (99, 99)" in text
    assert "\n  3 weights that are not above 0:\n    file.csv:4: expected a weight above 0, found 0.0" in text
    assert "\n  1 frames labelled twice:\n    file.csv:13: frame 8 is already labelled at file.csv:12" in text
    assert text.count("\n    file.csv:") == 20
    assert "… and 4 more" in text


def test_joints_outside_can_be_unlabelled_or_hidden():
    clip = with_joint(2, 1, (30, 5))
    clip.joints[0] = 99
    source = Source([clip], SKELETON)
    kept = validation.validate(source, outside="unlabel")
    assert kept.clips[0].labelled.tolist() == [1, 2, 3]
    assert kept.clips[0].visibility[1].tolist() == [VISIBLE, UNLABELLED]
    assert kept.skipped == ("file.csv:4: all its joints lie outside the frame",)
    (note,) = kept.notes
    assert "3 of 8 labelled joints (37.5 %) lie outside their frame and are not used (--outside=unlabel)" in note
    validation.validate(kept)
    kept = validation.validate(source, outside="hidden")
    assert kept.clips[0].num_labelled == 4
    assert kept.clips[0].visibility.tolist() == [[1, 1], [2, 2], [2, 1], [2, 2]]
    np.testing.assert_array_equal(kept.clips[0].joints, clip.joints)
    assert "count as hidden (--outside=hidden)" in kept.notes[0]
    with pytest.raises(ValueError, match="outside: expected error or unlabel or hidden, received 'clamp'"):
        validation.validate(source, outside="clamp")


@pytest.mark.parametrize("outside", ["unlabel", "hidden"])
def test_other_mistakes_stay_mistakes_beside_joints_outside(outside):
    clip = with_joint(2, 1, (np.inf, 5))
    clip.joints[0, 0] = 99
    with pytest.raises(ValueError, match=r"1 bad label\n  file.csv:6: joint 'nose' at \(inf, 5\) is not finite"):
        validation.validate(Source([clip], SKELETON), outside=outside)
    kept = validation.validate(Source([clip], SKELETON), "skip", outside)
    assert kept.clips[0].num_labelled == 4
    with pytest.raises(ValueError, match="found none"):
        validation.validate(Source([make_clip(joints=np.full((4, 2, 2), 99.0))], SKELETON), outside="unlabel")


def test_what_is_known_of_pictures_is_used(tmp_path):
    for name in "abc":
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.zeros((20, 30), np.uint8))
    frames = ImageFrames([tmp_path / f"{name}.png" for name in "abc"])
    facts = {
        str(tmp_path / "a.png"): PictureFacts(fault="a.png: it is damaged"),
        str(tmp_path / "b.png"): PictureFacts((30, 20), 3),
    }
    source = Source([make_clip(3, frames=frames)], SKELETON)
    with pytest.raises(ValueError, match=r"(?s)2 bad labels.*a.png: it is damaged.*b.png.*found 30×20 \(EXIF orient"):
        validation.validate(source, facts=facts)
    assert validation.validate(source, "skip", facts=facts).clips[0].labelled.tolist() == [2]


def test_a_source_without_a_good_label_names_itself_even_when_skipping():
    bad = make_clip(joints=np.full((4, 2, 2), 99.0))
    with pytest.raises(ValueError, match="folder: expected at least one labelled frame, found none: all were left out"):
        validation.validate(Source([bad], SKELETON, name="folder"), "skip")
    with pytest.raises(ValueError, match="folder: expected at least one labelled frame, found none$"):
        validation.validate(Source([], SKELETON, name="folder"))


def test_a_clip_without_good_rows_is_dropped():
    bad = make_clip(name="bad", joints=np.full((4, 2, 2), 99.0))
    kept = validation.validate(Source([bad, make_clip(name="good")], SKELETON), "skip")
    assert [clip.name for clip in kept.clips] == ["good"]


def test_images_of_another_size_or_missing_are_bad_rows(tmp_path):
    for name, size in (("a", (20, 30)), ("b", (21, 30))):
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.zeros(size, np.uint8))
    frames = ImageFrames({0: tmp_path / "a.png", 1: tmp_path / "b.png", 2: tmp_path / "c.png"})
    source = Source([make_clip(frames=frames)], SKELETON)
    with pytest.raises(ValueError, match=r"(?s)b.png: expected 20×30.*found 21×30.*c.png.*no such file.*frame 3 does"):
        validation.validate(source)
    assert validation.validate(source, "skip").clips[0].labelled.tolist() == [0]


def test_clips_with_equal_names_or_other_joints_are_refused():
    with pytest.raises(ValueError, match="clips with different names, found twice: .'c'"):
        validation.validate(Source([make_clip(), make_clip()], SKELETON))
    with pytest.raises(ValueError, match="clip c: expected 1 joints as in the skeleton 'one', received 2"):
        validation.validate(Source([make_clip()], Skeleton("one", ("hand",))))
    with pytest.raises(ValueError, match="on_bad_label: expected error or skip, received 'drop'"):
        validation.validate(Source([make_clip()], SKELETON), "drop")
