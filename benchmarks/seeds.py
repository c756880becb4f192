"""How much a result depends on the seed: `python -m benchmarks.seeds --config=configs/lips.flags --vary=seed
--values=0,1,2 --targets=all:5,leftLip+rightLip:3 [--out=<folder>] [--quick] [--json=<file>]`.

Trains the flagfile of `train.py` once for each value of one flag, in `<out>/<flag>-<value>`, and reports the mean error
on the test frames: of each run, with its bootstrap interval over clips, and their mean with the smallest and largest.
Finished runs are not trained again, stopped ones are gone on with. `--quick` trains a few steps, in another folder and
without targets.
"""

from __future__ import annotations

import numpy as np

from benchmarks.common import harness, trainings
from keras_pose import options
from keras_pose.data import selection
from keras_pose.runs.config import TrainConfig

ALL_JOINTS = "all"
QUICK_STEPS, QUICK_VALIDATE_EVERY = 6, 3


def parse_arguments(argv=None):
    """Reads the command line; `values` and `targets` are parsed."""
    parser = harness.make_parser("Spread of the test error over several trainings of one configuration.")
    parser.add_argument("--config", required=True, metavar="FILE", help="flagfile of train.py")
    parser.add_argument("--vary", default="seed", metavar="FLAG", help="the flag that differs: seed, split_seed, …")
    parser.add_argument("--values", default="0,1,2", help="its values, with commas between")
    parser.add_argument("--out", metavar="DIR", help="folder of the runs; default <run_dir of the config>-<flag>s")
    parser.add_argument(
        "--targets",
        default="",
        help="groups to report with the error in px they are to reach, such as all:5,leftLip+rightLip:3,wrist",
    )
    arguments = parser.parse_args(argv)
    try:
        arguments.targets = parse_targets(arguments.targets)
        arguments.base = trainings.load_config(arguments.config)
        arguments.values = parse_values(arguments.vary, arguments.values)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    arguments.out = arguments.out or f"{arguments.base.run_dir}-{arguments.vary}s"
    return arguments


def parse_targets(text) -> dict:
    """Parses "all:5,leftLip+rightLip:3,wrist" to {"all": "<= 5", "leftLip+rightLip": "<= 3", "wrist": None}.

    All joints always come first, with a target or without.

    Raises:
      ValueError: for a target that is no number above 0.
    """
    targets = {ALL_JOINTS: None}
    for part in filter(None, map(str.strip, text.split(","))):
        group, separator, limit = part.partition(":")
        try:
            valid = not separator or 0 < float(limit) < np.inf
        except ValueError:
            valid = False
        if not valid or not group:
            raise ValueError(f"--targets: expected <joints>:<px> or <joints>, received {part!r}")
        targets[group] = f"<= {float(limit):g}" if separator else None
    return targets


def parse_values(name, text) -> list:
    """Parses values of a flag of `train.py`, with commas between.

    Raises:
      ValueError: for an unknown flag, one that is not a number or text, a value of another type, or one given twice.
    """
    defaults = {flag.name: flag.field.default for flag in options.flags_of(TrainConfig) if not flag.required}
    kind = type(defaults.get(name))
    if kind not in (int, float, str):
        raise ValueError(f"--vary: expected a flag of train.py with a number or text, received {name!r}")
    try:
        values = [kind(part.strip()) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(f"--values: expected {kind.__name__} for --{name}, received {text!r}") from error
    if len(set(values)) < len(values):
        raise ValueError(f"--values: expected each value once, received {text!r}")
    return values


def make_configs(base, name, values, out, quick) -> dict:
    """Returns dict value -> `TrainConfig` of its run."""
    if quick:
        out = f"{out}-quick"
        steps = {"steps": QUICK_STEPS, "validate_every": QUICK_VALIDATE_EVERY, "warmup_steps": 1}
        base = base.replace(**steps)
    return {
        value: base.replace(**{name: value, "run_dir": f"{out}/{name}-{str(value).replace('/', '_')}"})
        for value in values
    }


def joints_of(group, skeleton):
    """Returns the positions of a group's joints; None for all joints."""
    return None if group == ALL_JOINTS else trainings.joints_named(skeleton, group)


def group_rows(group, figures, target=None) -> list:
    """Returns the rows of a group of joints: each run's error, and the mean over the runs.

    Args:
      group: str.
      figures: dict name of run -> (error in px, [low, high]).
      target: str or None, of each row.
    """
    title = "all joints" if group == ALL_JOINTS else group
    rows = [
        harness.Row(f"{title}, mean error, {name}", value, "px", *(limits or (None, None)), target)
        for name, (value, limits) in figures.items()
    ]
    errors = [value for value, _ in figures.values()]
    what = f"{title}, mean error, mean of {len(errors)} runs (smallest, largest)"
    return [*rows, harness.Row(what, np.mean(errors), "px", min(errors), max(errors), target)]


def time_rows(runs) -> list:
    """Returns the row of each run's wall time; dict name -> `Training`."""
    return [
        harness.Row(f"time, {name}" + ("" if run.whole else ", last part (it was stopped)"), run.minutes, "min")
        for name, run in runs.items()
    ]


def main(argv=None):
    arguments = parse_arguments(argv)
    configs = make_configs(arguments.base, arguments.vary, arguments.values, arguments.out, arguments.quick)
    skeleton = selection.open_data(arguments.base.data, arguments.base).skeleton
    joints = {group: joints_of(group, skeleton) for group in arguments.targets}  # an error comes before the training
    runs = {f"{arguments.vary} {value}": trainings.train_once(config) for value, config in configs.items()}
    rows = []
    for group, target in arguments.targets.items():
        figures = {name: run.figure("mean_error_px", joints[group]) for name, run in runs.items()}
        rows += group_rows(group, figures, None if arguments.quick else target)
    harness.report("seeds", rows + time_rows(runs), arguments)


if __name__ == "__main__":
    main()
