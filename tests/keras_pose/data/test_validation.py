"""Every kind of invalid label is found, reported with its place, and stops the run or is left out."""

import cv2
import numpy as np
import pytest

from keras_pose.data import validation
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE, ArrayFrames, Clip
from keras_pose.data.image_frames import ImageFrames
from keras_pose.data.source import Problem, Source
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
    assert validation.check_labels(with_joint(2, 1, xy, visible), SKELETON.joints) == []


@pytest.mark.parametrize(
    ("clip", "message"),
    [
        (with_joint(2, 0, (-0.6, 5)), r"'hand' at \(-0.6, 5\) is outside the frame of 20×30"),
        (with_joint(2, 1, (30, 5)), r"'nose' at \(30, 5\) is outside"),
        (with_joint(2, 1, (5, 19.6)), r"'nose' at \(5, 19.6\) is outside"),
        (with_joint(2, 1, (5, 99), HIDDEN), "outside"),
        (with_joint(2, 1, (np.inf, 5)), r"'nose' at \(inf, 5\) is not finite"),
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


def test_a_row_without_a_labelled_joint_is_bad():
    clip = with_joint(1, 0, np.nan, UNLABELLED)
    clip.joints[1, 1], clip.visibility[1, 1] = np.nan, UNLABELLED
    assert validation.check_labels(clip, SKELETON.joints) == [(1, "no joint is labelled")]


def test_problems_of_the_importer_are_resolved_with_the_rest():
    problems = (Problem("c", 3, "file.csv:7: half a point"), Problem("c", None, "file.csv:9: five fields"))
    source = Source([with_joint(0, 0, (99, 99))], SKELETON, skipped=("before",), problems=problems)
    with pytest.raises(ValueError, match=r"(?s)3 bad labels.*:9: five fields.*'hand'.*:7: half a point"):
        validation.validate(source)
    kept = validation.validate(source, "skip")
    assert kept.clips[0].labelled.tolist() == [1, 2]
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
