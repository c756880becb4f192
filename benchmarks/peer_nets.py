"""Other tools for poses on the same frames, with the same CPU time: `python -m benchmarks.peer_nets --lips=<folder>
[--sleap_python=<file>] [--dlc_python=<file>] [--lightning_python=<file>] [--minutes=8] [--long_run=<run>]
[--nets=lite,sleap_small,…] [--threads=1] [--out=runs/peers] [--quick] [--json=<file>]`.

sleap-nn, DeepLabCut 3 and Lightning Pose, each by the interpreter in which it is installed (docs/peers.md says how),
and nets of this project's pipeline: `lite`, and SimpleBaseline and a stacked hourglass as designs. All are trained from
random weights on the frames that `lite` trains on, each in a process of its own, for `--minutes` of CPU time; the clips
of test_clips.txt are held out. Their predictions of the test frames are read back and scored alike, and the time from
a decoded frame to joints is measured in turn. A net that knows only the mean of the training labels stands beside them.

`--long_run` adds a finished run of `train.py` on the same split that was trained for longer. A tool without an
interpreter is left out. Finished trainings and predictions are not repeated; the times are measured each time, so start
the command once more when the machine is quiet. Writes `peers.png` to the folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread
from benchmarks.figures import peers_figure
from benchmarks.figures.peers_figure import Entry
from benchmarks.peers import data_files, scores
from benchmarks.peers.processes import Entrant, Runner
from keras_pose.data import selection
from keras_pose.data.selection import DataSplit
from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.viz import pictures

OURS = "lite"
TFLITE = "lite in TensorFlow Lite"  # the same weights, run by another engine
MEAN = "mean of the labels"
NETS = (OURS, "simple_baseline", "hourglass")  # of `benchmarks.peers.run_keras`
LONG = "lite, trained longer"
SMALL_SLEAP = "sleap-nn, small"
# What sleap-nn recommends for the lips is large (whole frames, maps at stride 1), and a few steps use the time; this is
# nearer to the baseline models of SLEAP, on frames of half the size.
_SMALL_UNET = {
    "data_config.preprocessing.scale": 0.5,
    "model_config.backbone_config.unet.filters": 16,
    "model_config.backbone_config.unet.filters_rate": 2.0,
    "model_config.backbone_config.unet.max_stride": 16,
    "model_config.backbone_config.unet.output_stride": 2,
    "model_config.head_configs.single_instance.confmaps.output_stride": 2,
    "model_config.head_configs.single_instance.confmaps.sigma": 2.5,
}
TOOLS = {"sleap": "sleap-nn", "dlc": "DeepLabCut", "lightning": "Lightning Pose"}  # by the flag of their interpreter
# {name in --nets: (tool, name in tables, driver, what its job changes)}
_OF_TOOLS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "sleap": ("sleap", "sleap-nn", "run_sleap_nn", {}),
    "sleap_small": ("sleap", SMALL_SLEAP, "run_sleap_nn", {"changes": _SMALL_UNET}),
    "dlc": ("dlc", "DeepLabCut", "run_deeplabcut", {}),
    "lightning": ("lightning", "Lightning Pose", "run_lightning_pose", {}),
}
ALL_NETS = (*NETS, *_OF_TOOLS)
_OF_OURS = (OURS, TFLITE, LONG)
BATCHES = (1, 16)
# configs/lips.flags, without its steps.
_FLAGS = {
    "input_size": "160,224",
    "sigma_px": 1.8,
    "batch_size": 16,
    "aug_scale": 0.3,
    "aug_stretch": 0.2,
    "aug_color": 1.0,
    "aug_occlusion": 0.3,
}


def find_entrants(arguments: argparse.Namespace) -> tuple[list[Entrant], list[str]]:
    """Returns the nets to compare, and a line about each tool that is left out."""
    data = {"data": os.path.abspath(arguments.lips), "test_clips": os.path.abspath(arguments.test_clips)}
    flags = {**_FLAGS, **data}
    entrants = [Entrant(MEAN, sys.executable, "run_mean_pose")]
    wanted = [*filter(None, arguments.nets.split(","))]
    for net in wanted:
        if net in NETS:
            entrants.append(Entrant(net, sys.executable, "run_keras", {"net": net, "flags": flags}))
    runs = {LONG: arguments.long_run}
    if OURS in wanted:
        runs[TFLITE] = os.path.join(arguments.out, OURS, "run")
    for name, run_dir in runs.items():
        if run_dir:
            job = {"net": OURS, "engine": "tflite" if name == TFLITE else "tensorflow"}
            entrants.append(Entrant(name, sys.executable, "run_keras", job, os.path.abspath(run_dir)))
    left_out = []
    for net, (tool, name, driver, changes) in _OF_TOOLS.items():
        python = getattr(arguments, f"{tool}_python")
        if net in wanted and python:
            entrants.append(Entrant(name, python, driver, changes))
        elif net in wanted:
            left_out.append(f"{name}: left out, no --{tool}_python")
    return entrants, left_out


def open_split(arguments: argparse.Namespace) -> tuple[DataSplit, Skeleton]:
    """Opens the project and splits it as `train.py` does with the same flags."""
    config = TrainConfig.from_flags(run_dir="unused", data=arguments.lips, test_clips=arguments.test_clips, **_FLAGS)
    source = selection.open_data(config.data.source, config.data)
    return selection.split_data(source, config.data), source.skeleton


def score_all(
    runner: Runner, entrants: Sequence[Entrant], split: DataSplit, skeleton: Skeleton, minutes: float
) -> tuple[dict[str, list[ClipPredictions]], list[Row], list[str]]:
    """Trains and predicts; returns predictions by name, rows about the trainings, and the failures."""
    found = {}
    rows = []
    failures = []
    for entrant in entrants:
        try:
            if not entrant.run_dir:
                print(f"{entrant.name}: training for {minutes:g} CPU min, or reading it", flush=True)
                result = runner.train(entrant, minutes)
                rows.append(Row(f"{entrant.name}: CPU time of the training", result["cpu_seconds"] / 60, "min"))
            found[entrant.name] = scores.read_predictions(runner.predict(entrant, "test"), split.test, skeleton)
        except ValueError as error:  # also a table that cannot be scored
            failures.append(str(error))
            print(error, flush=True)
    return found, rows, failures


def rows_of_errors(predictions: dict[str, list[ClipPredictions]], skeleton: Skeleton) -> list[Row]:
    """Returns the mean error of each net, and its difference to `lite` on the same frames."""
    rows = []
    for name, clips in predictions.items():
        value, low, high = scores.score(clips, skeleton)
        rows.append(Row(f"{name}: mean error", value, "px of the frame", low, high))
    for name, clips in predictions.items():
        if OURS in predictions and name not in (*_OF_OURS, MEAN):
            difference = bootstrap.paired_difference(clips, predictions[OURS], scores.METRIC, skeleton)
            low, high = difference["interval"]
            rows.append(Row(f"{name}: error - that of lite", difference["difference"], "px", low, high, "> 0"))
    return rows


def rows_of_times(times: dict[str, dict[int, np.ndarray]]) -> list[Row]:
    """Returns the time for a frame of each net at each batch."""
    return [
        Spread.from_samples(samples).to_row(f"{name}: a frame, batch {batch}", "ms")
        for name, of in times.items()
        for batch, samples in of.items()
    ]


def make_entries(
    predictions: dict[str, list[ClipPredictions]], times: dict[str, dict[int, np.ndarray]], skeleton: Skeleton
) -> list[Entry]:
    """Returns the nets that have both an error and a time at batch 1."""
    entries = []
    for name, clips in predictions.items():
        if name in times and name != MEAN:
            error = scores.score(clips, skeleton)
            entries.append(Entry(name, float(np.median(times[name][1])), *error, ours=name in _OF_OURS))
    return entries


def measure(arguments: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Runs the benchmark; returns the rows and the failures."""
    split, skeleton = open_split(arguments)
    data = os.path.join(arguments.out, "data")
    data_files.write(data, split, skeleton)
    entrants, left_out = find_entrants(arguments)
    print("\n".join(left_out), flush=True)
    runner = Runner(arguments.out, data, arguments.threads)
    predictions, rows, failures = score_all(runner, entrants, split, skeleton, arguments.minutes)
    minutes = [row.value for row in rows if not row.what.startswith(MEAN)]
    rows += rows_of_errors(predictions, skeleton)
    if arguments.repeats:
        timed = [entrant for entrant in entrants if entrant.name in predictions]
        times = runner.time_in_turn(timed, BATCHES, arguments.repeats)
        rows += rows_of_times(times)
        entries = make_entries(predictions, times, skeleton)
        nothing = scores.score(predictions[MEAN], skeleton)[0] if MEAN in predictions else None
        rows += draw_frontier(entries, nothing, describe(split, minutes), arguments.out)
    return rows, failures


