"""Frames are counted without decoding only if the number is sure."""

import numpy as np
import pytest

from keras_pose.media import frame_count, video
from tests.helpers import coded_videos, real_videos


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mpeg4"), ("a.mp4", "libx264"), ("a.avi", "ffv1")])
def test_the_count_is_that_of_decoding(tmp_path, name, codec):
    path = tmp_path / name
    coded_videos.write_coded(path, [coded_videos.draw_frame(i) for i in range(12)], codec, "yuv420p")
    assert frame_count.count_frames(path) == (12, coded_videos.SIZE_HW)
    assert video.VideoFrames(path).num_frames == 12


def test_a_file_that_is_cut_is_left_to_the_decoder(tmp_path):
    path = tmp_path / "a.avi"
    coded_videos.write_coded(path, [coded_videos.draw_frame(i) for i in range(12)], "mpeg4")
    path.write_bytes(path.read_bytes()[:-3000])
    assert frame_count.count_frames(path) is None


def test_no_video(tmp_path):
    path = tmp_path / "a.avi"
    path.write_bytes(b"no video")
    with pytest.raises(ValueError, match=r"a.avi: expected a video"):
        frame_count.count_frames(path)


def test_size_is_height_and_width(tmp_path):
    path = tmp_path / "a.mp4"
    real_videos.write(path, [np.zeros((16, 48, 3), np.uint8)] * 2)
    assert frame_count.count_frames(path) == (2, (16, 48))
