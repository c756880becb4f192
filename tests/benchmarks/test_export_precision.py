"""Benchmark of exports in 32, 16 and 8 bits, with nets that were never trained."""

import dataclasses
import json
import shutil

import numpy as np
import pytest

from benchmarks import export_precision
from keras_pose import files
from keras_pose.data import selection
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.evaluation import scoring
from keras_pose.inference import loading
from keras_pose.runs import run_directory
from tests.benchmarks.test_trainings import make_predictions
from tests.helpers.exported_runs import write_run

SIGNERS = {"data": "signers:train:2", "test_data": "signers:test:4", "signer_size": 64, "signer_frames": 5}
VIDEO = {"model": "flowing", "window": 1, "flow": "none", "signer_label_every": 2}


def write_tested_run(folder, **changes):
    """Writes a run that keeps its test clips out, as a training does; returns its folder."""
    _, settings, path = write_run(folder, **SIGNERS, **changes)
    held_out = selection.open_data(settings.test_data, settings).clips
    split = {"train": {}, "validation": {}, "test": {clip.name: clip.labelled.tolist() for clip in held_out}}
    files.write_json(run_directory.RunDirectory(path).split, split)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_tested_run(tmp_path_factory.mktemp("runs") / "net")


def test_differences_are_paired_and_the_largest_has_the_target():
    good = [dataclasses.replace(clip, predicted=clip.truth) for clip in make_predictions(2)]
    bad = [good[0], dataclasses.replace(good[1], predicted=good[1].truth + 50)]
    rows = export_precision.accuracy_rows({"first": good, "same": good, "worse": bad}, SKELETON)
    by_name = {row.what: row for row in rows}
    assert by_name["first: wrist within 5 %"].value == 1
    assert by_name["worse: wrist within 5 %"].value == 0.5
    assert by_name["worse − first: wrist"].value == -50
    assert by_name["worse − first: wrist"].low == -100
    assert by_name["same: most that a kind of joint differs"].holds
    worst = by_name["worse: most that a kind of joint differs"]
    assert (worst.value, worst.unit, worst.holds) == (50, "points", False)
    assert not [row for row in rows if row.what.startswith("first: most")]


def test_size_is_that_of_all_files(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(bytes(1_500_000))
    (tmp_path / "b").write_bytes(bytes(500_000))
    assert export_precision.megabytes_of(tmp_path) == 2
    assert export_precision.megabytes_of(tmp_path / "b") == 0.5


def test_all_kinds_answer_in_px_of_the_frame(run, tmp_path):
    clips, skeleton = export_precision.choose_clips(run, quick=True)
    assert (len(clips), skeleton.joints) == (3, SKELETON.joints)
    # Doubled pixels: all that reduce frames agree to the last bit.
    frames = [clip.frames.read(range(clip.frames.num_frames)).repeat(2, 1).repeat(2, 2) for clip in clips]
    clips = [
        Clip(clip.name, ArrayFrames(array), clip.labelled, clip.joints, clip.visibility)
        for clip, array in zip(clips, frames)
    ]
    exported = export_precision.export_frames(run, str(tmp_path), ("float32",), ("float32",))
    expected = scoring.predict_clips(loading.load_predictor(run), clips)
    for name, export in exported.items():
        received = scoring.predict_clips(export, clips)
        for clip, truth in zip(received, expected):
            seen = truth.scores > 0
            assert seen.any()
            np.testing.assert_allclose(clip.predicted[seen], truth.predicted[seen], atol=5e-3, err_msg=name)
    assert [round(export.megabytes, 1) > 0 for export in exported.values()] == [True, True]


def test_the_command_compares_frames_and_clips(run, tmp_path, capsys):
    video, results = write_tested_run(tmp_path / "video", **VIDEO), tmp_path / "rows.json"
    export_precision.main([f"--run_dir={run}", f"--video_run={video}", "--quick", f"--json={results}"])
    assert "TensorFlow Lite, int8: files" in capsys.readouterr().out
    rows = {row["what"]: row for row in json.loads(results.read_text())["rows"]}
    lite, saved = (rows[f"{name}: files"]["value"] for name in ("TensorFlow Lite, int8", export_precision.REFERENCE))
    assert 0 < lite < saved
    assert rows["TensorFlow Lite, int8: one image"]["value"] > 0
    assert rows["predict_clip, float32: most that a kind of joint differs"]["value"] == 0


def test_a_size_that_was_not_asked_for_has_no_row():
    export = export_precision.Exported(None, lambda frame: frame, None)
    rows = export_precision.cost_rows({export_precision.REFERENCE: export}, None, 1)
    assert [row.what for row in rows] == [f"{export_precision.REFERENCE}: one image"]


@pytest.fixture
def runs_there(tmp_path, monkeypatch):
    """Folder to work in with the two runs that are asked for by default."""
    for name in ("quickstart", "flowing_b"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "flags.txt").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


def test_the_video_run_may_be_left_out(runs_there, capsys):
    assert export_precision.parse_arguments(["--video_run="]).video_run == ""
    arguments = export_precision.parse_arguments([])
    assert (arguments.run_dir, arguments.video_run) == ("runs/quickstart", "runs/flowing_b")
    assert capsys.readouterr().out == ""
    shutil.rmtree(runs_there / "flowing_b")
    assert export_precision.parse_arguments([]).video_run == ""
    assert capsys.readouterr().out == "--video_run: there is no run runs/flowing_b, so clips are left out\n"


@pytest.mark.parametrize("flag", ["run_dir", "video_run"])
def test_a_run_that_is_not_there_ends_the_command_at_once(runs_there, flag, capsys):
    with pytest.raises(SystemExit) as ended:
        export_precision.main([f"--{flag}=runs/none"])
    assert ended.value.code == 2
    assert f"--{flag}: expected the folder of a run, received 'runs/none'" in capsys.readouterr().err
