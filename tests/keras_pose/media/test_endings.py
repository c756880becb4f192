"""Which files count as videos and pictures, by ending and by content."""

import shutil

import cv2
import numpy as np
import pytest

from keras_pose.media import endings, video


@pytest.fixture
def clip_path(tmp_path):
    video.write_video(tmp_path / "clip.avi", [np.full((24, 32, 3), 60 * i, np.uint8) for i in range(4)], 25)
    return tmp_path / "clip.avi"


@pytest.mark.parametrize("name", ["a.MP4", "b.mov", "c.ts", "labels.avi"])
def test_a_usual_ending_counts_without_opening_the_file(tmp_path, name):
    assert endings.has_video_ending(name)
    (tmp_path / name).write_bytes(b"")
    assert endings.is_video(tmp_path / name)


def test_a_missing_file_and_a_folder_are_no_videos(tmp_path):
    (tmp_path / "folder.avi").mkdir()
    assert not endings.is_video(tmp_path / "folder.avi")
    assert not endings.is_video(tmp_path / "no.avi")


@pytest.mark.parametrize("name", ["clip", "clip.seq", "clip.2023.12", "clip.txt"])
def test_the_content_decides_for_other_endings(clip_path, tmp_path, name):
    assert not endings.has_video_ending(name)
    shutil.copy(clip_path, tmp_path / name)
    assert endings.is_video(tmp_path / name)


def test_text_and_pictures_are_no_videos(tmp_path):
    (tmp_path / "notes.txt").write_text("line\n" * 50)
    (tmp_path / "table.csv").write_text("scorer,a,b\nx,1,2\n" * 50)
    assert cv2.imwrite(str(tmp_path / "a.png"), np.zeros((8, 8, 3), np.uint8))
    shutil.copy(tmp_path / "a.png", tmp_path / "a.bin")
    assert cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((8, 8, 3), np.uint8))
    shutil.copy(tmp_path / "a.jpg", tmp_path / "a")
    for name in ("notes.txt", "table.csv", "a.png", "a.bin", "a.jpg", "a"):
        assert not endings.is_video(tmp_path / name)


def test_pictures_are_known_by_ending():
    assert endings.has_image_ending("a.JPG")
    assert not endings.has_image_ending("a.mp4")
