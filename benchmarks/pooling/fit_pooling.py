"""A temporal pooling on its own, fed with given maps: fits its weights and reads joints from its output."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from benchmarks.pooling.warped_windows import WarpedWindows
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.pooling.kinds import KINDS
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.runs.config import TrainConfig
from keras_pose.training import optimizers, targets

LEARNED = tuple(name for name, kind in KINDS.items() if kind.learns)
# On 60 clips, n = 5, these reach the loss that three times the steps reach at 0.01, the rate of trainings.
STEPS = 200
BATCH_SIZE = 32
LEARNING_RATE = 0.04
_WINDOWS_AT_ONCE = 32


def build_pooling(kind: str, windows: WarpedWindows, sigma_px: float = 1.5) -> keras.Model:
    """Builds a model of the pooling alone, with its initial weights.

    Args:
      kind: one of `pooling.names.POOLINGS`.
      windows: windows whose shapes it takes.
      sigma_px: width of the peaks of the maps in heatmap px.

    Returns:
      Model of {"maps", "valid", "reliability"}, see `TemporalPooling`, to {"heatmaps": float32 [B, h, w, J]}.
    """
    num_frames = windows.maps.shape[1]
    inputs = {
        "maps": keras.Input(windows.maps.shape[1:], dtype="float16", name="maps"),
        "valid": keras.Input((num_frames,), name="valid"),
        "reliability": keras.Input(windows.reliability.shape[1:], dtype="float16", name="reliability"),
    }
    layer = TemporalPooling(kind, sigma_px, name="heatmaps")
    pooled = layer([inputs["maps"], inputs["valid"], inputs["reliability"]])
    return keras.Model(inputs, {"heatmaps": pooled}, name="pooling")


def fit(model: keras.Model, windows: WarpedWindows, config: TrainConfig, steps: int = STEPS, seed: int = 0) -> None:
    """Fits the weights of a pooling, as a training does while its single-frame net is frozen.

    Args:
      model: from `build_pooling`.
      windows: windows to learn from.
      config: configuration of the single-frame net, for the loss.
      steps: number of steps of `BATCH_SIZE` windows, with Adam and a cosine schedule of the learning rate.
      seed: seed of the order of the windows.
    """
    optimisation = dataclasses.replace(
        config.optimisation,
        optimizer="adam",
        schedule="cosine",
        learning_rate=LEARNING_RATE,
        steps=steps,
        validate_every=steps,
        warmup_steps=min(50, steps // 4),
        ema=0.0,
    )
    stride = config.model.input_size_hw[0] // windows.maps.shape[2]
    pooling = model.get_layer("heatmaps")
    loss = targets.MAP_LOSSES[pooling.loss](stride=stride, sigma_px=config.loss.sigma_px)
    # XLA fuses the gates of data_dependent, which takes less than half the time; the others gain nothing.
    fused = pooling.needs_reliability
    model.compile(optimizer=optimizers.make_optimizer(optimisation), loss={"heatmaps": loss}, jit_compile=fused)
    model.fit(_make_batches(windows, steps, seed), steps_per_epoch=steps, shuffle=False, verbose=0)


def _make_batches(windows, steps, seed):
    """Returns a dataset of `steps` batches, which depends on the seed alone."""
    rng = np.random.default_rng(seed)
    count = len(windows.maps)
    order = np.concatenate([rng.permutation(count) for _ in range(-(-steps * BATCH_SIZE // count))])

    def batches():
        for step in range(steps):
            positions = order[step * BATCH_SIZE : (step + 1) * BATCH_SIZE]
            yield _inputs(windows, positions), {"heatmaps": windows.targets[positions]}

    shapes = tf.nest.map_structure(lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), next(batches()))
    return tf.data.Dataset.from_generator(batches, output_signature=shapes).prefetch(2)


def predict(
    model: keras.Model, windows: WarpedWindows, input_size_hw: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Reads the joints from pooled maps.

    Args:
      model: from `build_pooling`.
      windows: N windows.
      input_size_hw: (H, W) of the single-frame net's input in px.

    Returns:
      joints: float32 [N, J, 2], (x, y) in input px.
      scores: float32 [N, J], height of the map at the joint.
    """
    codec = HeatmapCodec(input_size_hw[0] / windows.maps.shape[2])
    places = np.arange(len(windows.maps))
    joints = []
    scores = []
    for start in range(0, len(places), _WINDOWS_AT_ONCE):
        inputs = _inputs(windows, places[start : start + _WINDOWS_AT_ONCE])
        maps = model({name: tf.constant(array) for name, array in inputs.items()}, training=False)["heatmaps"]
        points, heights = codec.decode(maps)
        joints.append(points.numpy())
        scores.append(heights.numpy())
    return np.concatenate(joints), np.concatenate(scores)


def _inputs(windows, positions):
    maps = windows.maps[positions]
    return {
        "maps": maps,
        "valid": windows.valid[positions],
        "reliability": windows.reliability[positions],
    }
