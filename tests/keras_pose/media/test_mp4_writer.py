"""MP4 files: they read back, browsers can play them, and after an error there is none."""

import os

import av
import numpy as np
import pytest

from keras_pose.media.h264_encoder import Encoding, SegmentEncoder
from keras_pose.media.mp4_writer import Mp4Writer, PacketWriter
from keras_pose.media.video import VideoFrames
from tests.helpers.coded_videos import draw_frame, read_number
from tests.helpers.full_disk import limit_file_size

UNEVEN_S = [0.0, 0.04, 0.08, 0.5, 0.51, 1.0]


def write(path, count=30, size_hw=(96, 128), times_s=None, **options):
    with Mp4Writer(path, size_hw, **options) as writer:
        for i in range(count):
            writer.write(draw_frame(i, size_hw), i / 25 if times_s is None else times_s[i])
    return path


def write_frames(path, frames, start_s):
    with Mp4Writer(path, (96, 128)) as writer:
        for i, frame in enumerate(frames):
            writer.write(frame, start_s + i / 25)


def _broken_source(count):
    yield from map(draw_frame, range(count))
    raise KeyError("source")


def test_frames_and_constant_rates_read_back(tmp_path):
    for fps in (25, 30000 / 1001, 24000 / 1001, 10):
        path = write(tmp_path / "a.mp4", times_s=[i / fps for i in range(30)])
        video = VideoFrames(path)
        assert (video.num_frames, video.size_hw) == (30, (96, 128))
        assert video.fps == pytest.approx(fps, rel=1e-4)
        assert [read_number(frame) for frame in video] == list(range(30))
    assert os.listdir(tmp_path) == ["a.mp4"]


def test_uneven_times_are_kept_and_the_last_frame_lasts_as_long_as_the_one_before(tmp_path):
    path = write(tmp_path / "a.mp4", len(UNEVEN_S), times_s=UNEVEN_S)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [float(frame.pts * stream.time_base) for frame in container.decode(stream)]
        assert float(stream.duration * stream.time_base) == pytest.approx(1.49, abs=1e-4)
    assert times == pytest.approx(UNEVEN_S, abs=1e-5)


def test_a_single_frame_is_a_video(tmp_path):
    assert VideoFrames(write(tmp_path / "a.mp4", 1)).num_frames == 1


def test_browsers_can_play_it(tmp_path):
    """Browsers decode 8-bit 4:2:0 H.264 up to the high profile, and start early if the index is at the front."""
    data = write(tmp_path / "a.mp4").read_bytes()
    assert data[4:8] == b"ftyp"
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert context.profile in ("High", "Main", "Constrained Baseline")
        assert container.streams.video[0].start_time == 0


def test_colours_come_back_and_the_file_states_how_they_are_stored(tmp_path):
    colors = np.array([(230, 159, 0), (86, 180, 233), (0, 158, 115), (255, 255, 255), (0, 0, 0), (255, 0, 0)], np.uint8)
    frame = np.repeat(np.repeat(colors[None], 32, 0), 16, 1)
    with Mp4Writer(tmp_path / "a.mp4", frame.shape[:2]) as writer:
        writer.write(frame, 0)
    read = VideoFrames(tmp_path / "a.mp4").read([0])[0]
    np.testing.assert_allclose(read[16, 8::16].astype(int), colors, atol=6)
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_range, context.colorspace) == (1, 6)
        assert (context.color_primaries, context.color_trc) == (6, 6)
        # FFmpeg converts by what the file states.
        stated = next(container.decode(video=0)).to_ndarray(format="rgb24")
    np.testing.assert_allclose(stated[16, 8::16].astype(int), colors, atol=6)


def test_odd_sizes_lose_nothing(tmp_path):
    video = VideoFrames(write(tmp_path / "a.mp4", 4, (95, 127)))
    assert video.size_hw == (96, 128)
    assert [read_number(frame) for frame in video] == list(range(4))


def test_the_same_frames_give_the_same_bytes_one_by_one_or_as_packets(tmp_path):
    first = write(tmp_path / "a.mp4").read_bytes()
    assert write(tmp_path / "b.mp4").read_bytes() == first
    encoding = Encoding((96, 128))
    encoder = SegmentEncoder(encoding)
    packets = [packet for i in range(30) for packet in encoder.encode(draw_frame(i))] + encoder.finish()
    with PacketWriter(tmp_path / "c.mp4", encoding) as writer:
        for i, packet in enumerate(packets):
            writer.add(packet, 3600 * i)
    assert writer.count == 30
    assert (tmp_path / "c.mp4").read_bytes() == first


def test_invalid_frames_and_errors_leave_the_old_file(tmp_path):
    old = write(tmp_path / "a.mp4", 2).read_bytes()
    for frames, start_s, error, message in [
        ([], 0, ValueError, "a.mp4: expected at least one frame"),
        ([draw_frame(0), draw_frame(0)[:50]], 0, ValueError, r"a.mp4: frame 1: expected uint8 \[96, 128, 3\]"),
        ([draw_frame(0)], -1, ValueError, "a.mp4: expected the time of a frame"),
        (_broken_source(80), 0, KeyError, "source"),
    ]:
        with pytest.raises(error, match=message):
            write_frames(tmp_path / "a.mp4", frames, start_s)
    assert os.listdir(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == old


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.95, 0.999])
def test_a_full_disk_is_one_error_and_leaves_no_file(tmp_path, share):
    path = write(tmp_path / "a.mp4", 60)
    size = path.stat().st_size
    path.unlink()
    with limit_file_size(int(size * share)), pytest.raises(OSError, match="a.mp4: ") as caught:
        write(path, 60)
    assert "\n" not in str(caught.value)
    assert "File too large" in str(caught.value) or "is the disk full?" in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_mpeg_4_for_builds_without_x264_reads_back(tmp_path):
    encoding = Encoding((96, 128), codec="mpeg4")
    encoder = SegmentEncoder(encoding)
    packets = [packet for i in range(8) for packet in encoder.encode(draw_frame(i))] + encoder.finish()
    with PacketWriter(tmp_path / "a.mp4", encoding) as writer:
        for i, packet in enumerate(packets):
            writer.add(packet, 3600 * i)
    assert [read_number(frame) for frame in VideoFrames(tmp_path / "a.mp4")] == list(range(8))
