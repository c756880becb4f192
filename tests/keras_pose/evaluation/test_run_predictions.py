"""What a run predicts on clips: all of their labels, with progress; and what if validation frames are gone."""

import numpy as np
import pytest

from keras_pose.confidence import fitting
from keras_pose.data.synthetic.signers import open_signers
from keras_pose.evaluation import run_predictions
from keras_pose.inference.loading import load_predictor
from tests.helpers.exported_runs import write_run


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "run")[2]


@pytest.fixture(scope="module")
def predictor(run_dir):
    return load_predictor(run_dir)


@pytest.fixture(scope="module")
def clips():
    return open_signers("test", 2, 3, (64, 64)).clips


def test_all_labels_are_predicted_and_a_net_for_single_frames_has_nothing_beside(predictor, clips):
    lines = []
    found, beside = run_predictions.predict_run(predictor, clips, "predicting", lines.append)
    assert beside is None
    assert [of.name for of in found] == [clip.name for clip in clips]
    counts = []
    for of, same in zip(found, run_predictions.predict_clips(predictor, clips, counts.append)):
        np.testing.assert_array_equal(of.predicted, same.predicted)
    assert sum(counts) == sum(clip.num_labelled for clip in clips)


def test_validation_frames_that_cannot_be_read_are_a_reason(run_dir, predictor, clips):
    found = run_predictions.predict_validation(run_dir, predictor, clips[:1], lambda line: None)
    assert [of.name for of in found] == [clips[0].name]
    with pytest.raises(fitting.CannotCalibrateError, match="the validation frames cannot be read: "):
        run_predictions.predict_validation(run_dir, predictor, None, lambda line: None)
