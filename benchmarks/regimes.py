"""Heatmaps against coordinates as training data grows: `python -m benchmarks.regimes [--minutes=2.5]
[--clips=50,200,800] [--out=runs/regimes] [--quick] [--json=<file>]`.

Pfister et al. 2015 (Flowing ConvNets) found that regressing heatmaps beats regressing coordinates. Here both nets have
the same trunk (lite), the same clips of synthetic signers (4 frames each; a tenth of the clips chooses the best
weights), augmentation, optimiser and time: the seconds of a step of each net are measured in turn, and each trains for
as many steps as fill `--minutes`, its learning rate falling over them. Where there are most clips, the coordinate net
is trained with Tukey's loss, too. All are scored on the same signers, who are in no training data.

Writes `<out>/regimes.json`, `<out>/regimes.png` and a run directory for each net and size; finished ones are not
trained again. `<out>/steps.json` keeps the number of steps, so that a benchmark that is started again goes on with it.
"""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from benchmarks.common import harness, training_steps, trainings
from benchmarks.figures import regimes_figure
from keras_pose import files
from keras_pose.evaluation import bootstrap
from keras_pose.viz import pictures

QUICKSTART = os.path.join(os.path.dirname(__file__), "..", "configs", "quickstart.flags")
HEATMAP, COORDINATE, TUKEY = "heatmap", "coordinate", "coordinate, Tukey's loss"
REGIMES = {
    HEATMAP: {"model": "heatmap"},
    COORDINATE: {"model": "coordinate", "coordinate_loss": "l2"},
    TUKEY: {"model": "coordinate", "coordinate_loss": "tukey"},
}
GROUP, METRIC = "wrist", "pck/0.05"  # of the frame's longer side
TARGET = "low > 0"  # the interval of the difference is above 0
VALIDATIONS = 10  # as many for each net: each is one more chance to choose good weights


@dataclasses.dataclass(frozen=True)
class Steps:
    """How long a net trains: `steps`, with a validation after each `validate_every` of them."""

    steps: int
    validate_every: int

    @classmethod
    def that_fill(cls, minutes, step_seconds, validations=VALIDATIONS) -> Steps:
        """Returns the steps that take `minutes`, rounded to a multiple of `validations`."""
        every = max(1, round(60 * minutes / step_seconds / validations))
        return cls(every * validations, every)


def parse_arguments(argv=None):
    """Reads the command line; `clips` is a rising list."""
    parser = harness.make_parser("Heatmap and coordinate nets of equal trunk and training time as the data grows.")
    parser.add_argument("--minutes", type=float, help="training time of each net; default 2.5 (quick: 0.05)")
    parser.add_argument("--clips", help="numbers of training clips; default 50,200,800 (quick: 10)")
    parser.add_argument("--out", metavar="DIR", help="folder of runs and results; default runs/regimes")
    arguments = parser.parse_args(argv)
    quick = arguments.quick
    arguments.minutes = (0.05 if quick else 2.5) if arguments.minutes is None else arguments.minutes
    arguments.out = arguments.out or ("runs/regimes-quick" if quick else "runs/regimes")
    try:
        arguments.clips = sorted(
            {int(part) for part in (arguments.clips or ("10" if quick else "50,200,800")).split(",")}
        )
    except ValueError:
        parser.error(f"--clips: expected whole numbers with commas between, received {arguments.clips!r}")
    if arguments.clips[0] < 2:
        parser.error(f"--clips: expected at least 2 clips, one of them to validate, received {arguments.clips[0]}")
    if not 0 < arguments.minutes < np.inf:
        parser.error(f"--minutes: expected a number above 0, received {arguments.minutes}")
    return arguments


