"""Images whose number names another frame of the video: corrected, kept with a note, or the video is not used."""

import cv2
import numpy as np
import pytest

from keras_pose.data.importers import frame_numbers
from keras_pose.data.importers.label_rows import LabelRow
from keras_pose.media.video import VideoFrames, write_video

NUM_FRAMES = 12
SIZE_HW = (24, 32)


def frame(position):
    return np.full((*SIZE_HW, 3), 10 + 8 * position, np.uint8)


@pytest.fixture
def clip(tmp_path):
    write_video(tmp_path / "clip.avi", [frame(i) for i in range(NUM_FRAMES)], 25)
    return VideoFrames(tmp_path / "clip.avi")


def make_rows(folder, images):
    """A `LabelRow` for each {number: image}; None writes no file."""
    rows = []
    for number, image in images.items():
        path = folder / f"img{number:02d}.png"
        if image is not None:
            cv2.imwrite(str(path), image)
        rows.append(LabelRow(str(path), np.zeros((1, 2)), f"table:{number}"))
    return rows


def correct(clip, folder, images, **options):
    return frame_numbers.correct_positions(clip, make_rows(folder, images), list(images), **options)


def test_right_numbers_stay_without_a_note(clip, tmp_path):
    slightly_different = {7: frame(7) + 2, 3: frame(3)}  # as after another compression
    assert correct(clip, tmp_path, slightly_different) == ([7, 3], [])


def test_an_image_of_another_frame_gets_its_position(clip, tmp_path):
    positions, (note,) = correct(clip, tmp_path, {1: frame(1), 2: frame(2), 5: frame(9)})
    assert positions == [1, 2, 9]
    assert note.startswith("img05.png shows frame 9 of ")


def test_an_image_of_no_frame_keeps_its_number_with_a_note(clip, tmp_path):
    positions, (note,) = correct(clip, tmp_path, {1: frame(1), 2: frame(2), 5: frame(29)})
    assert positions == [1, 2, 5]
    assert note.startswith("img05.png: expected the frame of ")


def test_a_frame_that_is_already_labelled_is_not_given_twice(clip, tmp_path):
    positions, (note,) = correct(clip, tmp_path, {1: frame(1), 2: frame(2), 5: frame(1)})
    assert positions == [1, 2, 5]
    assert "the image shows another" in note


def test_numbers_past_the_end_are_searched_only_if_asked_for(clip, tmp_path):
    images = {1: frame(1), 99: frame(7)}
    positions, (note,) = correct(clip, tmp_path, images)
    assert positions == [1, 99]
    assert note.startswith("frame 99 past the end of ")
    assert f"decodes to {NUM_FRAMES} frames" in note
    positions, (note,) = correct(clip, tmp_path, images, find_past_end=True)
    assert positions == [1, 7]
    assert note.startswith("img99.png shows frame 7 of ")


def test_a_video_that_most_images_contradict_is_not_used(clip, tmp_path):
    positions, (note,) = correct(clip, tmp_path, {1: frame(25), 2: frame(26), 3: frame(3)})
    assert positions is None
    assert note.startswith("2 of 3 images show another frame of ")


def test_images_that_cannot_be_compared_keep_their_number(clip, tmp_path):
    images = {1: None, 2: np.zeros((9, 9, 3), np.uint8), 3: frame(3)}  # missing, and of another size
    assert correct(clip, tmp_path, images) == ([1, 2, 3], [])
