"""Heatmaps against coordinates as training data grows: `python -m benchmarks.regimes [--minutes=2.5]
[--clips=50,200,800] [--out=runs/regimes] [--quick] [--json=<file>]`.

Pfister et al. 2015 (Flowing ConvNets) found that regressing heatmaps beats regressing coordinates. Here both nets have
the same trunk (lite), the same clips of synthetic signers (4 frames each; a tenth of the clips selects the best
weights), the same augmentation, optimiser and time: the seconds of a step of each net are measured in turn, and each
net trains for as many steps as fill `--minutes`, with a learning rate that falls over them. On the largest number of
clips, the coordinate net is also trained with Tukey's loss. All are scored on the same signers, who are not in any
training data.

Writes `<out>/regimes.json`, `<out>/regimes.png` and a run directory for each net and size; finished runs are not
trained again. `<out>/steps.json` keeps the numbers of steps, so that a command that is started again uses the same.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.common import harness, training_steps, trainings
from benchmarks.common.rows import Row
from benchmarks.common.trainings import Training
from benchmarks.figures import regimes_figure
from keras_pose import files
from keras_pose.evaluation import bootstrap
from keras_pose.runs.config import TrainConfig
from keras_pose.viz import pictures

HEATMAP = "heatmap"
COORDINATE = "coordinate"
TUKEY = "coordinate, Tukey's loss"
REGIMES = {
    HEATMAP: {"model": "heatmap"},
    COORDINATE: {"model": "coordinate", "coordinate_loss": "l2"},
    TUKEY: {"model": "coordinate", "coordinate_loss": "tukey"},
}
GROUP = "wrist"
METRIC = "pck/0.05"  # of the frame's longer side
TARGET = "> 0"
VALIDATIONS = 10  # the same for each net, because each validation is one more chance to select good weights


@dataclasses.dataclass(frozen=True)
class Steps:
    """How long a net trains.

    Args:
      steps: training steps.
      validate_every: steps between validations.
    """

    steps: int
    validate_every: int

    @classmethod
    def to_fill(cls, minutes: float, step_seconds: float, validations: int = VALIDATIONS) -> Steps:
        """Returns the steps that take `minutes`, rounded to a multiple of `validations`."""
        every = max(1, round(60 * minutes / step_seconds / validations))
        return cls(every * validations, every)


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `clips` becomes a rising list."""
    parser = harness.make_parser("Heatmap and coordinate nets of equal trunk and training time as the data grows.")
    parser.add_argument("--minutes", type=float, help="Training time of each net. Default: 2.5 (quick: 0.05).")
    parser.add_argument("--clips", help="Numbers of training clips. Default: 50,200,800 (quick: 10).")
    parser.add_argument("--out", metavar="DIR", help="Folder of runs and results. Default: runs/regimes.")
    arguments = parser.parse_args(argv)
    quick = arguments.quick
    arguments.minutes = (0.05 if quick else 2.5) if arguments.minutes is None else arguments.minutes
    arguments.out = arguments.out or ("runs/regimes-quick" if quick else "runs/regimes")
    arguments.clips = arguments.clips or ("10" if quick else "50,200,800")
    try:
        arguments.clips = sorted({int(part) for part in arguments.clips.split(",")})
    except ValueError:
        parser.error(f"--clips: expected whole numbers separated by commas, received {arguments.clips!r}")
    if arguments.clips[0] < 2:
        parser.error(f"--clips: expected at least 2 clips, one of them to validate, received {arguments.clips[0]}")
    if not 0 < arguments.minutes < np.inf:
        parser.error(f"--minutes: expected a number above 0, received {arguments.minutes}")
    return arguments


