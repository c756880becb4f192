"""What labels of a teacher are worth in training: `python -m benchmarks.extended_training --config=configs/lips.flags
--annotated=<folder> [--data_weight=0.3] [--set=steps=500] [--pck_reference=torso] [--out=<folder>] [--quick]
[--json=<file>]`.

The configuration is trained as it is and with the folder of `keras-pose annotate` beside its data
(`--data=<data>,<folder> --data_weights=1,<weight>`), with a heatmap net and with a coordinate net, for equally many
steps. All four runs are scored on the same test frames. Reported are the mean error of each and the paired differences,
with 95 % bootstrap intervals over groups (films, people) or clips; with `--pck_reference`, also the PCK of each kind of
joint. Pfister et al. (2015) found that such labels help the heatmap net and not the coordinate net. Finished runs are
not trained again, and stopped runs are resumed.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness, trainings
from benchmarks.common.rows import Row
from benchmarks.common.trainings import Training
from benchmarks.seeds import QUICK_FLAGS
from keras_pose import options
from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measures import build_measures, group_means, joint_groups
from keras_pose.runs.config import TrainConfig

NETS = ("heatmap", "coordinate")
WITHOUT = "labels of people"
WITH = "and of the teacher"
_METRIC = "mean_error_px"


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `base` is the configuration of the flagfile."""
    parser = harness.make_parser("Training without and with the labels of a teacher.")
    parser.add_argument("--config", required=True, metavar="FILE", help="Flagfile of train.py with a test set.")
    parser.add_argument("--annotated", required=True, metavar="DIR", help="Folder of keras-pose annotate, same joints.")
    parser.add_argument("--data_weight", type=float, default=0.3, help="Weight of the teacher's labels. Default: 0.3.")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FLAG=VALUE",
        help="Change a flag of the flagfile for all runs, such as steps=500; can be given several times.",
    )
    parser.add_argument("--pck_reference", default="", help="Also report PCK of this length, as in evaluate.py.")
    parser.add_argument("--pck_fraction", type=float, default=0.2, help="Part of that length. Default: 0.2.")
    parser.add_argument("--out", metavar="DIR", help="Folder of the runs. Default: <run_dir of the flagfile>-extended.")
    arguments = parser.parse_args(argv)
    try:
        changes = options.parse_changes(TrainConfig, arguments.set, "--set")
        arguments.base = trainings.load_config(arguments.config, **changes)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    arguments.out = arguments.out or f"{arguments.base.run_dir}-extended"
    return arguments


def plan(data: str, annotated: str, weight: float, out: str, quick: bool) -> dict[tuple[str, str], dict[str, Any]]:
    """Returns the flags of each run that differ from the flagfile, by net and labels.

    Args:
      data: source with labels of people.
      annotated: folder of annotations.
      weight: weight of the teacher's labels.
      out: folder of the runs.
      quick: whether to train a few steps only, in another folder.
    """
    out = f"{out}-quick" if quick else out
    shared = QUICK_FLAGS if quick else {}
    runs = {}
    for net in NETS:
        runs[net, WITHOUT] = {**shared, "model": net, "run_dir": f"{out}/{net}-people"}
        both = {"data": f"{data},{annotated}", "data_weights": f"1,{weight:g}"}
        runs[net, WITH] = {**shared, "model": net, "run_dir": f"{out}/{net}-teacher", **both}
    return runs


def make_rows(done: Mapping[tuple[str, str], Training]) -> list[Row]:
    """Returns the error of each run, and what the teacher's labels change."""
    rows = []
    for net in NETS:
        for labels in (WITHOUT, WITH):
            value, limits = done[net, labels].score(_METRIC)
            low, high = limits or (None, None)
            rows.append(Row(f"{net} net, {labels}: mean error", value, "px", low, high))
        taught = done[net, WITH]
        paired = bootstrap.paired_difference(
            taught.predictions, done[net, WITHOUT].predictions, _METRIC, taught.skeleton
        )
        low, high = paired["interval"]
        target = "< 0" if net == NETS[0] else None
        rows.append(Row(f"{net} net: with − without", paired["difference"], "px", low, high, target))
    return rows


def make_pck_rows(done: Mapping[tuple[str, str], Training], reference: str, fraction: float) -> list[Row]:
    """Returns the PCK of each run and kind of joint, and what the teacher's labels change, paired.

    Args:
      done: the runs.
      reference: see `reference_lengths.resolve`.
      fraction: part of that length within which a joint counts as found.
    """
    metric = f"pck/{fraction:g}"
    skeleton = done[NETS[0], WITHOUT].skeleton
    rows = []
    for net in NETS:
        for group, joints in joint_groups(skeleton).items():
            for labels in (WITHOUT, WITH):
                found = build_measures(done[net, labels].predictions, skeleton, (), reference, (fraction,))
                limits = bootstrap.intervals(found, {group: joints})["groups"][group]["pck"][f"{fraction:g}"]
                sums, counts = found.weighted(np.ones((1, found.num_rows)))
                value = group_means(sums, counts, joints)[0, found.keys.index(metric)]
                low, high = limits or (None, None)
                rows.append(Row(f"{net} net, {labels}: {group}", value, "PCK", low, high))
            taught, plain = (done[net, labels].predictions for labels in (WITH, WITHOUT))
            paired = bootstrap.paired_difference(taught, plain, metric, skeleton, group, reference)
            low, high = paired["interval"]
            target = "> 0" if net == NETS[0] else None
            rows.append(Row(f"{net} net, {group}: with − without", paired["difference"], "PCK", low, high, target))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    base = arguments.base
    changes = plan(base.data.source, arguments.annotated, arguments.data_weight, arguments.out, arguments.quick)
    done = {key: trainings.train_once(base.replace(**flags)) for key, flags in changes.items()}
    rows = make_rows(done)
    if arguments.pck_reference:
        rows += make_pck_rows(done, arguments.pck_reference, arguments.pck_fraction)
    harness.report("extended_training", rows, arguments)


if __name__ == "__main__":
    main()
