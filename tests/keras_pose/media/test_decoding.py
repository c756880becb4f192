"""Decoded frames of whole and damaged files: every frame keeps its number, and every gap is found."""

import contextlib
import pathlib
import random
import warnings

import cv2
import numpy as np
import pytest

from keras_pose import media
from keras_pose.media.decoding import FrameDecoder
from keras_pose.media.survey import survey_video
from keras_pose.media.video import VideoFrames
from keras_pose.media.watch import DamageError
from tests.helpers import coded_videos

SHARED = pathlib.Path(__file__).resolve().parents[4] / "shared" / "data"
COUNT = 40
# Name of a file: how it is coded.
KINDS = {
    "keyframes.mp4": {"options": {"g": "8"}},
    "one_keyframe.mp4": {},
    "b_frames.mp4": {"options": {"g": "12", "bf": "3"}},
    "fast_start.mp4": {"options": {"g": "8"}, "muxer": {"movflags": "faststart"}},
    "fragments.mp4": {"options": {"g": "8"}, "muxer": {"movflags": "frag_keyframe+empty_moov"}},
    "h264.avi": {"options": {"g": "8", "bf": "2"}},
    "h264_without_b.avi": {"options": {"g": "8", "bf": "0"}},
    "mpeg4.avi": {"codec": "mpeg4"},
    "mjpeg.avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "mjpeg.mov": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "mjpeg.mkv": {"codec": "mjpeg", "pix_fmt": "yuvj420p"},
    "h264.mkv": {"options": {"g": "8"}},
    "h264.ts": {"options": {"g": "8"}},
    "ffv1.mkv": {"codec": "ffv1", "pix_fmt": "bgr0"},
    "vp8.webm": {"codec": "libvpx", "options": {"auto-alt-ref": "1", "lag-in-frames": "10", "deadline": "realtime"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}},
    "av1.mp4": {"codec": "libsvtav1", "options": {"preset": "12"}},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "log-level=none:keyint=8"}},
    "raw.h264": {"options": {"g": "8"}, "format": "h264"},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A function that returns the path of a whole video of `KINDS`, made once."""
    folder = tmp_path_factory.mktemp("whole")

    def make(name):
        path = folder / name
        return path if path.exists() else coded_videos.write_numbered(path, COUNT, **KINDS[name])

    return make


@pytest.fixture
def copy(whole, tmp_path):
    """A function that returns the path of a copy of a whole video."""

    def make(name):
        (tmp_path / name).write_bytes(whole(name).read_bytes())
        return tmp_path / name

    return make


@contextlib.contextmanager
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def read_all(path):
    """(VideoFrames, {position: number or None}, warnings) of a video."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frames = VideoFrames(path)
        numbers = {i: None if f is None else coded_videos.read_number(f) for i, f in frames.numbered()}
    return frames, numbers, [str(w.message) for w in caught if issubclass(w.category, media.MediaWarning)]


def check_numbers(frames, numbers):
    """Every frame that is not doubtful has its own number; gaps are listed."""
    assert list(numbers) == list(range(frames.num_frames))
    assert {i for i, number in numbers.items() if number is None} == set(frames.missing)
    wrong = {i: n for i, n in numbers.items() if n is not None and n != i and i not in frames.doubtful}
    assert not wrong


@pytest.mark.parametrize("name", KINDS)
def test_whole_files_have_all_frames_in_order_without_a_warning(whole, name):
    with no_warnings():
        decoded = list(FrameDecoder(str(whole(name))))
        frames = VideoFrames(whole(name))
        assert [coded_videos.read_number(frame) for frame in frames] == list(range(COUNT))
    assert len(decoded) == frames.num_frames == COUNT
    assert frames.missing == frames.doubtful == frozenset()


@pytest.mark.parametrize("name", KINDS)
def test_the_careful_way_gives_the_same_frames(whole, name):
    fast = FrameDecoder(str(whole(name)))
    careful = FrameDecoder(str(whole(name)), careful=True)
    for one, other in zip(fast, careful):
        np.testing.assert_array_equal(one.to_ndarray(format="rgb24"), other.to_ndarray(format="rgb24"))
    assert survey_video(whole(name)).numbering.missing == frozenset()


@pytest.mark.parametrize("name", [n for n in KINDS if not n.startswith(("raw", "fragments", "vp8", "ffv1"))])
def test_a_lost_packet_leaves_a_gap_and_the_others_keep_their_numbers(copy, name):
    path = copy(name)
    places = coded_videos.packet_places(path)
    start, size = places[21]
    header = 8 if name.endswith((".mkv", ".webm")) else 0  # a Matroska file without it cannot be read on
    coded_videos.damage(path, start + header, size - header)
    frames, numbers, said = read_all(path)
    check_numbers(frames, numbers)
    assert frames.num_frames == COUNT
    assert len(said) == 1
    assert frames.missing or frames.doubtful  # a decoder may put something in place of the frame


