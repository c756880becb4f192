"""Windows in frames and in seconds at half the frame rate: `python -m benchmarks.frame_rate --run_dir=<run>
[--clips=100] [--window_seconds=0.2] [--quick] [--json=<file>]`.

The maps of a heatmap net are summed along DIS flow, with nothing learned. Each movement is seen twice: as it is, which
counts as 30 frames/s, and with every second frame only, which is 15 frames/s. At half the rate, a window that counts
frames reaches twice as far in time; one that is given in seconds keeps its reach. Rows are the accuracy of the wrists
within 5 % of the frame, and its paired differences, with 95 % bootstrap intervals over clips.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence

import keras

from benchmarks.common import harness
from benchmarks.common.rows import Row
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.importers import signers
from keras_pose.evaluation import bootstrap, scoring
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.flow import estimators
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.models.flowing_net import build_flowing_net
from keras_pose.pooling.config import WindowConfig
from keras_pose.runs import trained
from keras_pose.skeleton import Skeleton

RATE = 30.0
FRAMES = 41  # of a clip
LABELLED = slice(12, 29, 8)  # far enough from the ends for every window; even, so that half of the frames hold them
NEIGHBOURS = 5
METRIC = "pck/0.05"
SINGLE = "single frame"
FULL = "30 frames/s, window of 5 frames on each side"
FIXED = "15 frames/s, window of 5 frames on each side"
SCALED = "15 frames/s, window in seconds"


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Windows in frames and in seconds at half the frame rate.")
    parser.add_argument("--run_dir", required=True, help="Run of a heatmap net for single frames.")
    parser.add_argument("--clips", type=int, default=100, help="Number of synthetic test clips. Default: 100.")
    parser.add_argument("--window_seconds", type=float, default=0.2, help="Reach on each side in s. Default: 0.2.")
    return parser.parse_args(argv)


def halve_rate(clip: Clip) -> Clip:
    """Returns a clip of every second frame of a clip whose labelled frames have even numbers."""
    frames = clip.frames.read(range(0, clip.frames.num_frames or 0, 2))
    return dataclasses.replace(
        clip, frames=ArrayFrames(frames), labelled=clip.labelled // 2, frame_rate=clip.frame_rate / 2
    )


def predict(
    net: keras.Model, skeleton: Skeleton, size_hw: tuple[int, int], clips: Sequence[Clip], seconds: float
) -> dict[str, list[ClipPredictions]]:
    """Returns the predictions of each way to look at the clips, all with the frame numbers of the full rate."""
    slow = [halve_rate(clip) for clip in clips]
    in_frames = WindowConfig(NEIGHBOURS, frame_stride=1)
    in_seconds = WindowConfig(NEIGHBOURS, seconds)
    pooling = build_flowing_net(net, 2 * NEIGHBOURS + 1, size_hw, "sum")
    estimate_flow = estimators.open_estimator(in_frames.flow_estimator(size_hw))
    found = {SINGLE: scoring.predict_clips(Predictor(net, skeleton, size_hw), clips)}
    for name, seen, window in ((FULL, clips, in_frames), (FIXED, slow, in_frames), (SCALED, slow, in_seconds)):
        predictor = WindowPredictor(pooling, skeleton, size_hw, window.offsets, estimate_flow)
        of_clips = scoring.predict_clips(predictor, seen)
        found[name] = [dataclasses.replace(p, frames=clip.labelled) for p, clip in zip(of_clips, clips)]
    return found


def make_rows(found: dict[str, list[ClipPredictions]], skeleton: Skeleton) -> list[Row]:
    """Returns the wrists' accuracy of each way, and the differences that say what the window in seconds is worth."""
    rows = []
    pairs = ((FULL, SINGLE, "> 0"), (FIXED, SINGLE, None), (SCALED, SINGLE, "> 0"), (SCALED, FIXED, "> 0"))
    for name, predictions in found.items():
        value = bootstrap.paired_difference(predictions, found[SINGLE], METRIC, skeleton, "wrist")["a"]
        rows.append(Row(f"{name}: wrists within 5 %", value, ""))
    for name, other, target in pairs:
        paired = bootstrap.paired_difference(found[name], found[other], METRIC, skeleton, "wrist")
        low, high = paired["interval"]
        rows.append(Row(f"{name} − {other}", paired["difference"], "", low, high, target))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    count = 6 if arguments.quick else arguments.clips
    source = signers.read(f"signers:test:{count}", num_frames=FRAMES)
    clips = [dataclasses.replace(clip, frame_rate=RATE).select(LABELLED) for clip in source.clips]
    net, config, skeleton = trained.load_model(arguments.run_dir)
    found = predict(net, skeleton, config.model.input_size_hw, clips, arguments.window_seconds)
    harness.report("frame_rate", make_rows(found, skeleton), arguments)


if __name__ == "__main__":
    main()
