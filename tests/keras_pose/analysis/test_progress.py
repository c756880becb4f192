"""The line that says how far the analysis of a video is."""

import io
import re
import time

import pytest

from keras_pose import console
from keras_pose.analysis.progress import DrawingProgress, VideoProgress
from keras_pose.analysis.settings import Settings
from keras_pose.analysis.video_analysis import State
from tests.helpers import coded_videos


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return str(coded_videos.write_numbered(tmp_path_factory.mktemp("clips") / "clip.mp4", 30))


def test_it_shows_frames_rates_and_the_time_left(clip):
    progress = VideoProgress(clip, Settings())
    assert progress.text() == "clip.mp4"
    progress.update(State(done=10, new=10, seconds=2.0, decode_s=0.5, net_s=1.0, flow_s=0.25))
    assert progress.text() == "clip.mp4: 10/30 frames  5.0 frames/s  0:04 left  (decode 20/s, net 10/s, flow 40/s)"


def test_rates_are_those_of_this_process(clip):
    """20 of 25 frames were done before it was resumed."""
    progress = VideoProgress(clip, Settings())
    progress.update(State(done=25, new=5, seconds=5.0, decode_s=1.0, net_s=2.0, flow_s=0.0))
    assert progress.text() == "clip.mp4: 25/30 frames  1.0 frames/s  0:05 left  (decode 5/s, net 2/s)"
    assert progress.rates() == {"frames": 1.0, "decode": 5.0, "net": 2.5}


@pytest.mark.parametrize(("start", "end", "total"), [(0, 12, 12), (10, 0, 20), (10, 25, 15), (0, 99, 30)])
def test_only_the_frames_that_are_asked_for_count(clip, start, end, total):
    progress = VideoProgress(clip, Settings(start=start, end=end))
    progress.update(State(1, 1, 1.0, 1.0, 1.0, 1.0))
    assert f": 1/{total} frames" in progress.text()


def test_a_file_that_states_no_length_has_no_time_left(tmp_path):
    path = tmp_path / "nothing.mp4"
    path.write_bytes(b"")
    progress = VideoProgress(str(path), Settings())
    progress.update(State(1, 1, 1.0, 1.0, 1.0, 1.0))
    assert progress.text().startswith("nothing.mp4: 1 frames")
    assert "left" not in progress.text()


def test_the_line_is_rewritten_on_a_terminal_and_removed_in_the_end(clip):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    line = console.LiveLine(stream)
    line._shown -= 60  # it is time for it
    progress = VideoProgress(clip, Settings(), line)
    progress.update(State(1, 1, 1.0, 1.0, 1.0, 1.0))
    assert "clip.mp4: 1/30 frames" in stream.getvalue()
    progress.close()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_drawing_shows_frames_rate_and_time_left_from_where_it_was_resumed():
    progress = DrawingProgress("/videos/clip.mp4")
    assert progress.text() == ""
    progress.update(251, 1000)  # 250 were drawn before
    time.sleep(0.05)
    for done in range(252, 262):
        progress.update(done, 1000)
    found = re.fullmatch(r"clip.mp4: drawing: 261/1000 frames  ([0-9.]+) frames/s  0:0[0-9] left", progress.text())
    assert 20 < float(found[1]) <= 200  # 10 frames in 0.05 s or more
    progress.close()


def test_without_flow_the_last_stage_finds_joints(clip):
    progress = VideoProgress(clip, Settings())
    progress.update(State(10, 10, 1.0, 1.0, 1.0, 0.5, has_flow=False))
    assert progress.text().endswith("(decode 10/s, net 10/s, joints 20/s)")
