"""The parts of a frame's time in `streaming`, each measured on its own, all in one thread."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from keras_pose import geometry
from keras_pose.data.synthetic import signers
from keras_pose.flow import estimators, opencv
from keras_pose.flow import names as flow_names
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.inference.scene_cuts import SceneCuts
from keras_pose.pooling.accumulators import LinearAccumulator
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.stream_pooling import StreamPooling

SIZE_HW = (256, 256)
MAPS_HW = (64, 64)
JOINTS = len(signers.SKELETON.joints)
FLOW = flow_names.DIS_ULTRAFAST  # what `--flow=auto` is at this size


def make_frames(count: int = 32) -> np.ndarray:
    """Returns uint8 [2·count − 2, H, W, 3]: a signer forwards and backwards, who can repeat without a cut."""
    frames = signers.generate("test", 0, count, SIZE_HW).frames
    return np.concatenate([frames, frames[-2:0:-1]])


def open_pooling(
    num_neighbours: int, estimate_flow: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Callable[[], None]:
    """Opens the pooling of a stream in one thread and fills its window with frames of a signer.

    Args:
      num_neighbours: neighbours on each side.
      estimate_flow: function (target, source) of uint8 [H, W, 3] to float32 [H, W, 2].

    Returns:
      Function that pushes the next frame, with noise for maps, and pools what is ready.
    """
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(*MAPS_HW, JOINTS)).astype(np.float32)
    num_frames = 2 * num_neighbours + 1
    weights = np.full((num_frames, JOINTS), 1 / num_frames)
    buffer = StreamBuffer(num_neighbours, 1, MAPS_HW, JOINTS, has_future=True)
    accumulator = LinearAccumulator(weights, np.zeros(JOINTS), MAPS_HW)
    pooling = StreamPooling(buffer, accumulator, estimate_flow, parallel=False)
    numbered = enumerate(itertools.cycle(make_frames()))

    def push_next():
        number, frame = next(numbered)
        pooling.begin(number, frame)
        for _ in pooling.finish(number, maps):
            pass

    for _ in range(32):  # more than the largest window
        push_next()
    return push_next


def stage_rows(net: keras.Model, repeats: int) -> list[Row]:
    """Returns rows of the parts of a frame's time, each in one thread, and of the total that a window adds."""
    frames = make_frames()
    crop = geometry.CropTransform.fit(SIZE_HW, SIZE_HW)
    cuts = SceneCuts()
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
        "warps and pooling, n=5": open_pooling(5, lambda target, source: flow),
        "warps and pooling, n=15": open_pooling(15, lambda target, source: flow),
        "all that n=5 adds": open_pooling(5, estimate_flow),
        "all that n=15 adds": open_pooling(15, estimate_flow),
    }
    timings = time_in_turn(functions, repeats, calls=5)
    rows = [timings[name].to_row(f"stage, lite: {name}", "ms", 1e3) for name in functions]
    ratio = timings.ratio("all that n=15 adds", "all that n=5 adds")
    return [*rows, ratio.to_row("stage: all that n=15 adds / n=5, in one thread, without the net", "times")]
