"""Opening live sources: OpenCV's reader, and reasons of errors."""

import av
import numpy as np
import pytest

from keras_pose.media.live_devices import format_reason, open_device, with_opencv
from tests.helpers import coded_videos


def test_opencv_gives_the_frames_in_rgb(tmp_path):
    # There is no camera here; OpenCV reads a file through the same interface.
    path = coded_videos.write_numbered(tmp_path / "a.mp4", 5)
    frames = list(with_opencv(str(path)))
    assert [coded_videos.read_number(frame) for frame, _ in frames] == list(range(5))
    assert frames[0][0][75, 25, 0] > 180  # the red box
    assert {time for _, time in frames} == {None}


def test_a_device_that_opencv_cannot_open_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="cannot be opened"):
        next(with_opencv(str(tmp_path / "none.mp4")))


def test_a_damaged_frame_is_left_out(tmp_path):
    path = coded_videos.write_numbered(tmp_path / "a.mov", 9, codec="mjpeg", pix_fmt="yuvj420p")
    coded_videos.damage(path, *coded_videos.packet_places(path)[4])
    frames = [frame for frame, _ in open_device(f"file://{path}", 1.0)]
    assert len(frames) == 8
    assert {frame.width for frame in frames} == {128}


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(ValueError, match="no video"):
        next(open_device(f"file://{path}", 1.0))


def test_reasons_are_one_line():
    assert format_reason(ValueError("a\n  b")) == "a b"
    assert format_reason(OSError(2, "No such file")) == "No such file"
    assert format_reason(KeyError()) == "KeyError"
