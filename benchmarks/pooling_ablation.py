"""Poolings of neighbouring frames against one frame: `python -m benchmarks.pooling_ablation --net=<run>
[--clips=200] [--test_clips=150] [--windows=1,2,5,10,14] [--flows=none,dis_medium,variational,in_graph,true,joints]
[--poolings=sum,max,parametric,data_dependent] [--trained=<run>,…] [--figure=<png>] [--weights_figure=<png>]
[--work_dir=runs/pooling_ablation] [--quick] [--json=<file>]`.

Pfister et al. 2015 (Flowing ConvNets) warp the heatmaps of n neighbours on each side to the current frame and pool
them. Here the single-frame net of `--net` is frozen, as in the first phase of a training, and everything around it
varies: the kind of pooling, n, and the flow, which is missing, estimated, or known from the generator. The generator's
flow ("true") has no errors, but if the rim of a peak lies on the background, it stays behind; "joints" moves each
joint's map as the joint moves, which is the best that any flow could do. Poolings with weights are fitted on windows of
signers:train: the net has seen these signers in training, but with other movements. All are scored on the same frames
of signers:test, which were never used to train or choose anything: wrists and elbows within 5 % of the frame's side,
with 95 % bootstrap intervals over clips of each accuracy and of its paired difference from the single frame.
`--trained` adds runs that were trained as a whole.

`--work_dir` keeps maps, flows (about 1 GB by default) and the predictions of each pooling, so that a command that was
stopped can continue. To measure changed code, delete this folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.figures import pooling_ablation_figure
from benchmarks.pooling import warped_windows
from benchmarks.pooling.cells import Cell, Cells
from benchmarks.pooling.nets import open_net, score_runs
from keras_pose import files
from keras_pose.evaluation import bootstrap, measures
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.pooling.names import POOLINGS
from keras_pose.skeleton import Skeleton
from keras_pose.viz import pictures
from keras_pose.viz.pooling_weights import draw_pooling_weights

METRIC = "pck/0.05"
FRACTION = 0.05  # of the frame's longer side
GROUPS = ("wrist", "elbow")
SINGLE = "none"  # this pooling is the single-frame net
TARGET_CELL = ("dis_medium", "parametric", 5)
TARGETS = (">= 0.03", "> 0")  # of the wrists' difference from the single frame
FULL = {
    "clips": 200,
    "test_clips": 150,
    "windows": "1,2,5,10,14",
    "flows": "none,dis_medium,variational,in_graph,true,joints",
}
_HELP = {
    "clips": "Number of training clips to fit on.",
    "test_clips": "Number of test clips to score on.",
    "windows": "Values of n, the neighbours on each side, separated by commas.",
    "flows": "Flows, separated by commas.",
}
QUICK = {"clips": 12, "test_clips": 6, "windows": "1,2", "flows": "none,dis_medium,true"}


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `windows`, `flows`, `poolings` and `trained` become lists."""
    parser = harness.make_parser("Kinds of pooling, windows and flow around one frozen net.")
    parser.add_argument("--net", metavar="RUN", required=True, help="Run directory of a single-frame heatmap net.")
    for name, value in FULL.items():
        text = f"{_HELP[name]} Default: {value} (quick: {QUICK[name]})."
        parser.add_argument(f"--{name}", type=type(value), help=text)
    poolings = ",".join(POOLINGS)
    parser.add_argument("--poolings", default=poolings, help=f"Kinds of pooling. Default: {poolings}.")
    parser.add_argument("--trained", metavar="RUNS", default="", help="Trained runs to score too, separated by commas.")
    parser.add_argument("--figure", metavar="FILE", help="Also draw the wrists' accuracy over n to this PNG.")
    parser.add_argument("--weights_figure", metavar="FILE", help="Also draw the weights at the largest n to this PNG.")
    parser.add_argument(
        "--work_dir", metavar="DIR", help="Folder to work in. Default: runs/pooling_ablation (quick: …-quick)."
    )
    arguments = parser.parse_args(argv)
    for name, value in (QUICK if arguments.quick else FULL).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    arguments.work_dir = arguments.work_dir or "runs/pooling_ablation" + ("-quick" if arguments.quick else "")
    _split_lists(parser, arguments)
    return arguments


def _split_lists(parser, arguments):
    known = {"flows": warped_windows.FLOWS, "poolings": POOLINGS}
    for name, choices in known.items():
        values = list(dict.fromkeys(getattr(arguments, name).split(",")))
        unknown = [value for value in values if value not in choices]
        if unknown:
            parser.error(f"--{name}: expected some of {', '.join(choices)}, received {unknown[0]!r}")
        setattr(arguments, name, values)
    try:
        arguments.windows = sorted({int(part) for part in arguments.windows.split(",")})
    except ValueError:
        parser.error(f"--windows: expected whole numbers separated by commas, received {arguments.windows!r}")
    if arguments.windows[0] < 1:
        parser.error(f"--windows: expected neighbours of at least 1 on each side, received {arguments.windows[0]}")
    if min(arguments.clips, arguments.test_clips) < 2:
        parser.error("--clips, --test_clips: expected at least 2 clips of each")
    arguments.trained = files.split_paths(arguments.trained)


