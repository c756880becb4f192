"""Heatmap against coordinate nets: equal time, configurations and rows."""

import dataclasses

import pytest

from benchmarks import regimes
from benchmarks.common.trainings import Training
from benchmarks.regimes import COORDINATE, HEATMAP, TUKEY, Steps
from keras_pose import files, options
from keras_pose.data.synthetic.signers import SKELETON
from tests.helpers.predictions import make_predictions


def test_steps_fill_the_time_and_are_a_multiple_of_the_validations():
    length = Steps.to_fill(minutes=2.5, step_seconds=0.31)
    assert length == Steps(480, 48)
    assert length.steps * 0.31 == pytest.approx(150, rel=0.02)
    assert Steps.to_fill(0.001, 1.0) == Steps(10, 1)


@pytest.mark.parametrize("regime", regimes.REGIMES)
@pytest.mark.parametrize("length", [Steps(10, 1), Steps(480, 48)])
def test_configurations_are_valid_and_differ_in_the_model_only(regime, length):
    config = regimes.make_config(regime, 50, length, "out")
    other = regimes.make_config(HEATMAP, 50, length, "out")
    flags = options.values(other)
    different = {name for name, value in options.values(config).items() if value != flags[name]}
    assert different <= {"run_dir", "model", "coordinate_loss"}
    assert (config.optimisation.steps, config.data.signer_clips, config.model.preset) == (length.steps, 50, "lite")
    assert config.data.test_source == "signers:test:150"


def test_every_training_has_a_folder_of_its_own():
    folders = {regimes.make_config(r, n, Steps(10, 1), "out").run_dir for r in regimes.REGIMES for n in (50, 200)}
    assert len(folders) == 6


def test_steps_are_measured_once(tmp_path):
    measured = dict.fromkeys(regimes.REGIMES, 0.5)
    first = regimes.choose_steps(str(tmp_path), 1.0, lambda: measured)
    assert first == dict.fromkeys(regimes.REGIMES, Steps(120, 12))
    again = regimes.choose_steps(str(tmp_path), 1.0, lambda: pytest.fail("measured again"))
    assert again == first
    assert files.read_json(tmp_path / "steps.json")["step_seconds"] == measured
    with pytest.raises(ValueError, match="begun with 1, received 2"):
        regimes.choose_steps(str(tmp_path), 2.0, lambda: measured)


def test_arguments_and_their_defaults():
    arguments = regimes.parse_arguments([])
    assert (arguments.minutes, arguments.clips, arguments.out) == (2.5, [50, 200, 800], "runs/regimes")
    quick = regimes.parse_arguments(["--quick"])
    assert (quick.clips, quick.out) == ([10], "runs/regimes-quick")
    assert regimes.parse_arguments(["--clips=80,20"]).clips == [20, 80]


@pytest.mark.parametrize("argument", ["--clips=a", "--clips=1,50", "--minutes=0", "--minutes=nan"])
def test_invalid_arguments_are_refused(argument, capsys):
    with pytest.raises(SystemExit):
        regimes.parse_arguments([argument])
    assert argument.split("=")[0] in capsys.readouterr().err


def test_rows_compare_heatmaps_and_coordinates_at_each_size():
    good = make_predictions(8)
    bad = [dataclasses.replace(clip, predicted=clip.predicted + 30) for clip in good]
    cases = {(HEATMAP, 50): good, (COORDINATE, 50): bad, (HEATMAP, 200): good, (COORDINATE, 200): good}
    cases[TUKEY, 200] = bad
    runs = {case: Training("a", SKELETON, clips, 1.0, True) for case, clips in cases.items()}
    rows = regimes.make_rows(runs, {HEATMAP: Steps(10, 1)}, regimes.TARGET)
    differences = [row for row in rows if "−" in row.what]
    assert [row.holds for row in differences] == [True, False, None]
    assert differences[0].low > 0.3
    assert differences[1].value == differences[1].low == differences[1].high == 0
