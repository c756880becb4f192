"""What the user reads about windows in seconds."""

import numpy as np

from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.data.frame_rates import describe_windows
from keras_pose.pooling.config import WindowConfig


def make_clips(*rates):
    frames = ArrayFrames(np.zeros((3, 8, 8, 3)))
    return [Clip(str(i), frames, [1], np.zeros((1, 1, 2)), [[VISIBLE]], frame_rate=r) for i, r in enumerate(rates)]


def test_strides_and_neighbours_at_each_rate_and_a_note_on_unknown_ones():
    windows, note = describe_windows(make_clips(25, 25, 15, 50, 0), WindowConfig())
    assert windows == (
        "windows of 0.2 s on each side: at 25 frames/s, 5 neighbours 1 frame apart; at 15 frames/s, 3 of 5 neighbours "
        "1 frame apart; at 50 frames/s, 5 neighbours 2 frames apart; at 30 frames/s, 5 neighbours 1 frame apart"
    )
    assert note == (
        "note: 1 of 5 clips do not state their frame rate: 30 frames/s (assumed; --frame_rate says another)"
    )


def test_a_rate_that_was_told():
    _, note = describe_windows(make_clips(0, 0), WindowConfig(frame_rate=12.5))
    assert note == "note: 2 of 2 clips do not state their frame rate: 12.5 frames/s (--frame_rate says so)"


def test_few_of_many_rates_are_shown():
    (line,) = describe_windows(make_clips(*range(20, 30)), WindowConfig())
    assert line.endswith("; and 6 other rates")


def test_nothing_is_said_without_windows_in_seconds_or_without_videos():
    assert describe_windows(make_clips(25, 0), WindowConfig(frame_stride=2)) == []
    clips = make_clips(0)
    clips[0].frames.num_frames = None
    assert describe_windows(clips, WindowConfig()) == []
