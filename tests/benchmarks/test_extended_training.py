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


def make_runs():
    """Runs of errors of 4 px, but 1 px for the heatmap net with the teacher's labels."""
    found = {}
    for net in NETS:
        for labels, error in ((WITHOUT, 4.0), (WITH, 1.0 if net == "heatmap" else 4.0)):
            predictions = [make_predictions(f"clip{number}", error) for number in range(6)]
            found[net, labels] = Training("run", skeleton.UPPER_BODY, predictions, 1.0, True)
    return found


def test_rows_have_errors_and_paired_differences():
    rows = {row.what: row for row in extended_training.make_rows(make_runs())}
    assert rows[f"heatmap net, {WITH}: mean error"].value == pytest.approx(1)
    assert rows["heatmap net: with − without"].value == pytest.approx(-3)
    assert rows["heatmap net: with − without"].holds
    assert rows["coordinate net: with − without"].value == 0


def test_rows_of_pck_divide_by_the_length_that_was_asked_for():
    rows = {row.what: row for row in extended_training.make_pck_rows(make_runs(), "frame", 2 / 64)}
    assert rows[f"heatmap net, {WITHOUT}: wrist"].value == 0
    assert rows[f"heatmap net, {WITH}: wrist"].value == 1
    assert rows["heatmap net, wrist: with − without"].value == 1
    assert rows["heatmap net, wrist: with − without"].holds
    assert rows["coordinate net, head: with − without"].value == 0
    wide = {row.what: row for row in extended_training.make_pck_rows(make_runs(), "frame", 5 / 64)}
    assert wide[f"coordinate net, {WITHOUT}: wrist"].value == 1


def test_flags_of_the_flagfile_can_be_changed(tmp_path):
    (tmp_path / "a.flags").write_text("--run_dir=runs/a\n--steps=2400\n")
    command = [f"--config={tmp_path / 'a.flags'}", "--annotated=b", "--set=steps=500", "--set=input_size=128,160"]
    arguments = extended_training.parse_arguments(command)
    assert arguments.base.optimisation.steps == 500
    assert arguments.out == "runs/a-extended"


def test_an_unknown_flag_is_refused(tmp_path, capsys):
    (tmp_path / "a.flags").write_text("--run_dir=runs/a\n")
    with pytest.raises(SystemExit):
        extended_training.parse_arguments([f"--config={tmp_path / 'a.flags'}", "--annotated=b", "--set=stpes=500"])
    assert "--set: expected <flag>=<value> of a known flag, received 'stpes=500'" in capsys.readouterr().err


def make_predictions(name, error_px):
    joints = np.random.default_rng(1).uniform(10, 50, (4, 7, 2)).astype(np.float32)
    moved = joints + np.array([error_px, 0], np.float32)
    return ClipPredictions(name, np.arange(4), moved, np.ones((4, 7)), joints, np.full((4, 7), 2), (64, 64))