def make_config(regime, clips, length, out, quick=False):
    """Returns the `TrainConfig` of a net on a number of clips; length: `Steps`."""
    folder = REGIMES[regime]["model"] + ("-tukey" if regime == TUKEY else "")
    return trainings.load_config(
        QUICKSTART,
        run_dir=os.path.join(out, f"{folder}-{clips}"),
        signer_clips=clips,
        test_data=f"signers:test:{12 if quick else 150}",
        steps=length.steps,
        validate_every=length.validate_every,
        warmup_steps=min(50, length.steps // 4),
        **REGIMES[regime],
    )


def choose_steps(out, minutes, measure) -> dict:
    """Returns dict regime -> `Steps`: those in `<out>/steps.json`, or else measured and written there.

    Args:
      out: folder of the benchmark.
      minutes: training time of each net.
      measure: function that returns dict regime -> seconds of a step.

    Raises:
      ValueError: where the folder was begun with another training time.
    """
    path = os.path.join(out, "steps.json")
    if not os.path.exists(path):
        seconds = measure()
        lengths = {regime: dataclasses.asdict(Steps.that_fill(minutes, s)) for regime, s in seconds.items()}
        files.write_json(path, {"minutes": minutes, "step_seconds": seconds, "lengths": lengths})
    stored = files.read_json(path)
    if stored["minutes"] != minutes:
        raise ValueError(
            f"--minutes: {out} was begun with {stored['minutes']:g}, received {minutes:g}; choose another --out"
        )
    return {regime: Steps(**length) for regime, length in stored["lengths"].items()}


def accuracy_rows(regime, clips, run) -> list:
    """Returns the rows of one net: accuracy of its wrists with the interval over clips, and its time."""
    value, (low, high) = run.figure(METRIC, trainings.joints_named(run.skeleton, GROUP))
    stopped = "" if run.whole else ", last part (it was stopped)"
    return [
        harness.Row(f"{regime}, {clips} clips: {GROUP}s within 5 % of the frame", value, "fraction", low, high),
        harness.Row(f"{regime}, {clips} clips: time with data and scoring{stopped}", run.minutes, "min"),
    ]


def difference_row(clips, heatmap, other, name, target=None):
    """Returns the row of the paired difference in accuracy of two trainings; the target is on its interval."""
    paired = bootstrap.paired_difference(heatmap.predictions, other.predictions, METRIC, heatmap.skeleton, GROUP)
    what = f"{HEATMAP} − {name}, {clips} clips: {GROUP}s within 5 % of the frame"
    return harness.Row(what, paired["difference"], "fraction", *paired["interval"], target)


def train_all(arguments, lengths):
    """Trains every net on every number of clips.

    Returns:
      dict (regime, clips) -> `Training`.
    """
    cases = [(regime, clips) for clips in arguments.clips for regime in (HEATMAP, COORDINATE)]
    cases.append((TUKEY, arguments.clips[-1]))
    return {
        (regime, clips): trainings.train_once(
            make_config(regime, clips, lengths[regime], arguments.out, arguments.quick)
        )
        for regime, clips in cases
    }


def make_rows(runs, lengths, target) -> list:
    """Returns all rows.

    Args:
      runs: dict (regime, clips) -> `Training`.
      lengths: dict regime -> `Steps`.
      target: str or None, of the difference of heatmap and coordinate net.
    """
    rows = [harness.Row(f"{regime}: steps", length.steps, "steps") for regime, length in lengths.items()]
    for (regime, clips), run in runs.items():
        rows += accuracy_rows(regime, clips, run)
        if regime == COORDINATE:
            rows.append(difference_row(clips, runs[HEATMAP, clips], run, COORDINATE, target))
        elif regime == TUKEY:
            rows.append(difference_row(clips, runs[HEATMAP, clips], run, TUKEY))
    return rows


def main(argv=None):
    arguments = parse_arguments(argv)
    blocks, steps = (2, 3) if arguments.quick else (4, 8)
    configs = {regime: make_config(regime, arguments.clips[0], Steps(1, 1), "") for regime in REGIMES}
    lengths = choose_steps(
        arguments.out, arguments.minutes, lambda: training_steps.measure_step_seconds(configs, blocks, steps)
    )
    runs = train_all(arguments, lengths)
    rows = make_rows(runs, lengths, None if arguments.quick else TARGET)
    harness.write_rows(os.path.join(arguments.out, "regimes.json"), "regimes", rows)
    joints = trainings.joints_named(runs[HEATMAP, arguments.clips[0]].skeleton, GROUP)
    points = {case: run.figure(METRIC, joints) for case, run in runs.items()}
    picture = regimes_figure.draw(
        points, f"{arguments.minutes:g} min of training each on {harness.describe_machine()['cores']} cores"
    )
    pictures.save_png(os.path.join(arguments.out, "regimes.png"), picture)
    harness.report("regimes", rows, arguments)


if __name__ == "__main__":
    main()
