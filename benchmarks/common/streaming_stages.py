"""The parts of a frame's time in `benchmarks.streaming`, each on its own, one after the other in one thread."""

from __future__ import annotations

import itertools

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from keras_pose import geometry
from keras_pose.data.synthetic import signers
from keras_pose.flow import estimators, opencv
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.inference.scene_cuts import SceneCuts
from keras_pose.pooling.accumulators import LinearAccumulator
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.stream_pooling import StreamPooling

SIZE_HW, MAPS_HW, JOINTS = (256, 256), (64, 64), len(signers.SKELETON.joints)
FLOW = "dis_fast"  # what `--flow=auto` is at this size


def make_frames(count=32) -> np.ndarray:
    """Returns uint8 [2·count − 2, H, W, 3], a signer to and fro, so that it can go on without a cut."""
    frames = signers.generate("test", 0, count, SIZE_HW).frames
    return np.concatenate([frames, frames[-2:0:-1]])


def open_window(steps, estimate_flow):
    """A window of `steps` neighbours on each side in one thread, filled with a signer's frames and noise for maps."""
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(*MAPS_HW, JOINTS)).astype(np.float32)
    weights = np.full((2 * steps + 1, JOINTS), 1 / (2 * steps + 1))
    window = StreamBuffer(steps, 1, MAPS_HW, JOINTS, has_future=True)
    pooling = LinearAccumulator(weights, np.zeros(JOINTS), MAPS_HW)
    pooled = StreamPooling(window, pooling, estimate_flow, parallel=False)
    numbered = enumerate(itertools.cycle(make_frames()))

    def advance():
        number, frame = next(numbered)
        pooled.begin(number, frame)
        for _ in pooled.finish(number, maps):
            pass

    for _ in range(32):
        advance()
    return advance


def stage_rows(net, repeats) -> list:
    """Rows of the parts of a frame's time, one after the other in one thread, and of what a window adds in all."""
    frames = make_frames()
    crop, cuts = geometry.CropTransform.fit(SIZE_HW, SIZE_HW), SceneCuts()
    estimate_flow = estimators.open_estimator(FLOW)
    first, second = (opencv.to_grey(frame) for frame in frames[:2])
    flow = estimate_flow(first, second)
    run_net = tf.function(lambda image: net(tf.cast(image[None], tf.float32), training=False)["heatmaps"][0])
    decode = tf.function(lambda maps: HeatmapCodec(4).decode(maps[None])[0])
    maps = run_net(frames[0]).numpy()
    functions = {
        "net": lambda: run_net(frames[0]).numpy(),
        "decoding": lambda: decode(maps).numpy(),
        "frame to input": lambda: crop.warp(frames[0]),
        "search for cuts": lambda: cuts.is_cut(first),
        "flow, both directions": lambda: (estimate_flow(first, second), estimate_flow(second, first)),
        "warps and pooling, n=5": open_window(5, lambda target, source: flow),
        "warps and pooling, n=15": open_window(15, lambda target, source: flow),
        "all that n=5 adds": open_window(5, estimate_flow),
        "all that n=15 adds": open_window(15, estimate_flow),
    }
    timings = harness.time_in_turn(functions, repeats, calls=5)
    rows = [timings[name].row(f"stage, lite: {name}", "ms", 1e3) for name in functions]
    ratio = timings.ratio("all that n=15 adds", "all that n=5 adds")
    return rows + [ratio.row("stage: all that n=15 adds / n=5, in one thread, without the net", "times")]
