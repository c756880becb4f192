"""Calibration of runs: the rows of a run, and what is refused."""

import json
import os

import numpy as np
import pytest

from benchmarks import calibration
from benchmarks.confidence.map_features import MapFeatures
from keras_pose import files
from keras_pose.data import selection
from keras_pose.runs import run_directory
from tests.helpers.tested_runs import write_tested_run


def test_each_run_has_calibrated_and_plain_figures_and_nothing_in_it_changes(tmp_path):
    path = write_tested_run(tmp_path / "net", data="signers:train:3", test_data="signers:test:3", signer_frames=4)
    run, config, _ = run_directory.open_run(path)
    clips = selection.open_data(config.data.source, config.data).clips
    split = files.read_json(run.split)
    files.write_json(run.split, {**split, "validation": {clip.name: clip.labelled.tolist() for clip in clips}})
    before = sorted(os.listdir(path))
    calibration.main([f"--run_dirs={path}", "--targets=0.9", "--distance=0.3", f"--json={tmp_path / 'rows.json'}"])
    assert sorted(os.listdir(path)) == before
    rows = {row["what"]: row for row in json.loads((tmp_path / "rows.json").read_text())["rows"]}
    error = rows["net, calibrated, calibration error"]
    assert (error["target"], error["verdict"]) == ("<= 0.9", "holds")
    assert error["low"] <= error["high"]
    assert "net, plain score, calibration error" in rows
    assert "net, gain of the peak's width" in rows


def test_ambiguous_joints_have_their_own_error():
    rng = np.random.default_rng(0)
    ambiguous = rng.random((40, 2)) < 0.2
    errors = np.where(ambiguous, 0.1, rng.uniform(0.005, 0.04, (40, 2)))
    features = MapFeatures(rng.uniform(0.1, 0.9, (40, 2)), errors, np.ones((40, 2)), ambiguous, np.arange(40) // 4)
    rows = {row.what: row for row in calibration.map_rows("x", features, features, 0.025)}
    assert rows["x, ambiguous joints"].value == pytest.approx(100 * ambiguous.mean())
    assert rows["x, frames with an ambiguous joint"].value == pytest.approx(100 * ambiguous.any(1).mean())
    assert rows["x, mean error of ambiguous joints"].value == pytest.approx(10)
    assert rows["x, mean error of other joints"].value < 4
    assert rows["x, gain of the peak's width"].value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--targets=0.03,0.06"], "--targets: expected 1 numbers, received 2"),
        (["--targets=low"], "could not convert"),
        (["--distance=2"], "--distance: expected a fraction of the longer side"),
    ],
)
def test_invalid_arguments_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit):
        calibration.parse_arguments(["--run_dirs=a", *arguments])
    assert message in capsys.readouterr().err
