"""The flags of predict.py."""

import pytest

from keras_pose import options
from keras_pose.analysis.config import PredictConfig


def build(**values):
    return options.build(PredictConfig, {"video": ("clip.mp4",), "run_dir": "runs/mine", **values})


def test_one_model_must_be_named():
    with pytest.raises(ValueError, match="expected one of them, received none"):
        build(run_dir="")
    with pytest.raises(ValueError, match="expected one of them, received --run_dir and --model"):
        build(model="x")


def test_formats_are_endings():
    assert build(formats="csv, .analysis.h5,csv,").endings == ["csv", "analysis.h5"]


def test_files_go_to_a_folder_of_the_model_unless_another_is_named():
    assert build().folder("mine") == "predictions/mine"
    assert build(out_dir="there").folder("mine") == "there"


def test_only_the_method_that_is_chosen_has_arguments():
    assert build(min_cutoff_hz=2.0).smoothing_options == ()
    assert dict(build(smoothing="one_euro", min_cutoff_hz=2.0).smoothing_options)["min_cutoff_hz"] == 2.0
    assert build(smoothing="median", median_frames=7).smoothing_options == (("median_frames", 7),)


def test_an_end_before_the_start_is_refused():
    with pytest.raises(ValueError, match="--end: expected 0 or more than --start=9, received 9"):
        build(start=9, end=9)
