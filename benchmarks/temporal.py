"""All temporal kinds around one frozen source of heatmaps, with fair baselines: `python -m benchmarks.temporal
--net=<run>|upper_body|<MoveNet's folder> --data=<source> [--clips=<file>] [--fit_clips=<file>] [--most_fit_clips=<n>]
[--every=<n>] [--flows=none,shift,dis_fast,in_graph,joints] [--kinds=sum,parametric,…] [--windows=5] [--strides=1]
[--folds=5] [--fit_steps=200] [--work_dir=<folder>] [--quick] [--json=<file>]`.

Whether neighbouring frames help is easily overrated: by flow that a plain shift of the body would replace, by pooling
that a median of three positions would equal, or by a pooling that was fitted on the people whom it is scored on. So
each figure here stands beside these baselines, on the same frames, with the same net:

- the single frame; the median of three frames' positions; a robust parabola through 11 frames' positions; if poolings
  are fitted, the single frame moved by the median offset of labels from peaks on the clips to fit on, since a fitted
  pooling learns that offset too;
- every kind without flow ("none"), and with all maps moved by the body's median motion ("shift");
- every flow that is asked for; and each joint's annotated motion ("joints"), which no flow can beat. It needs labels in
  the neighbouring frames, and a frame without them counts as not seen.

Kinds that learn are fitted on clips of other groups (films, people): on --fit_clips less the groups that are scored, or
else by cross-validation over groups. Accuracy: joints within 5 % of the frame's longer side, and within 0.2 torso
(shoulder to opposite hip, the median of the clip) if the data labels it; differences from the single frame with 95 %
intervals over groups.

A net that was trained on the clips to fit on knows their frames by heart: poolings learn there to ignore neighbours.
`--work_dir` keeps maps, flows and predictions, so that a command that was stopped can continue.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.pooling import fit_pooling, temporal_data, warped_windows
from benchmarks.pooling.nets import open_any_net
from benchmarks.pooling.temporal_cells import SINGLE, Cell, TemporalCells, list_cells
from keras_pose.evaluation import bootstrap, measures, reference_lengths
from keras_pose.evaluation.predictions import ClipPredictions, landmark_names
from keras_pose.pooling.kinds import KINDS
from keras_pose.pooling.names import POOLINGS
from keras_pose.skeleton import Skeleton

FRAME = ("frame", 0.05)  # PCK's reference and fraction
TORSO = ("torso:clip_median", 0.2)
DEFAULTS = {"flows": "none,shift,dis_fast,dis_medium,in_graph,joints", "windows": "5,10", "strides": "1"}
QUICK = {"flows": "none,shift", "windows": "2", "strides": "1"}
QUICK_STEPS = 10
_WORD = {"frame": "5 % of the frame", "torso:clip_median": "0.2 torso"}


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `flows`, `kinds`, `windows` and `strides` become lists."""
    parser = harness.make_parser("Temporal kinds, windows and flows around one frozen net, with fair baselines.")
    parser.add_argument("--net", required=True, help="Run, net that comes with the package, or MoveNet's folder.")
    parser.add_argument("--data", required=True, help="Labelled videos, as for train.py.")
    parser.add_argument("--clips", default="", metavar="FILE", help="File of clips to score. Default: all.")
    parser.add_argument(
        "--fit_clips", default="", metavar="FILE", help="File of clips to fit on. Default: those of other groups."
    )
    parser.add_argument("--most_fit_clips", type=int, default=0, help="Most clips of --fit_clips; 0: all.")
    parser.add_argument("--every", type=int, default=1, help="Use every so many labelled frames of a clip. Default: 1.")
    for name in ("flows", "windows", "strides"):
        parser.add_argument(f"--{name}", help=f"Separated by commas. Default: {DEFAULTS[name]} (quick: {QUICK[name]}).")
    kinds = ",".join(name for name in POOLINGS if name != "none")
    parser.add_argument("--kinds", default=kinds, help=f"Kinds of pooling, separated by commas. Default: {kinds}.")
    parser.add_argument("--folds", type=int, default=5, help="Folds over groups without --fit_clips. Default: 5.")
    parser.add_argument(
        "--fit_steps",
        type=int,
        help=f"Steps of each fit; 0: none, kinds that learn stay as they begin. Default: {fit_pooling.STEPS}.",
    )
    parser.add_argument("--work_dir", default="runs/temporal", help="Folder to work in. Default: runs/temporal.")
    arguments = parser.parse_args(argv)
    for name, value in (QUICK if arguments.quick else DEFAULTS).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    if arguments.fit_steps is None:
        arguments.fit_steps = QUICK_STEPS if arguments.quick else fit_pooling.STEPS
    _split_lists(parser, arguments)
    return arguments


