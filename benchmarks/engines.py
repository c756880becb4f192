"""Which engine runs a net fastest on a CPU? `python -m benchmarks.engines [--quick] [--movenet=<dir>] [--json=<file>]`.

TensorFlow runs a frozen graph (`inference.graphs`), TensorFlow Lite the same net (`inference.lite_net`): one frame, and
batches of 8. They take turns. The difference of their maps is a part of the largest value. The last rows are of single
frames of 256 px from frame to joints, beside MoveNet if `--movenet` names its SavedModel. Nets are untrained: speed
does not depend on weights. MoveNet's input has 192 px, so `lite` is measured with an input of that size as well.
`--quick` measures `lite` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from keras_pose.annotating.movenet import MoveNet
from keras_pose.data.synthetic import signers
from keras_pose.inference import lite_graph, lite_net
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.lite_net import LiteNet
from keras_pose.inference.predictor import Predictor
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet

JOINTS = len(signers.SKELETON.joints)
BATCH = 8
TENSORFLOW = "TensorFlow"
LITE = "TensorFlow Lite"
MOVENET_SIDE = 192  # of Lightning's input, in px
SMALL_LITE = f"{LITE}, input of {MOVENET_SIDE} px"
# (preset, side of the input in px, repeats)
CASES = (
    ("lite", 128, 30),
    ("lite", 256, 20),
    ("mobilenet_v2", 256, 10),
    ("resnet50", 256, 4),
)


def build_net(preset: str, side: int) -> PoseNet:
    """Builds a heatmap net whose heads are not zero, so that its maps can be compared."""
    keras.utils.set_random_seed(0)
    model = factory.build_model("heatmap", preset, JOINTS, (side, side))
    head = model.get_layer("heatmaps")
    head.set_weights([np.random.default_rng(0).normal(size=weight.shape) for weight in head.get_weights()])
    return PoseNet(model)


def engine_rows(preset: str, side: int, repeats: int, batch: int = BATCH) -> list[Row]:
    """Returns rows of the time of a frame in each engine, their ratio, and the difference of their maps."""
    net = build_net(preset, side)
    size_hw = (side, side)
    plain = FrameGraphs(net, size_hw, JOINTS).run_net
    lite = LiteNet(net).run_net
    name = f"{preset}, {side} px"
    rows = [Row(f"{name}, multiplications", lite_graph.count_products(lite_net.trace_net(net)) / 1e9, "10^9")]
    frames = np.random.default_rng(0).integers(0, 256, (batch, side, side, 3), np.uint8)
    expected = np.asarray(plain(frames))
    difference = np.abs(np.asarray(lite(frames)) - expected).max() / np.abs(expected).max()
    rows.append(Row(f"{name}, difference of the maps", difference, "of the largest", target="<= 0.001"))
    for count in (1, batch):
        runs = {TENSORFLOW: _run(plain, frames[:count]), LITE: _run(lite, frames[:count])}
        timings = time_in_turn(runs, repeats, calls=2)
        what = "one frame" if count == 1 else f"batch of {count}"
        rows += [timings[engine].to_row(f"{name}, {what}, {engine}", "ms a frame", 1e3 / count) for engine in runs]
        rows.append(timings.ratio(LITE, TENSORFLOW).to_row(f"{name}, {what}, {LITE} / {TENSORFLOW}", "times"))
    return rows


def frame_rows(movenet: str, repeats: int) -> list[Row]:
    """Returns rows of a frame of 256 px to its joints with `lite`, and beside MoveNet."""
    net = build_net("lite", 256)
    frames = signers.generate("test", 0, 1, (256, 256)).frames
    small = build_net("lite", MOVENET_SIDE)
    small_hw = (MOVENET_SIDE, MOVENET_SIDE)
    runs: dict[str, Callable[[], Any]] = {
        LITE: _predict(Predictor(net.model, signers.SKELETON, (256, 256), lite=LiteNet(net)), frames),
        TENSORFLOW: _predict(Predictor(net.model, signers.SKELETON, (256, 256)), frames),
        SMALL_LITE: _predict(Predictor(small.model, signers.SKELETON, small_hw, lite=LiteNet(small)), frames),
    }
    if movenet:
        runs["MoveNet"] = _predict(MoveNet(movenet), frames)
    timings = time_in_turn(runs, repeats, calls=3)
    rows = [timings[name].to_row(f"a frame of 256 px to joints, {name}", "ms", 1e3) for name in runs]
    if movenet:
        rows.append(timings.ratio(LITE, "MoveNet").to_row("lite / MoveNet", "times", target="<= 0.333"))
        ratio = timings.ratio(SMALL_LITE, "MoveNet")
        rows.append(ratio.to_row(f"lite, input of {MOVENET_SIDE} px / MoveNet", "times", target="<= 0.333"))
    return rows


def _run(run_net, frames):
    return lambda: np.asarray(run_net(frames))


def _predict(model, frames):
    return lambda: model.predict(frames)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Which engine runs a net fastest on a CPU.")
    parser.add_argument("--movenet", default="", metavar="FOLDER", help="SavedModel of MoveNet; empty: leave it out.")
    arguments = parser.parse_args(argv)
    rows = frame_rows(arguments.movenet, 5 if arguments.quick else 40)
    for preset, side, repeats in CASES[: 2 if arguments.quick else None]:
        rows += engine_rows(preset, side, 3 if arguments.quick else repeats)
    if not arguments.quick:
        rows += engine_rows("paper", 256, 3, batch=2)
    harness.report("engines", rows, arguments)


if __name__ == "__main__":
    main()
