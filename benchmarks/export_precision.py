"""Accuracy, size and speed of every kind of export: `python -m benchmarks.export_precision [--run_dir=runs/quickstart]
[--video_run=runs/flowing_b] [--quick] [--json=<file>]`.

A run is exported in every precision, to every kind of TensorFlow Lite file and to ONNX, into a temporary folder. All
predict the same test frames, which the run was never trained on. The rows give the accuracy (joints within 5 % of the
frame's longer side) and the difference from the float32 SavedModel, paired, with its interval over clips. Clips of a
flowing run go through `predict_clip` and are compared with `inference.window_predictor`, which uses the flow that the
run was trained with.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from benchmarks.export import exported_nets
from benchmarks.export.exported_nets import ExportedNet
from keras_pose.data.clip import Clip
from keras_pose.evaluation import bootstrap, chosen_clips, scoring
from keras_pose.evaluation.config import EvaluateConfig
from keras_pose.evaluation.measures import joint_groups
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference import loading
from keras_pose.runs import run_directory
from keras_pose.skeleton import Skeleton

METRIC = "pck/0.05"  # of the frame's longer side
TARGET = "<= 0.5"  # points
VIDEO_RUN = "runs/flowing_b"
REFERENCE = "SavedModel, float32"
WINDOWS = "windows in memory"


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line. A run that does not exist is an error, except the default of --video_run."""
    parser = harness.make_parser("Accuracy, size and speed of exports in 32, 16 and 8 bits.")
    parser.add_argument("--run_dir", default="runs/quickstart", help="Run whose frames are predicted one by one.")
    parser.add_argument(
        "--video_run", help=f"Flowing run whose clips are predicted; empty: none. Default: {VIDEO_RUN} if it exists."
    )
    arguments = parser.parse_args(argv)
    if arguments.video_run is None:
        arguments.video_run = VIDEO_RUN if _is_run(VIDEO_RUN) else ""
        if not arguments.video_run:
            print(f"--video_run: {VIDEO_RUN} does not exist, so clips are skipped")
    for name in ("run_dir", "video_run"):
        path = getattr(arguments, name)
        if path and not _is_run(path):
            parser.error(f"--{name}: expected the folder of a run, received {path!r}")
    return arguments


def accuracy_rows(predictions: Mapping[str, Sequence[ClipPredictions]], skeleton: Skeleton) -> list[Row]:
    """Returns rows of accuracy and of differences to the first.

    Args:
      predictions: by name, all of the same frames.
      skeleton: their `Skeleton`.
    """
    reference, *others = predictions
    rows = []
    for name in predictions:
        differences = []
        for group in joint_groups(skeleton):
            paired = bootstrap.paired_difference(
                predictions[name], predictions[reference], METRIC, skeleton, group=group
            )
            rows.append(Row(f"{name}: {group} within 5 %", paired["a"], "fraction"))
            if name in others:
                differences.append(100 * paired["difference"])
                low, high = (100 * end for end in paired["interval"])
                rows.append(Row(f"{name} − {reference}: {group}", differences[-1], "points", low, high))
        if name in others:
            largest = np.abs(differences).max()
            rows.append(Row(f"{name}: largest difference of a kind of joint", largest, "points", target=TARGET))
    return rows


def cost_rows(exported: Mapping[str, ExportedNet], frame: np.ndarray, repeats: int) -> list[Row]:
    """Returns rows of the size of files and of the time for one image; the exports take turns.

    Args:
      exported: exports by name.
      frame: uint8 [1, H, W, 3].
      repeats: turns of each.
    """
    functions = {name: lambda export=export: export.predict(frame) for name, export in exported.items()}
    timings = time_in_turn(functions, repeats, calls=5)
    sizes = {name: export.megabytes for name, export in exported.items() if export.megabytes is not None}
    rows = [Row(f"{name}: files", megabytes, "MB") for name, megabytes in sizes.items()]
    rows += [timings[name].to_row(f"{name}: one image", "ms", scale=1e3) for name in exported]
    others = [name for name in exported if name != REFERENCE]
    rows += [timings.ratio(name, REFERENCE).to_row(f"{name}: time relative to {REFERENCE}", "x") for name in others]
    return rows


def frame_rows(run_dir: str, folder: str, quick: bool) -> list[Row]:
    """Returns rows of a run whose frames are predicted one by one."""
    precisions = ("float32", "bfloat16") if quick else ("float32", "float16", "bfloat16")
    lite_kinds = ("int8",) if quick else ("float32", "float16", "int8")
    exported = exported_nets.export_all(run_dir, folder, precisions, lite_kinds, with_onnx=not quick)
    clips, skeleton = choose_clips(run_dir, quick)
    predictions = {name: scoring.predict_clips(export, clips) for name, export in exported.items()}
    frame = clips[0].read_window(0)
    return accuracy_rows(predictions, skeleton) + cost_rows(exported, frame, 3 if quick else 30)


def clip_rows(run_dir: str, folder: str, quick: bool) -> list[Row]:
    """Returns rows of the clips of a flowing run."""
    clips, skeleton = choose_clips(run_dir, quick)
    predictions = {WINDOWS: scoring.predict_clips(loading.load_predictor(run_dir), clips)}
    precisions = ("float32",) if quick else ("float32", "float16", "bfloat16")
    for precision, path in exported_nets.export_saved_models(run_dir, folder, precisions).items():
        export = exported_nets.open_clip_model(path)
        predictions[f"predict_clip, {precision}"] = scoring.predict_clips(export, clips)
    return accuracy_rows(predictions, skeleton)


def choose_clips(run_dir: str, quick: bool) -> tuple[list[Clip], Skeleton]:
    """Returns the labelled clips that a run kept out of training, and their `Skeleton`."""
    _, _, clips = chosen_clips.choose_clips(run_dir, EvaluateConfig(run_dir=run_dir))
    return list(clips[:3] if quick else clips), run_directory.open_run(run_dir)[2]


def _is_run(path):
    return os.path.isfile(run_directory.RunDirectory(path).flags)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    with tempfile.TemporaryDirectory() as folder:
        rows = frame_rows(arguments.run_dir, os.path.join(folder, "frames"), arguments.quick)
        if arguments.video_run:
            rows += clip_rows(arguments.video_run, os.path.join(folder, "clips"), arguments.quick)
    harness.report("export_precision", rows, arguments)


if __name__ == "__main__":
    main()
