"""Chunks of frames with their neighbours, wherever an analysis begins."""

import numpy as np

from keras_pose.inference.window_engine import CHUNK, WindowEngine


def predict_chunk(frames, start, end):
    """The joint of a frame says which frames lie within two of it."""
    numbers = [int(frame[0, 0, 0]) for frame in frames]
    seen = [[min(numbers[max(0, n - 2) :]), max(numbers[: n + 3])] for n in range(start, end)]
    return np.array(seen, np.float32)[:, None], np.ones((end - start, 1), np.float32)


def run(begin, end):
    engine = WindowEngine(predict_chunk, (8, 8), 2)
    track = engine.open_track()
    found = {}
    for number in range(begin, end):
        view = engine.view(np.full((8, 8, 3), number, np.uint8))
        found.update((pose.frame, (number, pose)) for pose in track.push(number, view, True))
        assert all(number - frame <= engine.lag_frames for frame, (came, _) in found.items() if came == number)
    found.update((pose.frame, (end, pose)) for pose in track.end_scene())
    return {frame: pose.joints[0].tolist() for frame, (_, pose) in found.items()}


def test_each_frame_sees_its_neighbours_and_nothing_else():
    expected = {n: [max(0, n - 2), min(79, n + 2)] for n in range(80)}
    assert run(0, 80) == expected


def test_a_later_beginning_changes_only_the_windows_that_reach_before_it():
    whole = run(0, 80)
    resumed = run(2 * CHUNK - 2, 80)
    assert {n: whole[n] for n in range(2 * CHUNK, 80)} == {n: resumed[n] for n in range(2 * CHUNK, 80)}
