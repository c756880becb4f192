"""What makes a net slow? `python -m benchmarks.cost [--quick] [--json=<file>]`.

The time of `lite` against the size of its input, the number of joints, the batch, the neighbours n of a stream, and the
length of a clip that is predicted. Each row changes one of them; the others are 128 px, 7 joints and one frame.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from keras_pose.data.synthetic import signers
from keras_pose.flow.names import DIS_ULTRAFAST
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.lite_net import open_lite_net
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.models import factory, flowing_net
from keras_pose.models.pose_net import PoseNet

SIDE_PX = 128
JOINTS = len(signers.SKELETON.joints)
SIDES_PX = (64, 128, 256, 384)
NUM_JOINTS = (1, 7, 17, 68)
BATCHES = (1, 4, 16)
NEIGHBOURS = (0, 2, 5, 15)
LENGTHS = (1, 32, 128)


def make_runs(
    sides_px: Sequence[int], joints: Sequence[int], batches: Sequence[int]
) -> dict[str, tuple[Callable[[], Any], int]]:
    """Returns functions of the net and its joints by what they vary, and the frames of each."""
    runs: dict[str, tuple[Callable[[], Any], int]] = {}
    cases = [
        *(("input", f"{side} px", side, JOINTS, 1) for side in sides_px),
        *(("joints", f"{count}", SIDE_PX, count, 1) for count in joints),
        *(("batch", f"{count}", SIDE_PX, JOINTS, count) for count in batches),
    ]
    for what, value, side, count, batch in cases:
        net = PoseNet(factory.build_model("heatmap", "lite", count, (side, side)))
        graphs = FrameGraphs(net, (side, side), count, open_lite_net(net))
        frames = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), np.uint8)
        runs[f"{what} {value}"] = (_run(graphs, frames), batch)
    return runs


def make_video_runs(neighbours: Sequence[int], lengths: Sequence[int]) -> dict[str, tuple[Callable[[], Any], int]]:
    """Returns functions that push the next frame of a stream by n, and predict whole clips by length."""
    size_hw = (SIDE_PX, SIDE_PX)
    net = factory.build_model("heatmap", "lite", JOINTS, size_hw)
    frames = signers.generate("test", 0, 32, size_hw).frames
    loop = np.concatenate([frames, frames[-2:0:-1]])
    lite = open_lite_net(PoseNet(net))
    graphs = FrameGraphs(PoseNet(net), size_hw, JOINTS, lite)
    runs: dict[str, tuple[Callable[[], Any], int]] = {}
    for count in neighbours:
        model = flowing_net.build_flowing_net(net, 2 * count + 1, size_hw) if count else net
        stream = StreamingPredictor(model, signers.SKELETON, size_hw, flow=DIS_ULTRAFAST, graphs=graphs)
        source = itertools.cycle(loop)
        for _ in range(2 * count + 2):
            stream.push(next(source))
        runs[f"stream, n = {count}"] = (_push(stream, source), 1)
    predictor = Predictor(net, signers.SKELETON, size_hw, lite=lite)
    for length in lengths:
        clip = np.resize(loop, (length, *loop.shape[1:]))
        runs[f"clip of {length} frames"] = (_predict(predictor, clip), length)
    return runs


def cost_rows(runs: dict[str, tuple[Callable[[], Any], int]], repeats: int) -> list[Row]:
    """Returns rows of the time of a frame in each case."""
    timings = time_in_turn({name: run for name, (run, _) in runs.items()}, repeats, calls=2)
    return [timings[name].to_row(name, "ms a frame", 1e3 / frames) for name, (_, frames) in runs.items()]


def _run(graphs, frames):
    return lambda: np.asarray(graphs.decode(graphs.run_net(frames)))


def _push(stream, source):
    return lambda: stream.push(next(source))


def _predict(predictor, clip):
    return lambda: predictor.predict(clip)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = harness.parse_arguments("What makes a net slow.", argv)
    keras.utils.set_random_seed(0)
    if arguments.quick:
        runs = {**make_runs((64, 128), (7,), (1, 4)), **make_video_runs((0, 5), (32,))}
    else:
        runs = {**make_runs(SIDES_PX, NUM_JOINTS, BATCHES), **make_video_runs(NEIGHBOURS, LENGTHS)}
    harness.report("cost", cost_rows(runs, 3 if arguments.quick else 25), arguments)


if __name__ == "__main__":
    main()