@pytest.mark.parametrize("name", ["mjpeg.avi", "mjpeg.mov"])
def test_the_first_and_the_last_frame_can_be_lost(copy, name):
    path = copy(name)
    places = coded_videos.packet_places(path)
    for start, size in (places[0], places[-1]):
        coded_videos.damage(path, start + 30, size - 30)
    frames, numbers, said = read_all(path)
    check_numbers(frames, numbers)
    assert frames.num_frames == COUNT
    assert {0, COUNT - 1} <= frames.missing
    assert "frames are damaged and do not decode: 0" in said[0]


@pytest.mark.parametrize("name", ["mjpeg.avi", "h264_without_b.avi", "mpeg4.avi"])
def test_avi_files_without_an_index_are_read_to_their_end(copy, name):
    path = copy(name)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    frames, numbers, said = read_all(path)
    assert numbers == {i: i for i in range(COUNT)}
    assert said == []


def test_avi_files_without_an_index_and_with_a_hole_keep_their_numbers(copy):
    path = copy("mjpeg.avi")
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    start, size = coded_videos.packet_places(path)[20]
    coded_videos.damage(path, start - 8, size)
    frames, numbers, said = read_all(path)
    check_numbers(frames, numbers)
    assert frames.missing == {20}
    assert frames.num_frames == COUNT


@pytest.mark.parametrize("name", ["fast_start.mp4", "mjpeg.avi", "mjpeg.mkv", "h264.mkv", "fragments.mp4"])
def test_a_cut_file_is_said_to_be_cut(copy, name):
    path = copy(name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 7 // 10])
    frames, numbers, said = read_all(path)
    check_numbers(frames, numbers)
    assert 5 < frames.num_frames < COUNT
    assert len(said) == 1
    assert "cut" in said[0]
    if name != "fragments.mp4":
        assert f"states {COUNT} frames" in said[0]


def test_a_transport_stream_cut_within_a_packet_is_said_to_be_cut(copy):
    path = copy("h264.ts")
    path.write_bytes(path.read_bytes()[: 188 * 60 + 50])
    _, _, said = read_all(path)
    assert len(said) == 1
    assert "cut or damaged at its end" in said[0]


def test_a_transport_stream_that_begins_in_the_middle_starts_with_its_first_keyframe(copy):
    path = copy("h264.ts")
    path.write_bytes(path.read_bytes()[188 * 20 :])
    frames = VideoFrames(path)
    numbers = [coded_videos.read_number(frame) for frame in frames]
    assert numbers[0] % 8 == 0
    assert numbers == list(range(numbers[0], COUNT))
    assert frames.missing == frozenset()


def test_the_fast_way_stops_at_the_first_sign_of_damage(copy):
    path = copy("mjpeg.mkv")
    start, size = coded_videos.packet_places(path)[21]
    coded_videos.damage(path, start, size)
    decoder = FrameDecoder(str(path))
    numbers = []

    def decode_all():
        for frame in decoder:
            numbers.append(coded_videos.read_number(frame.to_ndarray(format="rgb24")))

    pytest.raises(DamageError, decode_all)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) <= 21


@pytest.mark.parametrize("name", ["keyframes.mp4", "b_frames.mp4", "mjpeg.avi", "h264.avi", "h264.mkv"])
def test_random_damage_neither_crashes_nor_moves_numbers(copy, name):
    generator = random.Random(name)
    for _ in range(12):
        path = copy(name)
        size = path.stat().st_size
        length = generator.choice([20, 300, 3000])
        start = generator.randrange(size // 3, size * 8 // 10)
        coded_videos.damage(
            path, start, length, generator.choice([None, bytes(generator.randrange(256) for _ in range(300))])
        )
        frames, numbers, said = read_all(path)
        assert list(numbers) == list(range(frames.num_frames))
        assert said or (frames.num_frames == COUNT and not frames.missing)
        # Behind the next keyframe every number is right again.
        last = [i for i in range(COUNT - 4, frames.num_frames) if numbers[i] is not None and i not in frames.doubtful]
        assert all(numbers[i] == i for i in last if "one_keyframe" not in name)


def test_old_header_counts_are_no_reason_to_warn():
    folders = [SHARED / "lips" / "videos", *sorted((SHARED / "jhmdb" / "videos").glob("*"))[::5]]
    paths = [path for folder in folders for path in sorted(folder.glob("*"))[:8]]
    if not paths:
        pytest.skip(f"no real videos at {SHARED}")
    with no_warnings():
        for path in paths:
            frames = VideoFrames(path)
            capture = cv2.VideoCapture(str(path))
            count = 0
            while capture.grab():
                count += 1
            assert frames.num_frames == count
            assert frames._cursor.survey is None


def test_no_thread_waits_for_a_damaged_hevc_frame(tmp_path):
    options = {"x265-params": "log-level=none:keyint=4:min-keyint=4:scenecut=0:bframes=0"}
    path = coded_videos.write_numbered(tmp_path / "a.mkv", 12, codec="libx265", options=options)
    data = path.read_bytes()
    for start, size in coded_videos.packet_places(path)[4:]:
        path.write_bytes(data)
        coded_videos.damage(path, start + size // 2, 16, b"\x5a\xc3\x17")
        frames, numbers, said = read_all(path)
        assert frames.num_frames == 12
    assert FrameDecoder(str(path))._stream.codec_context.thread_type.name == "SLICE"
