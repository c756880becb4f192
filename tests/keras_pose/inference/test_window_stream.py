"""A stream of windows: which frames each pose is predicted from, and when it comes."""

import numpy as np
import pytest

from keras_pose.inference.window_stream import WindowStream


def number_frame(number, size_hw=(4, 4)):
    return np.full((*size_hw, 3), number, np.uint8)


class Recorder:
    """Predicts nothing but notes which frames it was given."""

    def __init__(self):
        self.windows = []

    def predict(self, frames, middle):
        numbers = [int(frame[0, 0, 0]) for frame in frames]
        self.windows.append((numbers, numbers[middle]))
        return np.full((1, 2), numbers[middle], np.float32), np.ones(1, np.float32)


def run(reach, mode, frames):
    recorder = Recorder()
    stream = WindowStream(recorder.predict, 1, reach, mode)
    pushed = [[pose.frame for pose in stream.push(frame)] for frame in frames]
    return recorder.windows, pushed, [pose.frame for pose in stream.flush()]


def test_a_causal_pose_comes_at_once_from_its_frame_and_those_before():
    windows, pushed, rest = run(2, "causal", [number_frame(i) for i in range(4)])
    assert windows == [([0], 0), ([0, 1], 1), ([0, 1, 2], 2), ([1, 2, 3], 3)]
    assert pushed == [[0], [1], [2], [3]]
    assert rest == []


def test_a_centred_pose_waits_for_its_future_and_windows_shorten_at_the_ends():
    windows, pushed, rest = run(1, "centred", [number_frame(i) for i in range(4)])
    assert [middle for _, middle in windows] == [0, 1, 2, 3]
    assert windows[1] == ([0, 1, 2], 1)
    assert windows[3][0][-2:] == [2, 3]
    assert pushed == [[], [0], [1], [2]]
    assert rest == [3]


def test_single_frames_have_no_lag_in_either_mode():
    for mode in ("centred", "causal"):
        windows, pushed, rest = run(0, mode, [number_frame(i) for i in range(3)])
        assert windows == [([0], 0), ([1], 1), ([2], 2)]
        assert pushed == [[0], [1], [2]]
        assert rest == []


def test_a_frame_of_another_size_starts_a_scene():
    frames = [number_frame(0), number_frame(1), number_frame(2, (6, 4)), number_frame(3, (6, 4))]
    windows, pushed, rest = run(1, "centred", frames)
    assert pushed == [[], [0], [1], [2]]
    assert rest == [3]
    for numbers, middle in windows:
        assert all((number < 2) == (middle < 2) for number in numbers)


def test_a_stream_starts_again_after_its_end():
    recorder = Recorder()
    stream = WindowStream(recorder.predict, 1, 1, "centred")
    for _ in range(2):
        poses = [pose for i in range(2) for pose in stream.push(number_frame(i))] + stream.flush()
        assert [pose.frame for pose in poses] == [0, 1]


def test_poses_before_a_frame_that_cannot_be_read_come_first():
    def frames():
        yield number_frame(0)
        yield number_frame(1)
        raise ValueError("clip.mp4: frame 2")

    poses = WindowStream(Recorder().predict, 1, 1, "centred").predict(frames())
    assert [next(poses).frame, next(poses).frame] == [0, 1]
    with pytest.raises(ValueError, match="frame 2"):
        next(poses)


def test_other_frames_and_modes_are_refused():
    with pytest.raises(ValueError, match="mode: expected one of centred, causal, received 'late'"):
        WindowStream(Recorder().predict, 1, 1, "late")
    with pytest.raises(ValueError, match=r"frame 0: expected uint8 \[H, W, 3\], RGB, received float64 \(4, 4, 3\)"):
        WindowStream(Recorder().predict, 1, 1).push(np.zeros((4, 4, 3)))


@pytest.mark.parametrize("mode", ["centred", "causal"])
def test_windows_end_at_a_frame_that_was_not_decoded(mode):
    recorder = Recorder()
    stream = WindowStream(recorder.predict, 1, 2, mode)
    frames = [None, number_frame(1), number_frame(2), None, None, number_frame(5), number_frame(6), None]
    poses = list(stream.predict(frames))
    assert [pose.frame for pose in poses] == list(range(8))
    assert [pose.decoded for pose in poses] == [frame is not None for frame in frames]
    assert [pose.joints[0, 0] for pose in poses if pose.decoded] == [1, 2, 5, 6]
    assert all(np.isnan(pose.joints).all() and not pose.scores.any() for pose in poses if not pose.decoded)
    assert all(set(numbers) <= {1, 2} or set(numbers) <= {5, 6} for numbers, _ in recorder.windows)
