"""How much a result depends on the seed: `python -m benchmarks.seeds --config=configs/lips.flags --vary=seed
--values=0,1,2 --targets=all:5,leftLip+rightLip:3 [--out=<folder>] [--quick] [--json=<file>]`.

Trains a flagfile of `train.py` once for each value of one flag, in `<out>/<flag>-<value>`, and reports the mean error
on the test frames: of each run, with its bootstrap interval over clips, and the mean of all runs with the smallest and
largest. Finished runs are not trained again, and stopped runs are resumed. `--quick` trains a few steps, in another
folder and without targets.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness, trainings
from benchmarks.common.rows import Row
from benchmarks.common.trainings import Training
from keras_pose import options
from keras_pose.data import selection
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

ALL_JOINTS = "all"
QUICK_FLAGS = {"steps": 6, "validate_every": 3, "warmup_steps": 1}


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line and parses `values` and `targets`; `base` is the configuration of the flagfile."""
    parser = harness.make_parser("Spread of the test error over several trainings of one configuration.")
    parser.add_argument("--config", required=True, metavar="FILE", help="Flagfile of train.py.")
    parser.add_argument("--vary", default="seed", metavar="FLAG", help="Flag that differs: seed, split_seed, …")
    parser.add_argument("--values", default="0,1,2", help="Its values, separated by commas.")
    parser.add_argument("--out", metavar="DIR", help="Folder of the runs. Default: <run_dir of the flagfile>-<flag>s.")
    parser.add_argument(
        "--targets",
        default="",
        help="Joints to report, with the error in px that they should reach, such as all:5,leftLip+rightLip:3,wrist.",
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


def parse_targets(text: str) -> dict[str, str | None]:
    """Parses "all:5,leftLip+rightLip:3,wrist" to {"all": "<= 5", "leftLip+rightLip": "<= 3", "wrist": None}.

    All joints always come first, with or without a target.

    Raises:
      ValueError: if a target is not a number above 0.
    """
    targets: dict[str, str | None] = {ALL_JOINTS: None}
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


def parse_values(name: str, text: str) -> list[Any]:
    """Parses values of a flag of `train.py`, separated by commas.

    Raises:
      ValueError: for an unknown flag, a flag that is neither number nor text, a value of another type, or a repeated
        value.
    """
    defaults = {flag.name: flag.field.default for flag in options.flags_of(TrainConfig) if not flag.required}
    kind: Any = type(defaults.get(name))
    if kind not in (int, float, str):
        raise ValueError(f"--vary: expected a flag of train.py with a number or text, received {name!r}")
    try:
        values = [kind(part.strip()) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(f"--values: expected {kind.__name__} for --{name}, received {text!r}") from error
    if len(set(values)) < len(values):
        raise ValueError(f"--values: expected each value once, received {text!r}")
    return values


def make_configs(base: TrainConfig, name: str, values: Sequence[Any], out: str, quick: bool) -> dict[Any, TrainConfig]:
    """Returns the configuration of the run of each value.

    Args:
      base: configuration of all runs.
      name: flag that differs.
      values: its values.
      out: folder of the runs.
      quick: whether to train a few steps only, in another folder.
    """
    if quick:
        out = f"{out}-quick"
        base = base.replace(**QUICK_FLAGS)
    return {
        value: base.replace(**{name: value, "run_dir": f"{out}/{name}-{str(value).replace('/', '_')}"})
        for value in values
    }


def find_joints(group: str, skeleton: Skeleton) -> tuple[int, ...] | None:
    """Returns the positions of a group's joints; None for all joints."""
    return None if group == ALL_JOINTS else trainings.find_joints(skeleton, group)


def group_rows(
    group: str, scores: Mapping[str, tuple[float, Sequence[float] | None]], target: str | None = None
) -> list[Row]:
    """Returns the rows of a group of joints: the error of each run, and the mean over the runs.

    Args:
      group: name of the group.
      scores: (error in px, [low, high]) by name of the run.
      target: target of each row, or None.
    """
    title = "all joints" if group == ALL_JOINTS else group
    rows = []
    for name, (value, limits) in scores.items():
        low, high = limits or (None, None)
        rows.append(Row(f"{title}, mean error, {name}", value, "px", low, high, target))
    errors = [value for value, _ in scores.values()]
    what = f"{title}, mean error, mean of {len(errors)} runs (smallest, largest)"
    return [*rows, Row(what, float(np.mean(errors)), "px", min(errors), max(errors), target)]


def time_rows(runs: Mapping[str, Training]) -> list[Row]:
    """Returns the rows of wall time, one for each run by name."""
    return [
        Row(f"time, {name}" + ("" if run.whole else ", last part (it was stopped)"), run.minutes, "min")
        for name, run in runs.items()
    ]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    configs = make_configs(arguments.base, arguments.vary, arguments.values, arguments.out, arguments.quick)
    data = arguments.base.data
    skeleton = selection.open_data(data.source, data).skeleton
    # Look up all joints first, so that a wrong name is an error before anything is trained.
    joints = {group: find_joints(group, skeleton) for group in arguments.targets}
    runs = {f"{arguments.vary} {value}": trainings.train_once(config) for value, config in configs.items()}
    rows = []
    for group, target in arguments.targets.items():
        scores = {name: run.score("mean_error_px", joints[group]) for name, run in runs.items()}
        rows += group_rows(group, scores, None if arguments.quick else target)
    harness.report("seeds", rows + time_rows(runs), arguments)


if __name__ == "__main__":
    main()
