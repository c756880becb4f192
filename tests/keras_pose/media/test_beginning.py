"""Files that begin with a keyframe, and recordings that begin in the middle of a stream."""

import warnings

import av
import pytest

from keras_pose.media.beginning import is_listed_keyframe
from keras_pose.media.container import open_container
from keras_pose.media.video import VideoFrames
from tests.helpers import coded_videos

COUNT = 32
ENDINGS = ["mp4", "mov", "mkv", "avi", "ts"]
OPEN_GROUPS = {"x264-params": "open-gop=1:keyint=8:scenecut=0", "bf": "2"}
CLOSED = {"g": "8", "bf": "0"}


def leave_out(path, target, count):
    """Writes a video without its first packets, as a recorder does that starts at any time."""
    with av.open(str(path)) as old, av.open(str(target), "w") as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        for number, packet in enumerate(packet for packet in old.demux(stream) if packet.size):
            if number >= count:
                packet.stream = copy
                new.mux(packet)
    return target


def listed(path, format_name):
    container, stream = open_container(str(path))
    with container:
        packet = next(container.demux(stream))
        return packet.is_keyframe, is_listed_keyframe(str(path), stream, format_name, packet)


@coded_videos.needs_index
@pytest.mark.parametrize(
    ("ending", "format_name"), [("mp4", "mov"), ("mov", "mov"), ("mkv", "matroska"), ("avi", "avi")]
)
def test_the_container_tells_a_damaged_keyframe_from_a_beginning_in_the_middle(tmp_path, ending, format_name):
    path = coded_videos.write_numbered(tmp_path / f"a.{ending}", COUNT, options=CLOSED)
    assert listed(path, format_name) == (True, True)
    middle = leave_out(path, tmp_path / f"b.{ending}", 3)
    assert listed(middle, format_name) == (False, False)
    if ending != "avi":  # FFmpeg does not open an AVI file whose first H.264 frame has no header
        start, size = coded_videos.packet_places(path)[0]
        coded_videos.damage(path, start + 8, size - 8)
        assert listed(path, format_name) == (False, True)


@coded_videos.needs_index
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("options", [CLOSED, OPEN_GROUPS])
@pytest.mark.parametrize("count", [5, 8])
def test_a_recording_that_begins_in_the_middle_starts_with_its_first_keyframe(tmp_path, ending, options, count):
    if ending == "avi" and options is OPEN_GROUPS:
        pytest.skip("an AVI file does not say in which order frames are shown")
    path = coded_videos.write_numbered(tmp_path / f"a.{ending}", COUNT, options=options)
    path = leave_out(path, tmp_path / f"b.{ending}", count)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frames = VideoFrames(path)
        numbers = [coded_videos.read_number(frame) for frame in frames]
    assert numbers == list(range(numbers[0], COUNT))
    assert numbers[0] <= 16
    assert frames.missing == frames.doubtful == frozenset()
