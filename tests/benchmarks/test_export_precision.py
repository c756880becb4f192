"""Accuracy, cost and flags of the benchmark of exports, with nets that were never trained."""

import dataclasses
import json
import shutil

import pytest

from benchmarks import export_precision
from benchmarks.export.exported_nets import ExportedNet
from keras_pose.data.synthetic.signers import SKELETON
from tests.helpers.predictions import make_predictions
from tests.helpers.tested_runs import write_tested_run

SIGNERS = {"data": "signers:train:2", "test_data": "signers:test:4", "signer_size": 64, "signer_frames": 5}
VIDEO = {"model": "flowing", "window": 1, "flow": "none", "signer_label_every": 2}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_tested_run(tmp_path_factory.mktemp("runs") / "net", **SIGNERS)


def test_differences_are_paired_and_the_largest_has_the_target():
    good = [dataclasses.replace(clip, predicted=clip.truth) for clip in make_predictions(2)]
    bad = [good[0], dataclasses.replace(good[1], predicted=good[1].truth + 50)]
    rows = export_precision.accuracy_rows({"first": good, "same": good, "worse": bad}, SKELETON)
    by_name = {row.what: row for row in rows}
    assert by_name["first: wrist within 5 %"].value == 1
    assert by_name["worse: wrist within 5 %"].value == 0.5
    assert by_name["worse − first: wrist"].value == -50
    assert -100 <= by_name["worse − first: wrist"].low < -80  # two clips are too few: blocks of their frames
    assert -20 < by_name["worse − first: wrist"].high <= 0
    assert by_name["same: largest difference of a kind of joint"].holds
    worst = by_name["worse: largest difference of a kind of joint"]
    assert (worst.value, worst.unit, worst.holds) == (50, "points", False)
    assert not [row for row in rows if row.what.startswith("first: largest")]


@pytest.mark.slow
def test_the_command_compares_frames_and_clips(run, tmp_path, capsys):
    video = write_tested_run(tmp_path / "video", **SIGNERS, **VIDEO)
    results = tmp_path / "rows.json"
    export_precision.main([f"--run_dir={run}", f"--video_run={video}", "--quick", f"--json={results}"])
    assert "TensorFlow Lite, int8: files" in capsys.readouterr().out
    rows = {row["what"]: row for row in json.loads(results.read_text())["rows"]}
    lite, saved = (rows[f"{name}: files"]["value"] for name in ("TensorFlow Lite, int8", export_precision.REFERENCE))
    assert 0 < lite < saved
    assert rows["TensorFlow Lite, int8: one image"]["value"] > 0
    assert rows["predict_clip, float32: largest difference of a kind of joint"]["value"] == 0


def test_an_unknown_size_has_no_row():
    export = ExportedNet(None, lambda frame: frame, None)
    rows = export_precision.cost_rows({export_precision.REFERENCE: export}, None, 1)
    assert [row.what for row in rows] == [f"{export_precision.REFERENCE}: one image"]


@pytest.fixture
def default_runs(tmp_path, monkeypatch):
    """Changes to a folder that holds the two default runs; its runs/."""
    for name in ("quickstart", "flowing_b"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "flags.txt").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


def test_the_video_run_may_be_left_out(default_runs, capsys):
    assert export_precision.parse_arguments(["--video_run="]).video_run == ""
    arguments = export_precision.parse_arguments([])
    assert (arguments.run_dir, arguments.video_run) == ("runs/quickstart", "runs/flowing_b")
    assert capsys.readouterr().out == ""
    shutil.rmtree(default_runs / "flowing_b")
    assert export_precision.parse_arguments([]).video_run == ""
    assert capsys.readouterr().out == "--video_run: runs/flowing_b does not exist, so clips are skipped\n"


@pytest.mark.parametrize("flag", ["run_dir", "video_run"])
def test_a_missing_run_ends_the_command_at_once(default_runs, flag, capsys):
    with pytest.raises(SystemExit) as ended:
        export_precision.main([f"--{flag}=runs/none"])
    assert ended.value.code == 2
    assert f"--{flag}: expected the folder of a run, received 'runs/none'" in capsys.readouterr().err
