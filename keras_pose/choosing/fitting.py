"""Fits a pooling to given windows of maps, and reads joints from what it makes of them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from keras_pose.choosing.unseen import fold_groups
from keras_pose.choosing.windows import Windows
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.pooling.temporal_pooling import TemporalPooling

# Function of a pooling to the loss that it learns by: float32 [B, J, 3] in input px, float32 [B, h, w, J].
MakeLoss = Callable[[TemporalPooling], keras.losses.Loss]


@dataclasses.dataclass(frozen=True)
class FitSettings:
    """How a pooling is fitted: Adam with a learning rate that rises over a tenth of the steps and falls as a cosine.

    Args:
      steps: number of steps.
      batch_size: windows in a step.
      learning_rate: highest learning rate.
      check_every: steps between looks at the groups that are held back.
      patience: looks without a lower loss after which the fit ends.
      held_back: one of so many parts of the groups is held back, to stop early.
    """

    steps: int = 200
    batch_size: int = 16
    learning_rate: float = 0.04
    check_every: int = 25
    patience: int = 3
    held_back: int = 5


FIT = FitSettings()


def build(kind: str, windows: Windows, sigma_px: float = 1.5) -> TemporalPooling:
    """Returns a pooling with its initial weights.

    Args:
      kind: one of `pooling.names.POOLINGS`.
      windows: windows whose shapes it takes.
      sigma_px: width of a joint's Gaussian in heatmap px, as the net was trained on.
    """
    layer = TemporalPooling(kind, sigma_px, name="heatmaps")
    shapes = [array.shape for array in (windows.maps, windows.valid, windows.reliability)]
    layer.build([(None, *shape[1:]) for shape in shapes])
    return layer


def fit(
    layer: TemporalPooling,
    windows: Windows,
    groups: set[str],
    make_loss: MakeLoss,
    seed: int = 0,
    settings: FitSettings = FIT,
) -> None:
    """Fits the weights of a pooling to windows of some groups; the result depends on the arguments alone.

    A part of the groups is held back: the weights with the lowest loss there are kept, be they the initial ones.

    Args:
      layer: from `build`; nothing happens if it has no weights.
      windows: all windows.
      groups: the groups to learn from.
      make_loss: makes the loss.
      seed: seed of the order of the windows.
      settings: how to fit.
    """
    if not layer.trainable_variables:
        return
    folds = fold_groups(groups, settings.held_back)
    held_back = windows.rows_of(folds[0])
    rows = windows.rows_of(groups - folds[0]) if len(folds) > 1 else held_back
    loss = make_loss(layer)
    optimizer = keras.optimizers.Adam(settings.learning_rate, global_clipnorm=1.0)
    optimizer.build(layer.trainable_variables)
    step_once = _trace(_make_step(layer, loss, optimizer), windows)
    measure = _trace(lambda targets, *inputs: loss(targets, _pool(layer, *inputs)), windows)
    best = (_mean_loss(measure, windows, held_back), layer.get_weights())
    waited = 0
    for step, batch in enumerate(_batches(rows, settings, seed), 1):
        optimizer.learning_rate = settings.learning_rate * _schedule(step, settings.steps)
        step_once(*_tensors(windows, batch))
        if step % settings.check_every == 0:
            now = _mean_loss(measure, windows, held_back)
            waited = waited + 1 if not now < best[0] else 0
            best = (now, layer.get_weights()) if now < best[0] else best
            if waited >= settings.patience:
                break
    layer.set_weights(best[1])


def predict(layer: TemporalPooling, windows: Windows, rows: np.ndarray, stride: float) -> np.ndarray:
    """Reads the joints from pooled maps.

    Args:
      layer: the pooling.
      windows: all windows.
      rows: positions of N windows.
      stride: input px per heatmap px.

    Returns:
      float32 [N, J, 2], (x, y) in input px.
    """
    codec = HeatmapCodec(stride)
    run = _trace(lambda targets, *inputs: codec.decode(_pool(layer, *inputs))[0], windows)
    return np.concatenate([run(*_tensors(windows, chunk)).numpy() for chunk in _chunks(rows)])


def predict_single(windows: Windows, stride: float) -> np.ndarray:
    """Reads the joints from the maps of the middle frames alone, as `predict`."""
    return predict(TemporalPooling("none"), windows.narrow(0), np.arange(len(windows.maps)), stride)


def _trace(function, windows):
    """Returns a graph of `_tensors`. It is traced here, once: TensorFlow warns of functions that are traced often."""
    shapes = [(array.shape[1:], array.dtype) for array in _arrays(windows)]
    signature = [tf.TensorSpec((None, *shape), dtype) for shape, dtype in shapes]
    return tf.function(function, input_signature=signature, autograph=False).get_concrete_function()


def _arrays(windows):
    return windows.targets, windows.maps, windows.valid, windows.reliability


def _tensors(windows, rows):
    return [tf.constant(array[rows]) for array in _arrays(windows)]


def _pool(layer, maps, valid, reliability):
    inputs = [tf.cast(maps, tf.float32), valid]
    return layer([*inputs, tf.cast(reliability, tf.float32)] if layer.needs_reliability else inputs)


def _make_step(layer, loss, optimizer):
    def step(targets, *inputs):
        with tf.GradientTape() as tape:
            value = loss(targets, _pool(layer, *inputs))
        gradients = tape.gradient(value, layer.trainable_variables)
        optimizer.apply_gradients(zip(gradients, layer.trainable_variables))
        return value

    return step


def _mean_loss(measure, windows, rows):
    values = [float(measure(*_tensors(windows, chunk))) * len(chunk) for chunk in _chunks(rows)]
    return sum(values) / len(rows)


def _batches(rows, settings, seed):
    """Yields the positions of the windows of each step: passes in orders that depend on the seed alone."""
    rng = np.random.default_rng(seed)
    size = min(settings.batch_size, len(rows))
    passes = -(-settings.steps * size // len(rows))
    order = np.concatenate([rng.permutation(rows) for _ in range(passes)])
    for step in range(settings.steps):
        yield order[step * size : (step + 1) * size]


def _schedule(step, steps):
    rise = max(1, steps // 10)
    if step <= rise:
        return step / rise
    return 0.5 * (1.0 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _chunks(rows):
    size = FIT.batch_size
    return (rows[start : start + size] for start in range(0, len(rows), size))
