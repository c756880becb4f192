"""Rows of an annotation file: numbers, positions, and clips with a problem for each mistake."""

import cv2
import numpy as np
import pytest

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.image_frames import ImageFrames, VideoWithImages
from keras_pose.data.importers import label_rows
from keras_pose.data.importers.label_rows import LabelRow
from keras_pose.media.video import VideoFrames, write_video

JOINTS = ("hand", "nose")
NAN = np.nan


def make_rows(folder, points, size_hw=(20, 30)):
    """A `LabelRow` with an image for each of `points`, all grey levels different."""
    rows = []
    for number, row_points in enumerate(points):
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), np.full((*size_hw, 3), 10 + number, np.uint8))
        rows.append(LabelRow(str(path), np.array(row_points, np.float64), f"table:{number + 1}"))
    return rows


def test_cells_become_numbers_and_words_become_messages():
    values, messages = label_rows.parse_numbers(["1.5", " ", "nan", "two ", "-3e1"])
    np.testing.assert_array_equal(values, [1.5, NAN, NAN, NAN, -30])
    assert messages == ["value 4: expected a number, found 'two'"]
    assert label_rows.parse_numbers([])[0].shape == (0,)


@pytest.mark.parametrize(
    ("names", "positions"),
    [
        (["img0011.png", "img2.jpg", "clip3_frame40.png"], [11, 2, 40]),
        (["7.png", "0.png"], [7, 0]),
        (["img1.png", "first.png"], None),
        (["img1_left.png"], None),
        (["img99999999999.png"], None),  # no int32
        ([], []),
        (["a_001.png", "b_001.png"], None),  # equal numbers of different names
        (["a_1.png", "a_01.png"], None),
        (["a_001.png", "a_001.png"], [1, 1]),  # the same name twice: labelled twice
    ],
)
def test_the_number_at_the_end_of_a_name_is_its_position(names, positions):
    assert label_rows.positions_by_number(names) == positions


def test_a_number_of_thousands_of_digits_is_no_frame_number():
    assert label_rows.positions_by_number(["a" + "9" * 5000 + ".png", "a1.png"]) is None
    assert label_rows.positions_by_number(["a" + "9" * 200 + ".png"]) is None


def test_names_are_numbered_in_alphabetical_order():
    assert label_rows.positions_by_order(["c", "a", "b", "a"]) == [2, 0, 1, 0]


def test_rows_become_a_clip_sorted_by_position(tmp_path):
    rows = make_rows(tmp_path, [[(1, 2), (3, 4)], [(5, 6), (NAN, NAN)]])
    clip, problems = label_rows.build_clip("c", rows, [9, 4], JOINTS)
    assert problems == []
    assert clip.labelled.tolist() == [4, 9]
    assert clip.origins == ("table:2", "table:1")
    np.testing.assert_array_equal(clip.joints, [[[5, 6], [NAN, NAN]], [[1, 2], [3, 4]]])
    assert clip.visibility.tolist() == [[VISIBLE, UNLABELLED], [VISIBLE, VISIBLE]]
    assert isinstance(clip.frames, ImageFrames)
    assert [int(frame[0, 0, 0]) for frame in clip.frames.read([9, 4])] == [10, 11]


def test_with_a_video_the_frames_have_neighbours(tmp_path):
    write_video(tmp_path / "v.avi", [np.full((20, 30, 3), 8 * i, np.uint8) for i in range(6)], 25)
    rows = make_rows(tmp_path, [[(1, 2), (3, 4)]])
    clip, _ = label_rows.build_clip("c", rows, [2], JOINTS, VideoFrames(tmp_path / "v.avi"))
    assert isinstance(clip.frames, VideoWithImages)
    assert clip.has_neighbours(0)
    assert (clip.read_window(0) == 10).all()


def test_half_a_point_becomes_unlabelled_with_a_problem(tmp_path):
    rows = make_rows(tmp_path, [[(1, 2), (3, 4)], [(1, NAN), (3, 4)]])
    rows[0].messages.append("value 1: expected a number")
    clip, problems = label_rows.build_clip("c", rows, [1, 0], JOINTS)
    assert clip.visibility.tolist() == [[UNLABELLED, VISIBLE], [VISIBLE, VISIBLE]]
    assert np.isnan(clip.joints[0, 0]).all()
    assert [(p.clip, p.row, p.message, p.joint) for p in problems] == [
        ("c", 0, "table:2: joint 'hand': only one coordinate is given, (1, nan)", 0),
        ("c", 1, "table:1: value 1: expected a number", None),
    ]


def test_a_joint_with_a_message_of_its_own_is_not_half_a_point_too(tmp_path):
    rows = make_rows(tmp_path, [[(1, NAN), (3, 4)]])
    rows[0].joint_messages.append((0, "value 2: expected a number, found 'x'"))
    clip, problems = label_rows.build_clip("c", rows, [0], JOINTS)
    assert clip.visibility.tolist() == [[UNLABELLED, VISIBLE]]
    assert [(p.message, p.joint) for p in problems] == [("table:1: value 2: expected a number, found 'x'", 0)]


def test_faults_of_cells_are_told_by_their_place():
    values, faults = label_rows.parse_cells(["1", "x", "", "2,5"])
    np.testing.assert_array_equal(values, [1, NAN, NAN, NAN])
    assert faults == {1: "value 2: expected a number, found 'x'", 3: "value 4: expected a number, found '2,5'"}


def test_the_first_readable_image_gives_the_size(tmp_path):
    rows = make_rows(tmp_path, [[(1, 2), (3, 4)]] * 2)
    (tmp_path / "0.png").unlink()
    clip, _ = label_rows.build_clip("c", rows, [0, 1], JOINTS)
    assert clip.frames.size_hw == (20, 30)
    (tmp_path / "1.png").unlink()
    clip, (problem,) = label_rows.build_clip("c", rows, [0, 1], JOINTS)
    assert clip is None
    assert problem.row is None
    assert problem.message.startswith("table:1: none of the 2 labelled images can be read, the first is ")
