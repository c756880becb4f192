"""The repeated video has the frames and times of one that was encoded as a whole; a failing process is an error."""

import subprocess
import sys

import numpy as np
import pytest

from benchmarks import long_video
from keras_pose.media.video import VideoFrames


def test_a_repeated_video_goes_on_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(long_video, "SHOWN_FRAMES", 5)
    monkeypatch.setattr(long_video, "SIZE_HW", (48, 64))
    path = str(tmp_path / "loop.mp4")
    long_video.write_loop(path, 13, 10.0)
    video = VideoFrames(path)
    assert video.num_frames == 15
    assert not video.missing
    times = [time_s for _, time_s, _ in video.numbered_with_times()]
    np.testing.assert_allclose(times, np.arange(15) / 10, atol=1e-4)
    frames = video.read(range(15))
    np.testing.assert_array_equal(frames[10:], frames[:5])
    assert [path.name for path in tmp_path.iterdir()] == ["loop.mp4"]


def test_memory_is_watched_until_a_process_ends():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.5)"])
    seconds, memory = long_video.watch(process, 0.1)
    assert seconds > 0.3
    assert max(memory) > 1


def test_a_failing_process_is_an_error():
    with pytest.raises(ValueError, match="ended with status 3"):
        long_video.watch(subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]), 0.05)
