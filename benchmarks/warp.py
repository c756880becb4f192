"""Speed of the warp by flow, against TensorFlow Addons: `python -m benchmarks.warp [--quick] [--json=<file>]`.

176 maps of 64×64×7 (16 windows of 11 frames), smooth flow of up to 3 px, each in a `tf.function`; forward alone, and
forward with the gradients to maps and flow. `tfa.image.dense_image_warp` gets the flow in its own convention, turned
round beforehand. Without TensorFlow Addons there is nothing to compare with: times only.
"""

from __future__ import annotations

import importlib.util

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from keras_pose.flow.warp import training_kernel, warp_by_flow

SHAPE, MAX_FLOW_PX, COARSE = (176, 64, 64, 7), 3.0, 8  # COARSE: random vectors along a side, between them interpolated
BASELINE = "tfa dense_image_warp"
FORWARD_TARGETS = {"resampler": ">= 1.3", "gather": ">= 0.95"}
GRADIENT_TARGETS = {"resampler": ">= 1.8", "gather": ">= 0.95"}


def make_inputs():
    """Returns float32 maps [N, h, w, C], flow [N, h, w, 2] in px, and the gradient [N, h, w, C] from above."""
    rng = np.random.default_rng(0)
    coarse = rng.uniform(-MAX_FLOW_PX, MAX_FLOW_PX, (SHAPE[0], COARSE, COARSE, 2)).astype(np.float32)
    maps, upstream = (tf.constant(rng.normal(size=SHAPE).astype(np.float32)) for _ in range(2))
    return maps, tf.image.resize(coarse, SHAPE[1:3]), upstream


def list_warps(flow):
    """Returns a dict of name to (warp, its flow, whether XLA compiles it)."""
    warps = {}
    if importlib.util.find_spec("tensorflow_addons") and training_kernel(xla=False) == "resampler":
        import tensorflow_addons as tfa

        warps[BASELINE] = (tfa.image.dense_image_warp, -flow[..., ::-1], False)
        warps["resampler"] = (lambda maps, flow: warp_by_flow(maps, flow, "resampler"), flow, False)
    warps["gather"] = (warp_by_flow, flow, False)
    warps["gather, XLA"] = (warp_by_flow, flow, True)
    return warps


def make_forward(warp, maps, flow, xla):
    """Returns a function that warps and waits for the result."""
    compiled = tf.function(warp, jit_compile=xla)
    return lambda: compiled(maps, flow)[0, 0, 0, 0].numpy()


def make_gradient(warp, maps, flow, upstream, xla):
    """Returns a function that warps, takes the gradients to maps and flow, and waits for them."""

    @tf.function(jit_compile=xla)
    def step(maps, flow):
        with tf.GradientTape() as tape:
            tape.watch([maps, flow])
            warped = warp(maps, flow)
        return warped, *tape.gradient(warped, [maps, flow], output_gradients=upstream)

    return lambda: [result[0, 0, 0, 0].numpy() for result in step(maps, flow)]


def time_rows(what, functions, repeats, targets):
    """Times of all warps, and how many times as fast as the baseline each is."""
    timings = harness.time_in_turn(functions, repeats)
    rows = [timings[name].row(f"{name}, {what}", "ms", 1e3) for name in functions]
    if BASELINE in functions:
        for name in [name for name in functions if name != BASELINE]:
            row = timings.ratio(BASELINE, name).row(f"{name} against {BASELINE}, {what}", "×", target=targets.get(name))
            rows.append(row)
    return rows


def main():
    arguments = harness.parse_arguments("The warp by flow, forward and with gradients.")
    repeats = 10 if arguments.quick else 60
    maps, flow, upstream = make_inputs()
    warps = list_warps(flow)
    if BASELINE not in warps:
        print("TensorFlow Addons is not on this stack: times without a comparison.")
    forward = {name: make_forward(warp, maps, own, xla) for name, (warp, own, xla) in warps.items()}
    gradient = {name: make_gradient(warp, maps, own, upstream, xla) for name, (warp, own, xla) in warps.items()}
    rows = time_rows("forward", forward, repeats, FORWARD_TARGETS)
    rows += time_rows("with gradient", gradient, repeats, GRADIENT_TARGETS)
    harness.report("warp", rows, arguments)


if __name__ == "__main__":
    main()
