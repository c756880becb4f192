"""Starts in the middle of a video give the same numbers, times and pixels as decoding all of it."""

import warnings

import numpy as np
import pytest

from keras_pose.media import frame_cursor, video
from keras_pose.media.messages import MediaWarning
from keras_pose.media.seeking import find_start
from tests.helpers import coded_videos

COUNT = 60
TIMES = np.cumsum(np.random.default_rng(0).integers(1, 4, COUNT)).tolist()
X265 = {"x265-params": "log-level=none:keyint=12:min-keyint=12:open-gop=1"}
# Name: codec, options, and the position that decoding starts at for frame 50; None: the beginning.
KINDS = {
    "h264.mp4": ("libx264", {"g": "12", "sc_threshold": "0"}, 48),
    "h264.mkv": ("libx264", {"g": "12", "sc_threshold": "0"}, 48),
    "open.mkv": ("libx264", {"g": "12", "x264-params": "open-gop=1"}, None),
    "refresh.mkv": ("libx264", {"x264-params": "intra-refresh=1:keyint=20"}, None),
    "hevc.mkv": ("libx265", X265, 48),
    "mpeg4.mp4": ("mpeg4", {"bf": "2", "g": "10"}, 48),
    "vp8.webm": ("libvpx", {"g": "15", "auto-alt-ref": "1", "lag-in-frames": "10"}, 45),
    "vp9.mkv": ("libvpx-vp9", {"g": "15"}, 45),
    "mjpeg.avi": ("mjpeg", {}, 48),
    "h264.avi": ("libx264", {"g": "12"}, None),
    "h264.ts": ("libx264", {"g": "12"}, None),
}


@pytest.fixture(autouse=True)
def near(monkeypatch):
    monkeypatch.setattr(frame_cursor, "_NEAR_FRAMES", 1)


@pytest.fixture(scope="module")
def write(tmp_path_factory):
    """Writes each kind of video once."""
    folder = tmp_path_factory.mktemp("kinds")

    def write_kind(name):
        path = folder / name
        codec, options, _ = KINDS[name]
        if not path.exists():
            pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            frames = [coded_videos.draw_frame(i, (64, 128)) for i in range(COUNT)]
            coded_videos.write_coded(path, frames, codec=codec, pix_fmt=pix_fmt, options=options, times=TIMES)
        return path

    return write_kind


def read_from(path, start=0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MediaWarning)
        return list(video.VideoFrames(path).numbered_with_times(start))


def assert_same(found, expected):
    assert [(number, time) for number, time, _ in found] == [(number, time) for number, time, _ in expected]
    for (number, _, a), (_, _, b) in zip(found, expected):
        np.testing.assert_array_equal(a, b, err_msg=f"frame {number}") if b is not None else None
        assert (a is None) == (b is None)


@pytest.mark.parametrize("name", KINDS)
def test_frames_numbers_and_times_are_those_of_the_whole_video(write, name):
    path = write(name)
    start = find_start(path, 50)
    expected = KINDS[name][2]
    if expected is None:
        assert start is None
    else:
        assert expected - 12 <= start.position <= 48  # encoders also put keyframes elsewhere
    whole = read_from(path)
    for first in (17, 50, COUNT - 1):
        assert_same(read_from(path, first), whole[first:])


def test_a_start_behind_the_end_gives_nothing(write):
    assert read_from(write("h264.mp4"), COUNT) == []
    assert find_start(write("h264.mp4"), COUNT) is None


@pytest.mark.parametrize("name", ["h264.mp4", "h264.mkv", "mjpeg.avi"])
@pytest.mark.parametrize("lost", [3, 40, 49, 54])
def test_damage_anywhere_changes_no_number_and_no_time(write, tmp_path, name, lost):
    path = tmp_path / name
    path.write_bytes(write(name).read_bytes())
    place, size = coded_videos.packet_places(path)[lost]
    coded_videos.damage(path, place + 8, size - 8)  # behind the header of the block, which Matroska counts
    whole = read_from(path)
    found = read_from(path, 50)
    assert len(whole) == COUNT
    assert [number for number, _, _ in found] == list(range(50, COUNT))
    assert [time for _, time, _ in found] == [time for _, time, _ in whole[50:]]
    decoded = [number for number, _, frame in whole if frame is not None]
    assert len(decoded) < COUNT
    for (number, _, a), (_, _, b) in zip(found, whole[50:]):
        if a is not None and b is not None:
            np.testing.assert_array_equal(a, b, err_msg=f"frame {number}")


def test_a_cut_video_is_decoded_from_its_beginning(write, tmp_path):
    path = tmp_path / "cut.mkv"
    data = write("h264.mkv").read_bytes()
    path.write_bytes(data[: len(data) * 9 // 10])
    assert find_start(path, 40) is None
    assert_same(read_from(path, 40), read_from(path)[40:])


def test_going_back_after_a_start_decodes_from_the_beginning(write):
    path = write("h264.mp4")
    whole = read_from(path)
    reader = video.VideoFrames(path)
    rows = reader.numbered_with_times(50)
    next(rows)
    assert reader.time_s(3) == whole[3][1]
    np.testing.assert_array_equal(reader.read([3])[0], whole[3][2])
    assert_same(list(rows), whole[51:])
    assert reader.num_frames == COUNT


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="no.mp4.*no such file"):
        find_start(tmp_path / "no.mp4", 3)