def describe(split: DataSplit, minutes: Sequence[float]) -> str:
    """Returns what was scored, and how long the nets were trained: `31 held-out frames, …`.

    Args:
      split: what was predicted.
      minutes: CPU time of each training.
    """
    frames = sum(clip.num_labelled for clip in split.test)
    ends = dict.fromkeys([round(min(minutes, default=0)), round(max(minutes, default=0))])  # one if they are equal
    return f"{frames} held-out frames, 95 % intervals; {' to '.join(map(str, ends))} min of CPU, from random weights"


def draw_frontier(entries: Sequence[Entry], nothing: float | None, note: str, out: str) -> list[Row]:
    """Draws the plot; returns a row about who is on the frontier, none if there is nothing to draw.

    Args:
      entries: the nets.
      nothing: mean error of a net that learnt nothing, in px; None: unknown.
      note: what was scored, and how the nets were trained.
      out: folder of the picture.
    """
    if not entries:
        return []
    frontier = [entry.name for entry in peers_figure.find_frontier(entries)]
    print("on the frontier:", ", ".join(frontier))
    figure = peers_figure.draw(entries, "Points of the lips: error and time", note, learnt_nothing=nothing)
    pictures.save_png(os.path.join(out, "peers.png"), figure)
    on_it = sum(name in _OF_OURS for name in frontier)
    return [Row("nets of ours on the frontier", on_it, "nets", target=">= 1")]


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Other tools for poses on the same frames, with the same CPU time.")
    parser.add_argument("--lips", required=True, metavar="FOLDER", help="DeepLabCut project of the lips.")
    parser.add_argument("--test_clips", default="", metavar="FILE", help="Clips to hold out. Default: test_clips.txt.")
    for flag, name in TOOLS.items():
        parser.add_argument(
            f"--{flag}_python", default="", metavar="FILE", help=f"Python with {name}; empty: leave it out."
        )
    parser.add_argument("--nets", default=",".join(ALL_NETS), help=f"Nets to compare, of {', '.join(ALL_NETS)}.")
    parser.add_argument("--long_run", default="", metavar="FOLDER", help="A longer run of lite, to be shown as well.")
    parser.add_argument("--minutes", type=float, help="CPU minutes of each training. Default: 8 (quick: 0.2).")
    parser.add_argument("--threads", type=int, default=1, help="Threads of each net; more make a frame faster or not.")
    parser.add_argument("--repeats", type=int, help="Timed turns of each net; 0: none. Default: 15 (quick: 2).")
    parser.add_argument("--out", default="runs/peers", help="Folder of data, trainings and the picture.")
    arguments = parser.parse_args(argv)
    unknown = [net for net in arguments.nets.split(",") if net and net not in ALL_NETS]
    if unknown:
        parser.error(f"--nets: expected some of {', '.join(ALL_NETS)}, received {unknown[0]!r}")
    arguments.test_clips = arguments.test_clips or os.path.join(arguments.lips, "test_clips.txt")
    arguments.minutes = arguments.minutes or (0.2 if arguments.quick else 8.0)
    arguments.repeats = (2 if arguments.quick else 15) if arguments.repeats is None else arguments.repeats
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command; exits with 1 if a net failed."""
    arguments = parse_arguments(argv)
    rows, failures = measure(arguments)
    harness.report("peer_nets", rows, arguments)
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    main()
