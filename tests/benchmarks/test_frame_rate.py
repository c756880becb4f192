"""Rows of the benchmark of windows at half the frame rate."""

import dataclasses

import numpy as np
import pytest

from benchmarks import frame_rate
from keras_pose.data.importers import signers
from keras_pose.runs import trained
from tests.helpers.exported_runs import write_run


def make_clips(count):
    source = signers.read(f"signers:test:{count}", num_frames=41, size_hw=(64, 64))
    rows = slice(12, 21, 8)
    return [dataclasses.replace(clip, frame_rate=30.0).select(rows) for clip in source.clips]


def test_half_the_frames_show_the_same_moments():
    (clip,) = make_clips(1)
    slow = frame_rate.halve_rate(clip)
    assert (slow.frames.num_frames, slow.frame_rate) == (21, 15)
    np.testing.assert_array_equal(slow.read_window(1, (-1, 0, 1)), clip.read_window(1, (-2, 0, 2)))


@pytest.mark.slow
def test_the_window_in_seconds_is_compared_with_the_one_in_frames(tmp_path):
    net, config, skeleton = trained.load_model(write_run(tmp_path / "run", data="signers:train:2")[2])
    found = frame_rate.predict(net, skeleton, config.model.input_size_hw, make_clips(5), 0.2)
    rows = frame_rate.make_rows(found, skeleton)
    assert len(rows) == 8
    assert all(row.low <= row.value <= row.high for row in rows[4:])
    differing = [
        np.abs(a.predicted - b.predicted).max() for a, b in zip(found[frame_rate.FIXED], found[frame_rate.SCALED])
    ]
    assert max(differing) > 0.1
