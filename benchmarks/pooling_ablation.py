"""Poolings of neighbouring frames against one frame: `python -m benchmarks.pooling_ablation --net=<run>
[--clips=200] [--test_clips=150] [--windows=1,2,5,10,14] [--flows=none,dis_medium,variational,in_graph,true,joints]
[--poolings=sum,max,parametric,data_dependent] [--trained=<run>,…] [--figure=<png>] [--weights_figure=<png>]
[--work_dir=runs/pooling_ablation] [--quick] [--json=<file>]`.

Pfister et al. 2015 (Flowing ConvNets) warp the heatmaps of n neighbours on each side to the current frame and pool
them. Here the single-frame net of `--net` is frozen, as in the first phase of a training, and everything around it
varies: the kind of pooling, n, and the flow: none at all, estimated, or known from the generator. Its own flow ("true")
has no errors, but leaves the rim of a peak behind where that lies on the background; "joints" moves each joint's map as
the joint moves, the best that any flow could do. Poolings with weights are fitted on windows of signers:train, of
signers that the net has seen in training, too, though in other movements. All are scored on the same frames of
signers:test, which nothing was trained or chosen on: wrists and elbows within 5 % of the frame's side, with 95 %
bootstrap intervals over clips, of each accuracy and of its paired difference to the single frame. `--trained` adds runs
that were trained as a whole.

`--work_dir` keeps maps, flows (about 1 GB of them by default) and what each pooling predicted: a benchmark that was
stopped goes on there. To measure changed code, delete it.
"""

from __future__ import annotations

import numpy as np

from benchmarks.common import harness
from benchmarks.pooling import ablation_figure, pooled_maps
from benchmarks.pooling.ablation_cells import Cells
from benchmarks.pooling.nets import open_net, score_runs
from keras_pose.evaluation import bootstrap, measures
from keras_pose.pooling.names import POOLINGS
from keras_pose.viz import pictures
from keras_pose.viz.pooling_weights import draw_pooling_weights

METRIC, FRACTION = "pck/0.05", 0.05  # of the frame's longer side
GROUPS = ("wrist", "elbow")
SINGLE = "none"  # the pooling that is the single-frame net
TARGET_CELL = ("dis_medium", "parametric", 5)
TARGETS = (">= 0.03", "low > 0")  # of the wrists' difference to the single frame
FULL = {
    "clips": 200,
    "test_clips": 150,
    "windows": "1,2,5,10,14",
    "flows": "none,dis_medium,variational,in_graph,true,joints",
}
QUICK = {"clips": 12, "test_clips": 6, "windows": "1,2", "flows": "none,dis_medium,true"}


def parse_arguments(argv=None):
    """Reads the command line; `windows`, `flows`, `poolings` and `trained` are lists."""
    parser = harness.make_parser("Kinds of pooling, windows and flow around one frozen net.")
    parser.add_argument("--net", metavar="RUN", required=True, help="run directory of a single-frame heatmap net")
    for name, value in FULL.items():
        text = f"default {value} (quick: {QUICK[name]})"
        parser.add_argument(f"--{name}", type=type(value), help=text)
    parser.add_argument("--poolings", default=",".join(POOLINGS), help="default: all")
    parser.add_argument("--trained", metavar="RUNS", default="", help="trained runs to be scored beside")
    parser.add_argument("--figure", metavar="FILE", help="draw the wrists' accuracy over n to this PNG")
    parser.add_argument("--weights_figure", metavar="FILE", help="draw the weights at the largest n to this PNG")
    parser.add_argument("--work_dir", metavar="DIR", help="default runs/pooling_ablation (quick: …-quick)")
    arguments = parser.parse_args(argv)
    for name, value in (QUICK if arguments.quick else FULL).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    arguments.work_dir = arguments.work_dir or "runs/pooling_ablation" + ("-quick" if arguments.quick else "")
    _split_lists(parser, arguments)
    return arguments


def _split_lists(parser, arguments):
    known = {"flows": pooled_maps.KINDS_OF_FLOW, "poolings": POOLINGS}
    for name, choices in known.items():
        values = list(dict.fromkeys(getattr(arguments, name).split(",")))
        unknown = [value for value in values if value not in choices]
        if unknown:
            parser.error(f"--{name}: expected some of {', '.join(choices)}, received {unknown[0]!r}")
        setattr(arguments, name, values)
    try:
        arguments.windows = sorted({int(part) for part in arguments.windows.split(",")})
    except ValueError:
        parser.error(f"--windows: expected whole numbers with commas between, received {arguments.windows!r}")
    if arguments.windows[0] < 1:
        parser.error(f"--windows: expected neighbours of at least 1 on each side, received {arguments.windows[0]}")
    if min(arguments.clips, arguments.test_clips) < 2:
        parser.error("--clips, --test_clips: expected at least 2 clips of each")
    arguments.trained = [path for path in arguments.trained.split(",") if path]


