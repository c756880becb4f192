"""Videos that are opened when they are first read."""

import contextlib

import numpy as np
import pytest

from keras_pose.data.clip import Clip
from keras_pose.data.lazy_video import LazyVideo, open_video
from keras_pose.media import MediaWarning
from keras_pose.media.video import VideoFrames
from keras_pose.runs import data_digest
from tests.helpers import coded_videos, real_videos


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "a.mp4"
    coded_videos.write_numbered(place, 12)
    return place


def test_frames_are_those_of_the_video(path):
    frames = open_video(path)
    assert isinstance(frames, LazyVideo)
    assert (frames.num_frames, frames.size_hw, frames.missing) == (12, coded_videos.SIZE_HW, frozenset())
    assert frames.fps == VideoFrames(path).fps == 25
    np.testing.assert_array_equal(frames.read([7, 2]), VideoFrames(path).read([7, 2]))
    frames.close()
    assert coded_videos.read_number(frames.read([11])[0]) == 11
    with pytest.raises(ValueError, match="cannot read frame 12"):
        frames.read([12])


def test_a_reader_of_the_same_file_has_a_decoder_of_its_own(path):
    frames = open_video(path)
    with contextlib.closing(frames.reopen()) as own:
        assert own is not frames.reopen()
        frames.close()
        assert [coded_videos.read_number(frame) for frame in own.read([3, 9])] == [3, 9]


def test_a_damaged_video_is_decoded_at_once(tmp_path):
    path = tmp_path / "a.avi"
    coded_videos.write_coded(path, [coded_videos.draw_frame(i) for i in range(12)], "mpeg4")
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.warns(MediaWarning, match="cut or damaged"):
        frames = open_video(path)
    assert isinstance(frames, VideoFrames)


def test_a_turned_video_is_refused_when_it_is_read(tmp_path):
    path = tmp_path / "a.mp4"
    real_videos.write(path, [np.zeros((16, 48, 3), np.uint8)] * 2)
    real_videos.turn(path, 90)
    frames = open_video(path)
    with pytest.raises(ValueError, match=r"a.mp4: expected frames of 16×48 px \(height×width\).*found 48×16"):
        frames.read([0])


def test_runs_know_its_content(path):
    clip = Clip("a", open_video(path), [0], np.ones((1, 1, 2)), [[2]])
    assert data_digest._video_files(clip) == [str(path)]
