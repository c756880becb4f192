"""The benchmark of training with a teacher's labels."""

import numpy as np
import pytest

from benchmarks import extended_training
from benchmarks.common.trainings import Training
from benchmarks.extended_training import NETS, WITH, WITHOUT
from keras_pose import skeleton
from keras_pose.evaluation.predictions import ClipPredictions


def test_runs_differ_in_net_and_labels_only():
    runs = extended_training.plan("people", "annotated", 0.3, "out", quick=False)
    assert set(runs) == {(net, labels) for net in NETS for labels in (WITHOUT, WITH)}
    assert runs["heatmap", WITH]["data"] == "people,annotated"
    assert runs["heatmap", WITH]["data_weights"] == "1,0.3"
    assert "data" not in runs["coordinate", WITHOUT]
    assert len({run["run_dir"] for run in runs.values()}) == 4
    quick = extended_training.plan("people", "annotated", 0.3, "out", quick=True)
    assert {run["steps"] for run in quick.values()} == {6}
    assert all(run["run_dir"].startswith("out-quick/") for run in quick.values())


def test_rows_have_errors_and_paired_differences():
    found = {}
    for net in NETS:
        for labels, error in ((WITHOUT, 4.0), (WITH, 1.0 if net == "heatmap" else 4.0)):
            predictions = [make_predictions(f"clip{number}", error) for number in range(6)]
            found[net, labels] = Training("run", skeleton.UPPER_BODY, predictions, 1.0, True)
    rows = {row.what: row for row in extended_training.make_rows(found)}
    assert rows[f"heatmap net, {WITH}: mean error"].value == pytest.approx(1)
    assert rows["heatmap net: with − without"].value == pytest.approx(-3)
    assert rows["heatmap net: with − without"].holds
    assert rows["coordinate net: with − without"].value == 0


def make_predictions(name, error_px):
    joints = np.random.default_rng(1).uniform(10, 50, (4, 7, 2)).astype(np.float32)
    moved = joints + np.array([error_px, 0], np.float32)
    return ClipPredictions(name, np.arange(4), moved, np.ones((4, 7)), joints, np.full((4, 7), 2), (64, 64))
