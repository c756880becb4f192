"""Rows of the benchmark of looking ahead."""

import numpy as np
import pytest

from benchmarks import look_ahead
from keras_pose import load
from keras_pose.data.importers import signers
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def source():
    return signers.read("signers:test:5", num_frames=8, size_hw=(64, 64))


def test_a_late_pose_is_compared_with_the_truth_of_its_moment(source):
    clip = source.clips[0]
    late = look_ahead.shown_late(clip, clip.joints, 2)
    np.testing.assert_array_equal(late.frames, np.arange(2, 8))
    np.testing.assert_array_equal(late.predicted, clip.joints[:-2])
    np.testing.assert_array_equal(late.truth, clip.joints[2:])


def test_each_way_is_compared_with_waiting(source, tmp_path):
    model = load(write_run(tmp_path / "run", data="signers:train:2")[2])
    rows = look_ahead.make_rows(model, source.clips, source.skeleton, ahead=[1])
    assert [row.what for row in rows][:2] == [
        "0 frames late, waiting: mean error",
        "1 frames late, waiting: mean error",
    ]
    assert [row.what for row in rows][2:] == [f"  {name} − waiting" for name in look_ahead.WAYS]
    assert all(row.low <= row.value <= row.high for row in rows)
    assert {row.target for row in rows[2:]} == {"< 0"}


def test_half_the_gain_makes_half_the_movement(source):
    clip = source.clips[0]
    frames = clip.frames.read(range(8))
    full, half = (look_ahead.move_on(frames, clip.joints, 1, "velocity", gain) for gain in (1.0, 0.5))
    np.testing.assert_allclose(full - clip.joints, 2 * (half - clip.joints), atol=1e-4)
    assert np.abs(full - clip.joints).max() > 0.1
