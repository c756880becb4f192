"""Runs of other commands: pairs that differ in one thing."""

import pytest

from benchmarks.claim_checks import given, regimes
from benchmarks.claim_checks.data_sets import DataSet
from benchmarks.claim_checks.given import Given
from benchmarks.claim_checks.study import Study
from benchmarks.common.trainings import Training
from keras_pose.data.synthetic.signers import SKELETON
from keras_pose.runs.config import TrainConfig
from tests.helpers.predictions import make_predictions

DATA = DataSet("signers", {}, {}, "wrist+elbow", 0.05)


def make_run(name, offset=0.0, **flags):
    clips = make_predictions(8)
    for clip in clips:
        clip.predicted[:] += offset
    config = TrainConfig.from_flags(run_dir=name, **flags)
    return Given(Training(name, SKELETON, clips, 1.0, True), config, DATA)


def test_pairs_differ_in_the_flag_and_in_nothing_else():
    heatmap = make_run("a")
    coordinate = make_run("b", model="coordinate")
    longer = make_run("c", model="coordinate", steps=4000)
    plain = make_run("d", fusion=False)
    runs = [longer, coordinate, plain, heatmap]
    assert list(given.find_pairs(runs, "model", "heatmap", "coordinate")) == [(heatmap, coordinate)]
    assert list(given.find_pairs(runs, "fusion", True, False)) == [(heatmap, plain)]
    assert [run.has_two_heads for run in runs] == [False, False, False, True]


def test_given_nets_answer_what_more_data_adds(tmp_path):
    runs = [
        make_run("a", 6),
        make_run("b", 9, model="coordinate"),
        make_run("c", 0, data="signers:train,folder", data_weights="1,0.3"),
        make_run("d", 9, model="coordinate", data="signers:train,folder", data_weights="1,0.3"),
    ]
    study = Study({}, None, None, str(tmp_path), runs)
    better = list(regimes.find_heatmaps_better(study))
    assert [finding.verdict for finding in better] == ["held"]
    gain, difference = regimes.find_saturation(study)
    assert gain.value == difference.value > 20
    assert "coordinate, extended" in gain.note


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("signers:train", "signers"),
        ("../data/jhmdb", "JHMDB"),
        ("data/lips/", "lips"),
        ("a/jhmdb,b/more", "JHMDB with further data"),
    ],
)
def test_data_is_named_by_its_first_source(source, name):
    assert given.describe_source(source) == name


def test_runs_without_scores_are_refused(tmp_path):
    with pytest.raises(ValueError, match="run"):
        given.open_given([str(tmp_path)])