def accuracy(predictions, skeleton, group):
    """Returns the accuracy of a group of joints and [low, high], its interval over clips."""
    joints = measures.joint_groups(skeleton)[group]
    found = measures.build_measures(predictions, skeleton, pck_reference="frame", pck_fractions=(FRACTION,))
    sums, counts = found.weighted(np.ones((1, found.num_units)))
    value = measures.group_means(sums, counts, joints)[0, found.keys.index(METRIC)]
    limits = bootstrap.intervals(found, {group: joints})["groups"][group]
    return float(value), limits["pck"][f"{FRACTION:g}"]


def describe(cell) -> str:
    """Returns a cell (flow, pooling, n) in words."""
    flow, pooling, n = cell
    return f"{pooling}, n = {n}, {ablation_figure.describe_flow(flow)}"


def make_rows(single, cells, trained, skeleton, targets=True) -> list:
    """Returns the accuracy of each cell and its difference to the single frame.

    Args:
      single: predictions of the single-frame net.
      cells: dict (flow, pooling, n) -> predictions.
      trained: dict name of run -> predictions.
      skeleton: `Skeleton`.
      targets: whether the difference of `TARGET_CELL` is to meet `TARGETS`.
    """
    rows = []
    for group in GROUPS:
        rows.append(_accuracy_row(f"single frame: {group}s", single, skeleton, group))
        for cell, predictions in cells.items():
            aimed = TARGETS if targets and group == GROUPS[0] and cell == TARGET_CELL else (None,)
            rows += _compare(describe(cell), predictions, single, skeleton, group, aimed)
        for name, predictions in trained.items():
            rows += _compare(f"trained: {name}", predictions, single, skeleton, group, (None,))
    return rows


def _compare(name, predictions, single, skeleton, group, targets):
    paired = bootstrap.paired_difference(predictions, single, METRIC, skeleton, group)
    what = f"{name}: {group}s − single frame"
    differences = [harness.Row(what, paired["difference"], "fraction", *paired["interval"], aim) for aim in targets]
    return [_accuracy_row(f"{name}: {group}s", predictions, skeleton, group), *differences]


def _accuracy_row(what, predictions, skeleton, group):
    value, (low, high) = accuracy(predictions, skeleton, group)
    return harness.Row(what, value, "fraction", low, high)


def main(argv=None):
    arguments = parse_arguments(argv)
    net = open_net(arguments.net)
    cells = Cells(arguments.work_dir, net, arguments.clips, arguments.test_clips, arguments.windows[-1])
    learned = [pooling for pooling in arguments.poolings if pooling != SINGLE]
    single = cells.predict_single()
    trained = score_runs(arguments.trained, cells.test_clips, net.skeleton)
    found = cells.predict_all(arguments.flows, learned, arguments.windows)
    rows = make_rows(single, found, trained, net.skeleton, targets=not arguments.quick)
    harness.report("pooling_ablation", rows, arguments)
    if arguments.figure:
        points = {cell: accuracy(predictions, net.skeleton, GROUPS[0]) for cell, predictions in found.items()}
        picture = ablation_figure.draw(points, accuracy(single, net.skeleton, GROUPS[0]))
        pictures.save_png(arguments.figure, picture)
    if arguments.weights_figure:
        pictures.save_png(arguments.weights_figure, draw_weights(cells, arguments, net.skeleton))


def draw_weights(cells, arguments, skeleton):
    """Draws the parametric weights of the largest window with the main flow."""
    flow, n = ablation_figure.main_flow(arguments.flows), arguments.windows[-1]
    return draw_pooling_weights(
        cells.weights(flow, "parametric", n),
        skeleton.joints,
        np.arange(-n, n + 1),
        measures.joint_groups(skeleton),
        title="Weights that parametric pooling has learned",
        note=f"frozen single-frame net, {describe((flow, 'parametric', n))}, fitted on {arguments.clips} clips",
    )


if __name__ == "__main__":
    main()
