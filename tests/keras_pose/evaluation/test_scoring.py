"""evaluate.py end to end: what is scored by default, on other data, and what is refused."""

import os
import shutil

import pytest

from keras_pose import files
from keras_pose.evaluation import scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner
from tests.helpers import tiny
from tests.helpers.skeletons import COCO_UPPER_BODY
from tests.helpers.tested_runs import write_tested_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A run of 7 training clips, 1 of validation and no test frames, 4 frames each."""
    path = str(tmp_path_factory.mktemp("runs") / "first")
    flags = {**tiny.FLAGS, "data": "signers:train:8", "test_data": "", "steps": 2, "validate_every": 2}
    runner.train(TrainConfig.from_flags(run_dir=path, **flags), echo=lambda line: None)
    return path


@pytest.fixture
def other_run(run_dir, tmp_path):
    """A copy of it under another name."""
    return shutil.copytree(run_dir, str(tmp_path / "second"))


def evaluate(run_dir, tmp_path, **flags):
    """Returns the figures and what was echoed."""
    lines = []
    config = EvaluateConfig(run_dir=run_dir, eval_dir=str(tmp_path / "eval"), **flags)
    return scoring.evaluate(config, lines.append), "\n".join(lines)


def write_names(tmp_path, names):
    path = tmp_path / "clips.txt"
    path.write_text("\n".join(names))
    return str(path)


def test_the_command_scores_what_was_kept_out_and_training_did_the_same(run_dir, tmp_path):
    before = files.read_json(os.path.join(run_dir, "eval", "metrics.json"))
    command = [*tiny.arguments(run_dir)[:1], str(tiny.conftest.ROOT / "evaluate.py")]
    code, output = tiny.run([*command, f"--run_dir={run_dir}", f"--eval_dir={tmp_path}"])
    assert code == 0, output
    assert f"scoring the validation frames of {run_dir}" in output
    assert "NOTE" not in output
    after = files.read_json(str(tmp_path / "metrics.json"))
    assert after["num_frames"] == before["num_frames"] == 4
    assert after["mean_error_px"] == pytest.approx(before["mean_error_px"], rel=1e-5)
    assert (tmp_path / "index.html").exists()
    code, output = tiny.run([*command, f"--run_dir={tmp_path}"])
    assert code != 0
    assert "evaluate.py: " in output
    assert "flags.txt does not exist" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_training_frames_are_predicted_beside_the_scored_ones(run_dir, tmp_path):
    metrics, output = evaluate(run_dir, tmp_path, other_frames=10)
    folder = tmp_path / "eval" / "predictions"
    assert sorted(os.listdir(folder)) == ["train.csv", "validation.csv"]
    assert len((folder / "train.csv").read_text().splitlines()) == 3 + 10
    assert len((folder / "validation.csv").read_text().splitlines()) == 3 + 4
    assert metrics["train_num_frames"] == 10
    assert f"mean error on training frames: {metrics['train_mean_error_px']:.2f} px" in output
    of_training = files.read_json(os.path.join(run_dir, "eval", "metrics.json"))
    assert of_training["train_num_frames"] == 28  # all of them: there are fewer than 100
    whole, _ = evaluate(run_dir, tmp_path, subset="train")
    assert whole["mean_error_px"] == pytest.approx(of_training["train_mean_error_px"], rel=1e-4)
    assert "train_mean_error_px" not in whole
    none, _ = evaluate(run_dir, tmp_path, other_frames=0)
    assert "train_mean_error_px" not in none


def test_training_data_that_is_gone_does_not_stop_an_evaluation(run_dir, tmp_path):
    moved = shutil.copytree(run_dir, str(tmp_path / "moved"))
    flags = os.path.join(moved, "flags.txt")
    text = files.read_text(flags)
    files.write_text(
        flags,
        text.replace("--data=signers:train:8", "--data=/gone").replace("--test_data=", "--test_data=signers:test:2"),
    )
    split = files.read_json(os.path.join(moved, "split.json"))
    files.write_json(os.path.join(moved, "split.json"), {**split, "test": {"signers-test-00000": [0, 1]}})
    metrics, output = evaluate(moved, tmp_path)
    assert metrics["num_frames"] == 2
    assert "note: training frames are not predicted: /gone: no such file or folder" in output


def test_another_source_is_scored_whole(run_dir, tmp_path):
    metrics, output = evaluate(run_dir, tmp_path, data="signers:test:2")
    assert metrics["num_frames"] == 8
    assert "NOTE" not in output


def test_frames_that_were_trained_on_are_noted(run_dir, tmp_path):
    split = files.read_json(os.path.join(run_dir, "split.json"))
    name = next(iter(split["train"]))
    metrics, output = evaluate(run_dir, tmp_path, clips=write_names(tmp_path, [name]))
    assert metrics["num_frames"] == 4
    assert f"note: {run_dir} was trained on 4 of these frames" in output
    metrics, output = evaluate(
        run_dir, tmp_path, data="signers:train", clips=write_names(tmp_path, split["validation"])
    )
    assert metrics["num_frames"] == 4
    assert "NOTE" not in output
    metrics, output = evaluate(run_dir, tmp_path, data="signers:train:9")  # the same signers, and one more
    assert metrics["num_frames"] == 36
    assert "was trained on 28 of these frames" in output


def test_a_part_can_be_chosen(run_dir, tmp_path):
    changes = {"pck_reference": "shoulders", "pck_fractions": "0.3"}
    metrics, output = evaluate(run_dir, tmp_path, subset="train", flip_test=True, **changes)
    assert metrics["num_frames"] == 28
    assert list(metrics["pck"]) == ["reference", "0.05", "0.1", "0.2", "0.3"]
    assert metrics["pck"]["0.2"] <= metrics["pck"]["0.3"] <= 1
    assert "was trained on 28 of these frames" in output
    with pytest.raises(ValueError, match=f"--subset=test: {run_dir} has no such frames"):
        evaluate(run_dir, tmp_path, subset="test")


def test_unknown_clips_are_refused_with_their_line(run_dir, tmp_path):
    with pytest.raises(ValueError, match=r"clips.txt:1: unknown clip 'nobody', expected one of signers-train-00000"):
        evaluate(run_dir, tmp_path, clips=write_names(tmp_path, ["nobody"]))


def test_several_runs_share_a_figure_and_each_is_asked_what_it_was_trained_on(run_dir, other_run, tmp_path):
    split = files.read_json(os.path.join(run_dir, "split.json"))
    swapped = {**split, "train": split["validation"], "validation": split["train"]}
    files.write_json(os.path.join(other_run, "split.json"), swapped)
    metrics, output = evaluate(f"{run_dir}, {other_run}", tmp_path)
    assert metrics["num_frames"] == 4
    assert f"note: {other_run} was trained on 4 of these frames" in output
    assert f"note: {run_dir}" not in output
    page = (tmp_path / "eval" / "index.html").read_text()
    assert "first" in page
    assert "second" in page


def test_a_run_that_pools_says_what_pooling_gains(tmp_path):
    flags = {**tiny.FLAGS, "test_data": "signers:test:2", "model": "flowing", "window": 1, "pooling": "sum"}
    path = write_tested_run(tmp_path / "pooled", **flags)
    metrics, output = evaluate(path, tmp_path, other_frames=0)
    gain = metrics["temporal_gain"]
    assert list(gain) == [
        "tolerance",
        "reach",
        "unit",
        "kinds",
        "groups",
        "num_stretches",
        "num_frames",
        "jitter_px",
        "lag_frames",
    ]
    assert gain["kinds"]["all"]["num_labelled"] == metrics["num_labelled_joints"]
    assert gain["jitter_px"]["pooled"] == pytest.approx(metrics["jitter_px"])
    assert "pooling against the frame alone: " in output
    page = (tmp_path / "eval" / "index.html").read_text(encoding="utf-8")
    assert "<h2>Pooled against the frame alone</h2>" in page
    drawn = {name for name in os.listdir(tmp_path / "eval") if name.startswith("pooling_")}
    assert drawn <= {"pooling_best.png", "pooling_worst.png"}
    assert drawn


def test_runs_of_one_name_cannot_be_told_apart(run_dir, tmp_path):
    twin = shutil.copytree(run_dir, str(tmp_path / "twin" / "first"))
    with pytest.raises(ValueError, match="--run_dir: expected runs of different names, received"):
        evaluate(f"{run_dir},{twin}/", tmp_path)


def test_another_skeleton_is_refused(run_dir, other_run, tmp_path):
    COCO_UPPER_BODY.save(os.path.join(other_run, "skeleton.json"))
    with pytest.raises(ValueError, match=r"--data=signers:test:2: expected the joints of .*second .*, received "):
        evaluate(other_run, tmp_path, data="signers:test:2")


def test_runs_without_weights_and_no_runs_are_refused(other_run, tmp_path):
    os.remove(os.path.join(other_run, "model.weights.h5"))
    with pytest.raises(ValueError, match=r"second: expected a run with weights .*model\.weights\.h5 does not exist"):
        evaluate(other_run, tmp_path)
    with pytest.raises(ValueError, match="--run_dir: expected one or more runs, received ' , '"):
        evaluate(" , ", tmp_path)
    assert not (tmp_path / "eval").exists()
