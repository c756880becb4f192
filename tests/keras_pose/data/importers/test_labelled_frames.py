"""Labelled frames become clips: names, groups, lost files, bad numbers."""

import cv2
import numpy as np
import pytest

from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.media.video_writer import write_video
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("dot", ("a",))


def person(place="here", x=3.0):
    return Person(None, place, np.array([[x, 4.0, 2.0]]), {}, None)


@pytest.fixture
def folder(tmp_path):
    write_video(tmp_path / "v.avi", [np.zeros((20, 30, 3), np.uint8)] * 4, 25)
    for name in ("one/a.png", "two/a.png"):
        (tmp_path / name).parent.mkdir()
        cv2.imwrite(str(tmp_path / name), np.zeros((20, 30, 3), np.uint8))
    return tmp_path


def build(folder, *frames):
    findings = Findings(str(folder / "labels"))
    return build_source(str(folder / "labels"), frames, SKELETON, findings)


def test_videos_come_first_and_frames_rise(folder):
    source = build(
        folder,
        LabelledFrame("one/a.png", False, 0, [person()]),
        LabelledFrame("v.avi", True, 3, [person("third")]),
        LabelledFrame("v.avi", True, 1, [person("first")]),
        LabelledFrame("C:\\data\\two\\a.png", False, 0, [person()]),
    )
    assert [clip.name for clip in source.clips] == ["v", "one/a.png", "two/a.png"]
    np.testing.assert_array_equal(source.clips[0].labelled, [1, 3])
    assert [origin.rpartition(" ")[2] for origin in source.clips[0].origins] == ["first", "third"]
    assert "found by name alone" in source.notes[0]


def test_images_of_a_group_are_one_clip(folder):
    frames = [LabelledFrame(f"{name}/a.png", False, n, [person()], "shots") for n, name in ((4, "two"), (2, "one"))]
    (clip,) = build(folder, *frames).clips
    assert clip.name == "shots"
    np.testing.assert_array_equal(clip.labelled, [2, 4])
    assert clip.frames.num_frames is None


def test_what_is_lost_is_counted(folder):
    source = build(
        folder,
        LabelledFrame("v.avi", True, 0, [person(), person(x=5)]),
        LabelledFrame("v.avi", True, -1, [person("before")]),
        LabelledFrame("gone.avi", True, 0, [person(), person()]),
        LabelledFrame("gone.png", False, 0, [person()]),
    )
    assert source.summary.endswith(
        "read 1 of 6 annotations in 1 image; left out: 2 whose video is missing, 1 whose image is missing, 1 with an "
        "invalid frame number, 1 of smaller people than another in the same frame (only the largest box of a frame is "
        "read; to use the others, cut the images so that each shows one person)"
    )
    assert "before: expected the number of a frame of 0 or more, received -1" in source.problems[2].message