def _split_lists(parser, arguments):
    for name, choices in (("flows", warped_windows.FLOWS), ("kinds", POOLINGS)):
        values = list(dict.fromkeys(getattr(arguments, name).split(",")))
        unknown = [value for value in values if value not in choices]
        if unknown:
            parser.error(f"--{name}: expected some of {', '.join(choices)}, received {unknown[0]!r}")
        setattr(arguments, name, values)
    for name in ("windows", "strides"):
        try:
            values = sorted({int(part) for part in getattr(arguments, name).split(",")})
        except ValueError:
            values = [0]
        if values[0] < 1:
            parser.error(f"--{name}: expected whole numbers above 0, received {getattr(arguments, name)!r}")
        setattr(arguments, name, values)
    if arguments.every < 1 or arguments.fit_steps < 0:
        parser.error(
            f"--every, --fit_steps: expected at least 1 and 0, received {arguments.every}, {arguments.fit_steps}"
        )


def describe_cell(cell: Cell | str) -> str:
    """Returns a cell or a baseline in words."""
    if isinstance(cell, str):
        return cell
    motion = {"none": "no flow", "shift": "body's shift", "joints": "true motion"}.get(cell.flow, cell.flow)
    stride = f", every {cell.stride} frames" if cell.stride > 1 else ""
    return f"{cell.kind}, {motion}, n = {cell.neighbours}{stride}"


def find_references(found: Sequence[ClipPredictions], skeleton: Skeleton) -> list[tuple[str, float]]:
    """Returns PCK's references and fractions that the data has labels for."""
    try:
        reference_lengths.resolve(TORSO[0], skeleton, landmark_names(found))
    except ValueError:
        return [FRAME]
    return [FRAME, TORSO]


def make_rows(found: Mapping[Cell | str, Sequence[ClipPredictions]], skeleton: Skeleton) -> list[Row]:
    """Returns the rows of all cells: the accuracy of the single frame, and the others' differences from it in points.

    Args:
      found: predictions by cell or baseline; those of `SINGLE` are among them.
      skeleton: of all.
    """
    single = found[SINGLE]
    groups = [None, *(name for name in measures.joint_groups(skeleton))]
    rows = []
    for reference, fraction in find_references(single, skeleton):
        for group in groups:
            what = f"{'all joints' if group is None else group}, {_WORD[reference]}"
            for cell, predicted in found.items():
                of = bootstrap.paired_difference(predicted, single, f"pck/{fraction:g}", skeleton, group, reference)
                if of["a"] is None:
                    continue
                if cell == SINGLE:
                    rows.append(Row(f"{what}: {SINGLE}", of["a"], "fraction"))
                else:
                    low, high = (100 * end for end in of["interval"])
                    rows.append(Row(f"{what}: {describe_cell(cell)}", 100 * of["difference"], "points", low, high))
    return rows


def format_markdown(rows: Sequence[Row]) -> str:
    """Returns the rows as a table of Markdown: a line for each cell, a column for each group and measure."""
    table: dict[str, dict[str, str]] = {}
    columns = list(dict.fromkeys(row.what.partition(": ")[0] for row in rows))
    for row in rows:
        column, _, cell = row.what.partition(": ")
        text = f"{row.value:.3f}" if row.low is None else f"{row.value:+.1f} ({row.low:.1f} to {row.high:.1f})"
        table.setdefault(cell, {})[column] = text.replace("-", "−")
    lines = [f"| | {' | '.join(columns)} |", "|" + "---|" * (len(columns) + 1)]
    lines += [f"| {cell} | {' | '.join(of.get(column, '') for column in columns)} |" for cell, of in table.items()]
    return "\n".join(lines)


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Runs the benchmark; returns its rows."""
    net = open_any_net(arguments.net)
    data = temporal_data.open_data(
        arguments.data, net.skeleton, arguments.clips, arguments.fit_clips, arguments.every, arguments.most_fit_clips
    )
    groups = len({clip.group for clip in data.scored})
    frames = sum(clip.num_labelled for clip in data.scored)
    print(f"{frames} frames of {len(data.scored)} clips and {groups} groups; fitted on {len(data.fitted) or 'folds'}")
    cells = TemporalCells(
        arguments.work_dir, net, data, max(arguments.windows), arguments.strides, arguments.folds, arguments.fit_steps
    )
    found: dict[Cell | str, Sequence[ClipPredictions]] = {}
    for name, predicted in cells.predict_baselines().items():
        found[name] = predicted
    if arguments.fit_steps and any(KINDS[kind].learns for kind in arguments.kinds):
        for name, predicted in cells.predict_offset().items():
            found[name] = predicted
    asked = list_cells(arguments.flows, arguments.kinds, arguments.windows, arguments.strides)
    for cell, predicted in cells.predict(asked).items():
        found[cell] = predicted
    return make_rows(found, data.skeleton)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    rows = measure(arguments)
    harness.report("temporal", rows, arguments)
    print(format_markdown(rows))


if __name__ == "__main__":
    main()
