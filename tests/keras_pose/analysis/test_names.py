"""Names of files of videos: short, and never the same twice."""

import os

from keras_pose.analysis.names import name_videos


def test_a_name_is_that_of_the_file():
    assert name_videos(["/a/clip.mp4", "b/walk.avi"]) == ["clip", "walk"]


def test_videos_of_one_name_in_two_folders_are_told_apart():
    assert name_videos(["/a/x/clip.mp4", "/a/y/clip.mp4", "/a/z.mp4"]) == ["x_clip", "y_clip", "z"]
    assert name_videos(["/a/x/s/clip.mp4", "/a/y/s/clip.mp4"]) == ["x_s_clip", "y_s_clip"]


def test_videos_that_differ_in_the_ending_or_in_case_are_told_apart():
    names = name_videos(["/clip.mp4", "/clip.avi", "/CLIP.mp4"])
    assert len({name.casefold() for name in names}) == 3


def test_names_given_before_stay(tmp_path):
    first = os.path.join(tmp_path, "x", "clip.mp4")
    second = os.path.join(tmp_path, "y", "clip.mp4")
    assert name_videos([first], {"clip": first}) == ["clip"]
    assert name_videos([second], {"clip": first}) == ["y_clip"]
