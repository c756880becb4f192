"""The place in a video: forwards, back, from a keyframe on, and in a second reader."""

import numpy as np
import pytest

from keras_pose.media.frame_cursor import FrameCursor
from tests.helpers import real_videos

COUNT = 6


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    place = tmp_path_factory.mktemp("videos") / "steps.mp4"
    real_videos.write(place, [np.full((32, 48, 3), 40 * i, np.uint8) for i in range(COUNT)], fps=10)
    return str(place)


def brightness(cursor):
    return float(cursor.frame.to_ndarray(format="rgb24").mean())


def test_it_goes_forwards_and_back_and_ends(path):
    cursor = FrameCursor(path)
    assert (cursor.fps, cursor.num_frames) == (0.0, None)
    for index in (0, 3, 1, 5, 5):
        assert cursor.forward(index)
        assert brightness(cursor) == pytest.approx(40 * index, abs=6)
    assert cursor.fps == 10
    assert cursor.time_s(4) == pytest.approx(0.4)
    assert cursor.has_frame(2)
    assert not cursor.forward(COUNT)
    assert cursor.num_frames == COUNT
    assert not cursor.has_frame(COUNT)
    assert not cursor.has_frame(-1)
    assert cursor.frame is None
    with pytest.raises(ValueError, match=r"steps.mp4: frame 6: expected a position from 0 to 5"):
        cursor.time_s(COUNT)


def test_another_cursor_of_the_video_has_a_place_of_its_own(path):
    cursor = FrameCursor(path)
    assert cursor.forward(4)
    other = cursor.reopen()
    assert other.fps == 10
    assert other.forward(1)
    assert brightness(other) == pytest.approx(40, abs=6)
    assert brightness(cursor) == pytest.approx(160, abs=6)
    cursor.rewind()
    assert cursor.advance()
    assert brightness(cursor) == pytest.approx(0, abs=6)
