"""A run gets its calibration from its validation frames: at the end of training, and in evaluation of older runs."""

import os
import shutil

import pytest

import keras_pose
from keras_pose import files
from keras_pose.confidence import store
from keras_pose.confidence.calibration import Calibration
from keras_pose.evaluation import calibrating, chosen_clips, scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.inference.loading import load_predictor
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.training import runner
from tests.helpers import tiny
from tests.helpers.exported_runs import write_run

FLAGS = {**tiny.FLAGS, "data": "signers:train:8", "validation_fraction": 0.25, "steps": 2, "validate_every": 2}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of 2 validation clips with 4 frames each, 56 joints, and what training said."""
    path = str(tmp_path_factory.mktemp("runs") / "trained")
    lines = []
    metrics = runner.train(TrainConfig.from_flags(run_dir=path, confidence_distance=0.2, **FLAGS), echo=lines.append)
    return path, metrics, "\n".join(lines)


@pytest.fixture
def run_dir(trained, tmp_path):
    """A copy of the run."""
    return shutil.copytree(trained[0], str(tmp_path / "run"))


@pytest.fixture(scope="module")
def predictions(trained):
    """Those of the validation frames."""
    return scoring.predict_clips(load_predictor(trained[0]), chosen_clips.open_validation(trained[0]))


def read(run_dir):
    return Calibration.from_dict(files.read_json(os.path.join(run_dir, "calibration.json")))


def evaluate(run_dir, **flags):
    lines = []
    metrics = scoring.evaluate(EvaluateConfig(run_dir=run_dir, **flags), lines.append)
    return metrics["calibration"], "\n".join(lines)


def test_training_ends_with_a_calibration(trained):
    path, metrics, output = trained
    found = read(path)
    assert found.distance == 0.2
    assert (found.num_frames, found.num_clips, found.num_labelled) == (8, 2, 56)
    assert found.weights_sha256 == store.file_digest(RunDirectory(path).weights)
    assert metrics["calibration"]["num_labelled_joints"] == 56  # of the test clips
    assert not metrics["calibration"]["fitted"]["on_these_frames"]
    assert "for a distance of 20 % of the longer side" in output
    assert os.path.exists(os.path.join(path, "eval", "reliability.png"))
    page = files.read_text(os.path.join(path, "eval", "index.html"))
    assert "<h2>Confidences</h2>" in page


def test_a_loaded_run_has_it(trained):
    assert keras_pose.load(trained[0]).calibration == read(trained[0])


def test_evaluation_fits_what_is_missing_and_gets_the_same(trained, run_dir):
    os.remove(os.path.join(run_dir, "calibration.json"))
    assert keras_pose.load(run_dir).calibration is None
    metrics, output = evaluate(run_dir)
    assert read(run_dir) == read(trained[0])
    assert metrics["ece"] == pytest.approx(trained[1]["calibration"]["ece"], abs=1e-6)
    assert "confidences: calibration error" in output


def test_a_calibration_of_earlier_weights_is_noticed_and_fitted_again(trained, run_dir, predictions):
    before = read(run_dir)
    store.write(run_dir, Calibration.from_dict({**before.to_dict(), "weights_sha256": "0" * 64}))
    with pytest.warns(UserWarning, match="calibration.json belongs to earlier weights"):
        assert keras_pose.load(run_dir).calibration is None
    assert calibrating.calibrate_run(run_dir, lambda: predictions) == (before, "")
    assert read(run_dir) == before


def test_what_is_there_is_not_fitted_again(run_dir):
    def predict():
        raise AssertionError("the validation frames are not needed")

    assert calibrating.calibrate_run(run_dir, predict) == (read(run_dir), "")
    assert calibrating.calibrate_run(run_dir, predict, 0.2) == (read(run_dir), "")


def test_another_distance_is_kept(run_dir, predictions):
    found, _ = calibrating.calibrate_run(run_dir, lambda: predictions, 0.4)
    assert found == read(run_dir)
    assert found.distance == 0.4
    assert calibrating.calibrate_run(run_dir, lambda: predictions) == (found, "")


def test_figures_on_the_frames_of_the_fit_say_so(run_dir):
    metrics, output = evaluate(run_dir, subset="validation")
    assert metrics["fitted"]["on_these_frames"]
    assert "fitted to some of these frames" in output


def test_mirrored_averages_have_no_confidences(run_dir):
    metrics, output = evaluate(run_dir, flip_test=True)
    assert metrics == {"reason": "confidences are about predictions without --flip_test"}
    assert "no calibrated confidences: confidences are about predictions without --flip_test" in output


def test_validation_frames_that_are_gone_are_a_reason(run_dir):
    os.remove(os.path.join(run_dir, "calibration.json"))
    split = files.read_json(os.path.join(run_dir, "split.json"))
    files.write_json(os.path.join(run_dir, "split.json"), {**split, "validation": {}})
    metrics, _ = evaluate(run_dir)
    assert metrics["reason"].startswith("the validation frames cannot be read: ")
    assert "has no validation frames" in metrics["reason"]
    assert not os.path.exists(os.path.join(run_dir, "calibration.json"))


def test_too_few_labels_are_a_reason(run_dir, predictions):
    os.remove(os.path.join(run_dir, "calibration.json"))
    found, reason = calibrating.calibrate_run(run_dir, lambda: predictions[:1])
    assert found is None
    assert reason == "28 labelled joints to fit to; at least 40 are needed"
    assert calibrating.calibrate_run(run_dir, list) == (None, "no validation frames")


def test_a_folder_that_cannot_be_written_still_gets_a_calibration(run_dir, predictions, monkeypatch):
    expected = read(run_dir)
    os.remove(os.path.join(run_dir, "calibration.json"))

    def refuse(*_):
        raise OSError("read-only")

    monkeypatch.setattr(store, "write", refuse)
    lines = []
    assert calibrating.calibrate_run(run_dir, lambda: predictions, echo=lines.append) == (expected, "")
    assert lines == ["note: the calibration of confidences is not kept: read-only"]


def test_a_coordinate_net_has_no_confidences(tmp_path):
    write_run(tmp_path / "run", model="coordinate")
    expected = (None, "--model=coordinate predicts positions without scores")
    assert calibrating.calibrate_run(str(tmp_path / "run"), list) == expected
