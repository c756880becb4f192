"""The authors' own predictions under this project's metrics: `python -m benchmarks.authors_predictions`.

Two files of qxcv/joint-regressor (Apache-2.0) hold the predictions of the Flowing ConvNets on Poses in the Wild (830
frames, 32 sequences) and on MPII Cooking (1071 frames, 15 sequences), with the truth. Visible joints count; left and
right are averaged. Spreads are bootstrap intervals over sequences. The figures of Poses in the Wild are known from the
files, and are targets here: a metric that reads them must give these.

The predictions on MPII Cooking lie to the right of the file's truth on all joints, so accuracies are also given after
this median displacement was taken off. They say how well the poses fit, and are not figures of the paper.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.published_predictions import SKELETON, read_predictions
from benchmarks.common.rows import Row
from keras_pose.evaluation.accuracy import score
from keras_pose.evaluation.predictions import ClipPredictions

FILES = {"Poses in the Wild": "flow-convnets-piw.mat", "MPII Cooking": "flow-convnets-mpii.mat"}
DISTANCES_PX = (10, 20, 30, 40)
KNOWN = {
    ("Poses in the Wild", "wrist"): (36.3, 64.0, 70.4, 74.5),
    ("Poses in the Wild", "elbow"): (33.4, 65.4, 73.9, 81.0),
}
_ROUNDING = 0.05  # the known figures have one decimal


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command.

    Args:
      argv: arguments; by default the command line.
    """
    arguments = _parse(argv)
    rows: list[Row] = []
    for name, file in FILES.items():
        rows += score_file(name, os.path.join(arguments.predictions, file), 1000 if arguments.quick else 5000)
    harness.report("authors_predictions", rows, arguments)


def score_file(name: str, path: str, resamples: int) -> list[Row]:
    """Returns rows of one file.

    Args:
      name: name of its data, a key of `FILES`.
      path: the file.
      resamples: number of bootstrap resamples.

    Raises:
      ValueError: if the file cannot be read.
    """
    clips = read_predictions(path)
    rows = _accuracy_rows(name, clips, resamples)
    shift = np.nanmedian(np.concatenate([(clip.predicted - clip.truth).reshape(-1, 2) for clip in clips]), axis=0)
    rows += [Row(f"{name}: median displacement in {axis}", value, "px") for axis, value in zip("xy", shift)]
    if np.abs(shift).max() > DISTANCES_PX[0]:
        moved = [dataclasses.replace(clip, predicted=clip.predicted - shift) for clip in clips]
        rows += _accuracy_rows(f"{name}, displacement taken off", moved, resamples)
    return rows


def _accuracy_rows(name: str, clips: Sequence[ClipPredictions], resamples: int) -> list[Row]:
    scores = score(clips, SKELETON, "left_shoulder,right_shoulder", DISTANCES_PX, resamples=resamples)
    rows = []
    for group in ("wrist", "elbow", "shoulder"):
        known = KNOWN.get((name, group))
        for place, distance in enumerate(DISTANCES_PX):
            value = 100 * scores["groups"][group]["accuracy_px"][str(distance)]
            interval = scores["confidence_intervals"]["groups"][group]["accuracy_px"][str(distance)]
            low, high = (100 * end for end in interval)
            rows.append(Row(f"{name}: {group}s within {distance} px", value, "%", low, high))
            if known:
                apart = abs(value - known[place])
                rows.append(
                    Row(f"  apart from the known {known[place]:.1f} %", apart, "points", target=f"<= {_ROUNDING}")
                )
    return rows


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = harness.make_parser("The published predictions of the Flowing ConvNets under this project's metrics.")
    parser.add_argument(
        "--predictions",
        default="../shared/data/flowing_convnets_predictions",
        help=f"Folder of {' and '.join(FILES.values())}.",
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