def measure_accuracy(
    predictions: Sequence[ClipPredictions], skeleton: Skeleton, group: str
) -> tuple[float, list[float]]:
    """Returns the accuracy of a group of joints and [low, high], its interval over clips."""
    joints = measures.joint_groups(skeleton)[group]
    found = measures.build_measures(predictions, skeleton, pck_reference="frame", pck_fractions=(FRACTION,))
    sums, counts = found.weighted(np.ones((1, found.num_rows)))
    value = measures.group_means(sums, counts, joints)[0, found.keys.index(METRIC)]
    limits = bootstrap.intervals(found, {group: joints})["groups"][group]
    return float(value), limits["pck"][f"{FRACTION:g}"]


def describe_cell(cell: Cell) -> str:
    """Returns a cell (flow, pooling, n) in words."""
    flow, pooling, n = cell
    return f"{pooling}, n = {n}, {pooling_ablation_figure.describe_flow(flow)}"


def make_rows(
    single: Sequence[ClipPredictions],
    cells: Mapping[Cell, Sequence[ClipPredictions]],
    trained: Mapping[str, Sequence[ClipPredictions]],
    skeleton: Skeleton,
    targets: bool = True,
) -> list[Row]:
    """Returns rows of the accuracy of each cell and its difference from the single frame.

    Args:
      single: predictions of the single-frame net.
      cells: predictions by (flow, pooling, n).
      trained: predictions by name of the run.
      skeleton: `Skeleton` of all.
      targets: whether the difference of `TARGET_CELL` has the `TARGETS`.
    """
    rows = []
    for group in GROUPS:
        rows.append(_accuracy_row(f"single frame: {group}s", single, skeleton, group))
        for cell, predictions in cells.items():
            has_targets = targets and group == GROUPS[0] and cell == TARGET_CELL
            cell_targets = TARGETS if has_targets else (None,)
            rows += _compare(describe_cell(cell), predictions, single, skeleton, group, cell_targets)
        for name, predictions in trained.items():
            rows += _compare(f"trained: {name}", predictions, single, skeleton, group, (None,))
    return rows


def _compare(name, predictions, single, skeleton, group, targets):
    paired = bootstrap.paired_difference(predictions, single, METRIC, skeleton, group)
    what = f"{name}: {group}s − single frame"
    differences = [Row(what, paired["difference"], "fraction", *paired["interval"], target) for target in targets]
    return [_accuracy_row(f"{name}: {group}s", predictions, skeleton, group), *differences]


def _accuracy_row(what, predictions, skeleton, group):
    value, (low, high) = measure_accuracy(predictions, skeleton, group)
    return Row(what, value, "fraction", low, high)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    net = open_net(arguments.net)
    cells = Cells(arguments.work_dir, net, arguments.clips, arguments.test_clips, arguments.windows[-1])
    poolings = [pooling for pooling in arguments.poolings if pooling != SINGLE]
    single = cells.predict_single()
    trained = score_runs(arguments.trained, cells.test_clips)
    found = cells.predict_all(arguments.flows, poolings, arguments.windows)
    rows = make_rows(single, found, trained, net.skeleton, targets=not arguments.quick)
    harness.report("pooling_ablation", rows, arguments)
    if arguments.figure:
        points = {cell: measure_accuracy(predictions, net.skeleton, GROUPS[0]) for cell, predictions in found.items()}
        picture = pooling_ablation_figure.draw(points, measure_accuracy(single, net.skeleton, GROUPS[0]))
        pictures.save_png(arguments.figure, picture)
    if arguments.weights_figure:
        pictures.save_png(arguments.weights_figure, draw_weights(cells, arguments, net.skeleton))


def draw_weights(cells: Cells, arguments: argparse.Namespace, skeleton: Skeleton) -> np.ndarray:
    """Draws the parametric weights of the largest window with the main flow; returns uint8 [H, W, 3]."""
    flow = pooling_ablation_figure.choose_main_flow(arguments.flows)
    n = arguments.windows[-1]
    return draw_pooling_weights(
        cells.read_weights(flow, "parametric", n),
        skeleton.joints,
        np.arange(-n, n + 1),
        measures.joint_groups(skeleton),
        title="Weights that parametric pooling has learned",
        note=f"frozen single-frame net, {describe_cell((flow, 'parametric', n))}, fitted on {arguments.clips} clips",
    )


if __name__ == "__main__":
    main()