def make_config(regime: str, clips: int, length: Steps, out: str, quick: bool = False) -> TrainConfig:
    """Returns the configuration of a net on a number of clips."""
    folder = REGIMES[regime]["model"] + ("-tukey" if regime == TUKEY else "")
    return trainings.load_config(
        trainings.QUICKSTART,
        run_dir=os.path.join(out, f"{folder}-{clips}"),
        signer_clips=clips,
        test_data=f"signers:test:{12 if quick else 150}",
        steps=length.steps,
        validate_every=length.validate_every,
        warmup_steps=min(50, length.steps // 4),
        **REGIMES[regime],
    )


def choose_steps(out: str, minutes: float, measure: Callable[[], Mapping[str, float]]) -> dict[str, Steps]:
    """Returns the steps of each regime: those in `<out>/steps.json`, or new ones, which are then written there.

    Args:
      out: folder of the results.
      minutes: training time of each net.
      measure: function that returns the seconds of a step of each regime.

    Raises:
      ValueError: if the folder was begun with another training time.
    """
    path = os.path.join(out, "steps.json")
    if not os.path.exists(path):
        seconds = measure()
        lengths = {regime: dataclasses.asdict(Steps.to_fill(minutes, s)) for regime, s in seconds.items()}
        files.write_json(path, {"minutes": minutes, "step_seconds": seconds, "lengths": lengths})
    stored = files.read_json(path)
    if stored["minutes"] != minutes:
        raise ValueError(
            f"--minutes: {out} was begun with {stored['minutes']:g}, received {minutes:g}; choose another --out"
        )
    return {regime: Steps(**length) for regime, length in stored["lengths"].items()}


def accuracy_rows(regime: str, clips: int, run: Training) -> list[Row]:
    """Returns the rows of one net: accuracy of its wrists with the interval over clips, and its time."""
    value, limits = run.score(METRIC, trainings.find_joints(run.skeleton, GROUP))
    low, high = limits or (None, None)
    stopped = "" if run.whole else ", last part (it was stopped)"
    return [
        Row(f"{regime}, {clips} clips: {GROUP}s within 5 % of the frame", value, "fraction", low, high),
        Row(f"{regime}, {clips} clips: time with data and scoring{stopped}", run.minutes, "min"),
    ]


def difference_row(clips: int, heatmap: Training, other: Training, name: str, target: str | None = None) -> Row:
    """Returns the row of the paired difference in accuracy between two trainings."""
    paired = bootstrap.paired_difference(heatmap.predictions, other.predictions, METRIC, heatmap.skeleton, GROUP)
    what = f"{HEATMAP} − {name}, {clips} clips: {GROUP}s within 5 % of the frame"
    low, high = paired["interval"]
    return Row(what, paired["difference"], "fraction", low, high, target)


def train_all(arguments: argparse.Namespace, lengths: Mapping[str, Steps]) -> dict[tuple[str, int], Training]:
    """Trains every net on every number of clips; returns the trainings by (regime, clips)."""
    cases = [(regime, clips) for clips in arguments.clips for regime in (HEATMAP, COORDINATE)]
    cases.append((TUKEY, arguments.clips[-1]))
    return {
        (regime, clips): trainings.train_once(
            make_config(regime, clips, lengths[regime], arguments.out, arguments.quick)
        )
        for regime, clips in cases
    }


def make_rows(runs: Mapping[tuple[str, int], Training], lengths: Mapping[str, Steps], target: str | None) -> list[Row]:
    """Returns all rows.

    Args:
      runs: trainings by (regime, clips).
      lengths: steps of each regime.
      target: of the difference between heatmap and coordinate net, or None.
    """
    rows = [Row(f"{regime}: steps", length.steps, "steps") for regime, length in lengths.items()]
    for (regime, clips), run in runs.items():
        rows += accuracy_rows(regime, clips, run)
        if regime == COORDINATE:
            rows.append(difference_row(clips, runs[HEATMAP, clips], run, COORDINATE, target))
        elif regime == TUKEY:
            rows.append(difference_row(clips, runs[HEATMAP, clips], run, TUKEY))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    blocks, steps = (2, 3) if arguments.quick else (4, 8)
    configs = {regime: make_config(regime, arguments.clips[0], Steps(1, 1), "") for regime in REGIMES}
    lengths = choose_steps(
        arguments.out, arguments.minutes, lambda: training_steps.measure_step_seconds(configs, blocks, steps)
    )
    runs = train_all(arguments, lengths)
    rows = make_rows(runs, lengths, None if arguments.quick else TARGET)
    harness.write_rows(os.path.join(arguments.out, "regimes.json"), "regimes", rows)
    joints = trainings.find_joints(runs[HEATMAP, arguments.clips[0]].skeleton, GROUP)
    points = {}
    for case, run in runs.items():
        value, limits = run.score(METRIC, joints)
        points[case] = (value, limits or [value, value])
    note = f"{arguments.minutes:g} min of training each on {harness.describe_machine()['cores']} cores"
    picture = regimes_figure.draw(points, note)
    pictures.save_png(os.path.join(arguments.out, "regimes.png"), picture)
    harness.report("regimes", rows, arguments)


if __name__ == "__main__":
    main()
