"""Folders of pictures that are the frames of a video."""

import cv2
import numpy as np
import pytest

from keras_pose.data.clip import Clip
from keras_pose.data.picture_sequence import PictureSequence, open_folder
from keras_pose.runs import data_digest


def write(folder, numbers, name="{:05d}.png", size_hw=(6, 8)):
    folder.mkdir(exist_ok=True)
    for number in numbers:
        cv2.imwrite(str(folder / name.format(number)), np.full((*size_hw, 3), number, np.uint8))
    return folder


def test_pictures_have_neighbours(tmp_path):
    frames = open_folder(write(tmp_path / "clip", range(1, 6)))
    assert (frames.num_frames, frames.size_hw, frames.missing) == (5, (6, 8), frozenset())
    assert frames.read([4, 0])[:, 0, 0, 0].tolist() == [5, 1]
    clip = Clip("clip", frames, [2], np.ones((1, 1, 2)), [[2]])
    assert clip.window(0, (-3, -1, 0, 1, 2)) == ([0, 1, 2, 3, 4], pytest.approx([False, True, True, True, True]))
    assert data_digest._picture_files(clip) == {2: str(tmp_path / "clip" / "00003.png")}


def test_missing_numbers_are_missing_frames(tmp_path):
    write(tmp_path / "clip", [1, 2, 5])
    (tmp_path / "clip" / ".00003.png").write_bytes(b"x")
    (tmp_path / "clip" / "Thumbs.db").write_bytes(b"x")
    frames = open_folder(tmp_path / "clip")
    assert (frames.num_frames, frames.missing) == (5, {2, 3})
    with pytest.raises(ValueError, match="no image at position 3"):
        frames.read([3])


def test_the_first_number_and_other_names(tmp_path):
    frames = open_folder(write(tmp_path / "clip", [0, 1], "film-{}.jpg"), first=0)
    assert frames.num_frames == 2
    with pytest.raises(ValueError, match=r"clip: expected pictures whose names end in the number .* from 1 on, found"):
        open_folder(tmp_path / "clip")


def test_no_pictures(tmp_path):
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ValueError, match="expected the frames of a video as pictures, found none"):
            open_folder(place)
    with pytest.raises(ValueError, match="expected at least one image"):
        PictureSequence({})


def test_read_in_another_way_they_are_still_a_sequence(tmp_path):
    frames = open_folder(write(tmp_path / "clip", [1, 2]))
    other = frames.with_pictures(frames.pictures.turned([0]))
    assert isinstance(other, PictureSequence)
    assert other.pictures.upright == {0}
