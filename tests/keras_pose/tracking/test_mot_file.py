import numpy as np
import pytest

from keras_pose.tracking.mot_file import read_mot


def write(folder, text, name="gt.txt"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_frames_and_px_count_from_one(tmp_path):
    text = "1, 3, 794.5, 247.5, 71.2, 174.8, -1, -1, -1, -1\n2,3,795,248,71,175,1,1,0.5\n\n1,1,1,1,10,20\n"
    one, three = read_mot(write(tmp_path, text))
    assert (one.name, three.name) == ("1", "3")
    np.testing.assert_array_equal(one.boxes, [[0, 0, 10, 20]])
    np.testing.assert_array_equal(three.frames, [0, 1])
    np.testing.assert_allclose(three.boxes, [[793.5, 246.5, 71.2, 174.8], [794, 247, 71, 175]])


def test_boxes_that_do_not_count_are_left_out(tmp_path):
    (track,) = read_mot(write(tmp_path, "1,1,1,1,10,20,1\n2,1,1,1,10,20,0\n1,2,1,1,10,20,0\n"))
    np.testing.assert_array_equal(track.frames, [0])


def test_spaces_separate_too_and_other_line_ends_are_read(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_bytes(b"\xef\xbb\xbf1 1 1 1 10 20\r\n2 1 1 1 10 20\r\n")
    assert read_mot(path)[0].frames.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "1,1,1,1,10",
            "expected numbers frame, id, left, top, width, height, separated by commas, received '1,1,1,1,10'",
        ),
        ("frame,id,x,y,w,h", "expected numbers frame"),
        ("1,1,1,nan,10,20", "expected numbers frame"),
        ("0,1,1,1,10,20", "expected the number of a frame, from 1, in the first column, received 0"),
        ("1.5,1,1,1,10,20", "received 1.5"),
        ("1,-1,1,1,10,20", "have no ids: track the people first"),
        ("1,1.5,1,1,10,20", "expected the id of a person"),
        ("1,1,1,1,0,20", "expected a width and a height above 0, received 0 and 20"),
        ("3,7,1,1,10,20", "expected one box for each id in a frame, received another box of id 7 in frame 3"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    path = write(tmp_path, f"3,7,1,1,10,20\n\n{line}\n")
    with pytest.raises(ValueError, match=message) as error:
        read_mot(path)
    assert str(error.value).startswith(f"{path}:3: ")


def test_a_long_line_is_shortened(tmp_path):
    with pytest.raises(ValueError, match="…") as error:
        read_mot(write(tmp_path, "x" * 5000))
    assert len(str(error.value)) < 400
