"""Snapshots: at which steps, what is written, and what is found beside checkpoints."""

import numpy as np
import pytest

from keras_pose import files
from keras_pose.runs import checkpoint_files, snapshots
from keras_pose.runs.run_directory import RunDirectory


@pytest.mark.parametrize(
    ("count", "steps", "expected"),
    [
        (0, 1000, ()),
        (1, 1000, (1000,)),
        (3, 1000, (10, 100, 1000)),
        (8, 1200, (12, 23, 45, 86, 167, 322, 622, 1200)),
        (8, 3, (1, 2, 3)),
        (2, 1, (1,)),
    ],
)
def test_steps_lie_close_together_at_the_start(count, steps, expected):
    assert snapshots.plan_steps(count, steps) == expected


def test_weights_come_back_as_float32(tmp_path):
    run = RunDirectory(str(tmp_path))
    weights = [np.float32([[1.0, -2.5]]), np.float32([1e6, 0.1]), np.array(3, np.int64)]
    snapshots.write(run, 7, weights)
    [path] = snapshots.find(run).values()
    found = snapshots.read(path)
    assert [w.dtype for w in found] == [np.float32, np.float32, np.int64]
    for a, b in zip(found, weights):  # numbers too large for 16 bits keep 32
        np.testing.assert_array_equal(a, b)
    assert files.read_arrays(path)["weight_0"].dtype == np.float16


def test_checkpoints_count_if_there_is_no_snapshot_of_the_step(tmp_path):
    run = RunDirectory(str(tmp_path))
    assert snapshots.find(run) == {}
    for step in (20, 30):
        files.write_arrays(checkpoint_files.path_of(run.checkpoints, step), {"weight_0": np.float32([step])})
    for step in (3, 30):
        snapshots.write(run, step, [np.float32([-step])])
    found = snapshots.find(run)
    assert [(step, snapshots.read(path)[0].item()) for step, path in found.items()] == [(3, -3), (20, 20), (30, -30)]


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "step-00000001.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="step-00000001.npz: expected weights of a run"):
        snapshots.read(str(path))
