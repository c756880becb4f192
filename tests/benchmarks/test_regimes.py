"""Heatmap against coordinate nets: equal time, rows and the figure."""

import dataclasses

import numpy as np
import pytest

from benchmarks import regimes
from benchmarks.common.trainings import Training
from benchmarks.figures import regimes_figure
from benchmarks.regimes import COORDINATE, HEATMAP, TUKEY, Steps
from keras_pose import files
from keras_pose.data.synthetic.signers import SKELETON
from tests.benchmarks.test_trainings import make_predictions


def test_steps_fill_the_time_and_are_a_multiple_of_the_validations():
    length = Steps.that_fill(minutes=2.5, step_seconds=0.31)
    assert length == Steps(480, 48)
    assert length.steps * 0.31 == pytest.approx(150, rel=0.02)
    assert Steps.that_fill(0.001, 1.0) == Steps(10, 1)


@pytest.mark.parametrize("regime", regimes.REGIMES)
@pytest.mark.parametrize("length", [Steps(10, 1), Steps(480, 48)])
def test_configurations_are_valid_and_differ_in_the_model_only(regime, length):
    config = regimes.make_config(regime, 50, length, "out")
    other = regimes.make_config(HEATMAP, 50, length, "out")
    different = {name for name, value in vars(config).items() if value != getattr(other, name)}
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
def test_arguments_that_cannot_be_are_refused(argument, capsys):
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


def test_the_figure_shows_each_regime_in_its_colour():
    points = {
        (HEATMAP, 50): (0.6, [0.5, 0.7]),
        (HEATMAP, 200): (0.8, [0.75, 0.85]),
        (COORDINATE, 50): (0.1, [0.05, 0.2]),
    }

    def pixels(picture, color):
        return int((np.abs(picture.astype(int) - color).max(-1) < 8).sum())

    without, blue, orange = {(HEATMAP, 50): points[HEATMAP, 50]}, (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)
    picture = regimes_figure.draw(points, "on 2 cores, $5")
    assert picture.dtype == np.uint8
    assert picture.shape == (552, 864, 3)
    assert pixels(picture, orange) > 50
    assert pixels(regimes_figure.draw(without), orange) == 0
    assert pixels(picture, blue) > pixels(regimes_figure.draw(without), blue)  # the line to the second point


def test_a_figure_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one training"):
        regimes_figure.draw({})
