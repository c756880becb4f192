"""Drivers in processes of their own."""

import json
import os
import sys

import numpy as np
import pytest

from benchmarks.peers import scores
from benchmarks.peers.processes import DriverError, Entrant, Runner
from tests.helpers import peer_data

pytest.importorskip("tables")
pytest.importorskip("sleap_io")

MEAN = Entrant("mean pose", sys.executable, "run_mean_pose")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = str(tmp_path_factory.mktemp("drivers"))
    return root, *peer_data.write(root)


def test_a_driver_trains_once_predicts_and_is_scored(place):
    root, data, split, skeleton = place
    runner = Runner(os.path.join(root, "out"), data)
    result = runner.train(MEAN, 1.0)
    assert result["frames"] == sum(clip.num_labelled for clip in split.train)
    log = os.path.join(runner.folder(MEAN), "train.log")
    os.remove(log)
    assert runner.train(MEAN, 1.0) == result
    assert not os.path.exists(log)
    folder = runner.predict(MEAN, "test")
    predicted = scores.read_predictions(folder, split.test, skeleton)
    mean = np.concatenate([clip.joints for clip in split.train]).mean(0)
    truth = np.concatenate([clip.joints for clip in split.test])
    expected = np.linalg.norm(truth - mean, axis=-1).mean()
    assert scores.score(predicted, skeleton)[0] == pytest.approx(expected, abs=1e-3)


def test_nets_are_timed_in_turn(place):
    root, data, *_ = place
    runner = Runner(os.path.join(root, "out"), data)
    runner.train(MEAN, 1.0)
    times = runner.time_in_turn([MEAN], (1, 4), repeats=2)
    assert {batch: each.shape for batch, each in times["mean pose"].items()} == {1: (2,), 4: (2,)}
    assert all((each > 0).all() for each in times["mean pose"].values())


def test_a_failure_names_the_log(place):
    root, data, *_ = place
    entrant = Entrant("absent", sys.executable, "run_no_such_tool")
    with pytest.raises(DriverError, match=r"absent: train failed with status 1; its log is .*train\.log: .*No module"):
        Runner(os.path.join(root, "out"), data).train(entrant, 1.0)


def test_a_table_with_other_frames_is_refused(place, tmp_path):
    root, data, split, skeleton = place
    runner = Runner(os.path.join(root, "out"), data)
    runner.train(MEAN, 1.0)
    source = os.path.join(runner.predict(MEAN, "test"), f"{peer_data.TEST_CLIP}.csv")
    with open(source, encoding="utf-8") as file:
        lines = file.readlines()
    (tmp_path / f"{peer_data.TEST_CLIP}.csv").write_text("".join(lines[:-1]))
    with pytest.raises(
        ValueError, match=rf"{peer_data.TEST_CLIP}\.csv: expected frames \[0, 1, 2\], received \[0, 1\]"
    ):
        scores.read_predictions(str(tmp_path), split.test, skeleton)


def test_jobs_name_absolute_places(place):
    root, data, *_ = place
    runner = Runner(os.path.join(root, "out"), data)
    runner.train(MEAN, 1.0)
    with open(os.path.join(runner.folder(MEAN), "train.job.json"), encoding="utf-8") as file:
        job = json.load(file)
    assert all(os.path.isabs(job[name]) for name in ("data", "run_dir", "result"))
    assert job["threads"] == 1
