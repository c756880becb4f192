"""Images whose number names another frame of the video: corrected, kept with a note, or the video is not used."""

import re

import cv2
import numpy as np
import pytest

from keras_pose.data.importers import frame_numbers
from keras_pose.data.importers.label_rows import LabelRow
from keras_pose.media import MediaWarning
from keras_pose.media.video import VideoFrames, write_video
from tests.helpers import coded_videos

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


TURNS = {6: ((0, 1, -1, 0), -1), 3: ((-1, 0, 0, -1), 2), 8: ((0, -1, 1, 0), 1)}


def turned_clip(folder, orientation, size_hw=(96, 128)):
    path = coded_videos.write_coded(folder / "phone.mp4", [coded_videos.draw_frame(i, size_hw) for i in range(6)])
    return VideoFrames(coded_videos.turn_by_matrix(path, TURNS[orientation][0]))


@pytest.mark.parametrize("size_hw", [(96, 128), (128, 128)])
@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("lying", [False, True])
def test_images_that_were_cut_before_the_turn_are_recognised(tmp_path, orientation, lying, size_hw):
    clip = turned_clip(tmp_path, orientation, size_hw)
    frames = VideoFrames(clip.path, upright=not lying)
    images = {i: frames.read([i])[0][..., ::-1] for i in (1, 3, 4)}
    rows = make_rows(tmp_path, images)
    turn = frame_numbers.find_turn(clip, rows, list(images))
    assert turn == (orientation if lying else 1)
    assert frame_numbers.describe_sizes(clip, rows, turn) == ""
    assert frame_numbers.correct_positions(clip, rows, list(images), turn=turn) == ([1, 3, 4], [])
    for row in rows:
        row.points = np.array([[20.0, 70.0]])  # in the red box at the bottom left of the stored frame
    notes = frame_numbers.turn_rows(clip, rows, turn)
    if not lying:
        assert notes == []
        return
    assert "images and labels are turned like the video" in notes[0]
    x, y = rows[0].points[0].astype(int)
    red, green, blue = clip.read([1])[0][y, x].astype(int)
    assert red > 150 > max(green, blue)


@pytest.mark.parametrize(
    ("size_hw", "cause"),
    [
        ((24, 32), ""),
        ((32, 24), "turned by 90°"),
        ((12, 16), "scaled by 0.5"),
        ((20, 24), "cropped"),
        ((40, 33), "the video 24×32$"),
    ],
)
def test_other_sizes_are_named_with_their_cause(clip, tmp_path, size_hw, cause):
    rows = make_rows(tmp_path, {1: np.zeros((*size_hw, 3), np.uint8)})
    assert re.search(cause, frame_numbers.describe_sizes(clip, rows))
    assert bool(frame_numbers.describe_sizes(clip, rows)) == bool(cause)


def test_a_damaged_frame_is_noted_and_not_called_past_the_end(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "clip.mov", 8, codec="mjpeg", pix_fmt="yuvj420p")
    images = {i: VideoFrames(path).read([i])[0][..., ::-1] for i in (2, 4, 6)}
    start, size = coded_videos.packet_places(path)[4]
    coded_videos.damage(path, start, size)
    with pytest.warns(MediaWarning):
        positions, (note,) = correct(VideoFrames(path), tmp_path, images)
    assert positions == [2, 4, 6]
    assert note == f"frame 4 of {path} is damaged; its image is used without neighbours"
