"""Speed of the warp by flow, against TensorFlow Addons: `python -m benchmarks.warp [--quick] [--json=<file>]`.

176 maps of 64×64×7 (16 windows of 11 frames) and smooth flow of up to 3 px, each warp in a `tf.function`: forward only,
and forward with the gradients to maps and flow. `tfa.image.dense_image_warp` gets the flow in its own convention,
converted beforehand. Without TensorFlow Addons there is nothing to compare with, and the rows are times only.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from keras_pose.flow.warp import training_kernel, warp_by_flow

SHAPE = (176, 64, 64, 7)
MAX_FLOW_PX = 3.0
COARSE = 8  # random vectors along a side; flow between them is interpolated
BASELINE = "tfa dense_image_warp"
FORWARD_TARGETS = {"resampler": ">= 1.3", "gather": ">= 0.95"}
GRADIENT_TARGETS = {"resampler": ">= 1.8", "gather": ">= 0.95"}
Warp = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # (maps, flow) to warped maps


def make_inputs() -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns float32 maps [N, h, w, C], flow [N, h, w, 2] in px, and an upstream gradient [N, h, w, C]."""
    rng = np.random.default_rng(0)
    coarse = rng.uniform(-MAX_FLOW_PX, MAX_FLOW_PX, (SHAPE[0], COARSE, COARSE, 2)).astype(np.float32)
    maps, upstream = (tf.constant(rng.normal(size=SHAPE).astype(np.float32)) for _ in range(2))
    return maps, tf.image.resize(coarse, SHAPE[1:3]), upstream


def list_warps(flow: tf.Tensor) -> dict[str, tuple[Warp, tf.Tensor, bool]]:
    """Returns by name: the warp, the flow in its convention, and whether XLA compiles it."""
    warps: dict[str, tuple[Warp, tf.Tensor, bool]] = {}
    if importlib.util.find_spec("tensorflow_addons") and training_kernel(xla=False) == "resampler":
        import tensorflow_addons as tfa

        warps[BASELINE] = (tfa.image.dense_image_warp, -flow[..., ::-1], False)
        warps["resampler"] = (lambda maps, flow: warp_by_flow(maps, flow, "resampler"), flow, False)
    warps["gather"] = (warp_by_flow, flow, False)
    warps["gather, XLA"] = (warp_by_flow, flow, True)
    return warps


def make_forward(warp: Warp, maps: tf.Tensor, flow: tf.Tensor, xla: bool) -> Callable[[], Any]:
    """Returns a function that warps and waits for the result."""
    compiled = tf.function(warp, jit_compile=xla)
    return lambda: compiled(maps, flow)[0, 0, 0, 0].numpy()


def make_gradient(warp: Warp, maps: tf.Tensor, flow: tf.Tensor, upstream: tf.Tensor, xla: bool) -> Callable[[], Any]:
    """Returns a function that warps, takes the gradients to maps and flow, and waits for them."""

    @tf.function(jit_compile=xla)
    def warp_with_gradients(maps, flow):
        with tf.GradientTape() as tape:
            tape.watch([maps, flow])
            warped = warp(maps, flow)
        return warped, *tape.gradient(warped, [maps, flow], output_gradients=upstream)

    return lambda: [result[0, 0, 0, 0].numpy() for result in warp_with_gradients(maps, flow)]


def time_rows(
    what: str, functions: Mapping[str, Callable[[], Any]], repeats: int, targets: Mapping[str, str]
) -> list[Row]:
    """Returns rows of the times of all warps, and how many times as fast as the baseline each is.

    Args:
      what: text that follows the name of the warp.
      functions: what to time, by name of the warp.
      repeats: turns of each.
      targets: targets of the ratios, by name of the warp.
    """
    timings = time_in_turn(functions, repeats)
    rows = [timings[name].to_row(f"{name}, {what}", "ms", 1e3) for name in functions]
    if BASELINE in functions:
        for name in [name for name in functions if name != BASELINE]:
            ratio = timings.ratio(BASELINE, name)
            rows.append(ratio.to_row(f"{name} against {BASELINE}, {what}", "×", target=targets.get(name)))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = harness.parse_arguments("Speed of the warp by flow, forward and with gradients.", argv)
    repeats = 10 if arguments.quick else 60
    maps, flow, upstream = make_inputs()
    warps = list_warps(flow)
    if BASELINE not in warps:
        print("TensorFlow Addons is not installed: times without a comparison.")
    forward = {name: make_forward(warp, maps, own, xla) for name, (warp, own, xla) in warps.items()}
    gradient = {name: make_gradient(warp, maps, own, upstream, xla) for name, (warp, own, xla) in warps.items()}
    rows = time_rows("forward", forward, repeats, FORWARD_TARGETS)
    rows += time_rows("with gradient", gradient, repeats, GRADIENT_TARGETS)
    harness.report("warp", rows, arguments)


if __name__ == "__main__":
    main()
