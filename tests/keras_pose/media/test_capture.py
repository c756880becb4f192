"""Live frames: from a real stream of the network, from files at their own rate; the newest first."""

import time

import numpy as np
import pytest

from keras_pose.media.capture import LiveFrames
from tests.helpers import coded_videos, live_streams


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A second of video."""
    path = tmp_path_factory.mktemp("live") / "clip [1] 100%.mp4"
    return coded_videos.write_numbered(path, 25)


def test_a_stream_of_the_network_gives_its_frames():
    with live_streams.sent_over_tcp(count=30) as address, LiveFrames(address, patience_s=1) as frames:
        taken = list(frames)
    assert len(taken) >= 2
    assert [coded_videos.read_number(frame.frame) for frame in taken][-1] == 29
    numbers = [frame.number for frame in taken]
    assert numbers == sorted(set(numbers))
    assert frames.received == len(taken) + frames.dropped
    steps = np.diff([frame.time_s for frame in taken]) / np.diff(numbers)
    np.testing.assert_allclose(steps, 1 / 50, atol=2e-3)  # the times of the stream, not of their arrival
    assert taken[0].frame.shape == (96, 128, 3)
    assert frames.end_reason == "it ended"


def test_a_stream_that_breaks_off_is_opened_again():
    lines = []
    sent = live_streams.sent_over_tcp(count=15, times=2)
    with sent as address, LiveFrames(address, patience_s=3, report=lines.append) as frames:
        taken = [(coded_videos.read_number(frame.frame), frame.time_s) for frame in frames]
    shown = [number for number, _ in taken]
    assert shown.count(14) == 2  # the last frame of both
    assert len(lines) == 2
    assert "broke off" in lines[0]
    times = [time_s for _, time_s in taken]
    assert times == sorted(times)


def test_a_slow_reader_gets_the_newest_frames(clip):
    with LiveFrames(f"file://{clip}") as frames:
        began = time.monotonic()
        ages = []
        numbers = []
        for live in frames:
            ages.append(time.monotonic() - live.captured_s)
            numbers.append(coded_videos.read_number(live.frame))
            assert numbers[-1] == live.number
            assert live.time_s == pytest.approx(live.number / 25, abs=0.2)
            time.sleep(0.15)
        passed = time.monotonic() - began
    assert frames.received == 25
    assert frames.dropped >= 10
    assert len(numbers) == frames.received - frames.dropped
    assert numbers[-1] == 24
    assert passed > 0.7  # the file is played, not read
    assert np.median(ages) < 0.1


def test_taking_does_not_wait_longer_than_asked(clip):
    with LiveFrames(f"file://{clip}") as frames:
        assert frames.take() is not None
        began = time.monotonic()
        while frames.take(0.001) is not None:
            pass
        assert time.monotonic() - began < 5
        assert not frames.ended


def test_closing_ends_the_capture(clip):
    frames = LiveFrames(f"file://{clip}")
    frames.close()
    assert frames.ended
    assert list(frames) == []
    assert frames.end_reason == "it was closed"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("77", "^camera 77: expected a camera .* there is no /dev/video77"),
        ("tcp://127.0.0.1:9", r"^tcp://127.0.0.1:9: expected a camera or a stream .*refused"),
        ("file:///no/such.mp4", "such.mp4: .*No such file"),
        ("nonsense://a", "nonsense://a: .*Protocol not found"),
    ],
)
def test_a_source_that_cannot_be_opened_is_named(source, message):
    with pytest.raises(ValueError, match=message):
        LiveFrames(source, patience_s=2)
