"""The depth of videos of 16 bits: by the largest value of the whole file."""

import av
import numpy as np
import pytest

from keras_pose.media import MediaWarning
from keras_pose.media.observed_depth import observed_bits
from tests.helpers import coded_videos


def write_grey(path, peak):
    frames = []
    for i in range(5):
        values = np.full((96, 128), 7, np.uint16)
        values[40, 50] = peak if i == 3 else 100
        frames.append(av.VideoFrame.from_ndarray(values, format="gray16le"))
    return coded_videos.write_coded(path, frames, codec="ffv1", pix_fmt="gray16le", options={"g": "1"})


@pytest.mark.parametrize(("peak", "bits"), [(250, 8), (1023, 10), (4095, 12)])
def test_the_largest_value_of_all_frames_tells_the_depth(tmp_path, peak, bits):
    path = write_grey(tmp_path / "a.mkv", peak)
    with pytest.warns(MediaWarning, match=f"its largest value is {peak}: read as {bits} bits"):
        assert observed_bits(str(path)) == bits


def test_all_16_bits_are_no_reason_to_warn(tmp_path, recwarn):
    assert observed_bits(str(write_grey(tmp_path / "a.mkv", 65535))) == 16
    assert not recwarn.list


def test_a_damaged_video_has_the_depth_of_the_frames_that_are_left(tmp_path):
    path = write_grey(tmp_path / "a.mkv", 4095)
    start, size = coded_videos.packet_places(path)[1]
    coded_videos.damage(path, start + 8, size - 8)
    with pytest.warns(MediaWarning, match="read as 12 bits"):
        assert observed_bits(str(path)) == 12
