"""The base classes of the metrics while training: which joints count, and how far predictions are from labels.

Targets are float32 [B, J, 3] (x, y, weight) in input px; in a validation [B, J, 5], with the frame px per input px and
the group of each example behind them. Predictions are heatmaps float [B, h, w, J], which are decoded
to a fraction of a pixel, or joints float [B, J, 2] in input px; the rank tells which. Distances are in input px,
except for those of `metrics.MeanFrameError`, which are in px of the frame like all figures of `keras_pose.evaluation`.

A joint counts as labelled if its weight is above 0, and labelled joints count alike whatever the weight. With
`sample_weight` [B], examples of weight 0 are left out. If nothing was labelled, the result is NaN: 0 would be a
perfect error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_pose.heatmaps import HeatmapCodec


class JointMetric(keras.metrics.Metric):
    """What all metrics share; subclasses say what they keep in `add` and `result`.

    Args:
      joints: positions of the joints that count; None: all.
      stride: input px per heatmap px, used if predictions are heatmaps.
      name: name of the metric.
      dtype: ignored, all metrics are float32; it is accepted because Keras 2 keeps it in configurations.

    Raises:
      ValueError: for joints that repeat or are negative, or a stride that is not positive.
    """

    def __init__(
        self,
        joints: Sequence[int] | None = None,
        stride: float = 4,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if joints is not None and (len(joints) == 0 or min(joints) < 0 or len(set(joints)) != len(joints)):
            raise ValueError(f"joints: expected different positions from 0 on, or None, received {joints}")
        self._joints = None if joints is None else [int(j) for j in joints]
        check_positive("stride", stride)
        self._stride = stride

    def update_state(self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: tf.Tensor | None = None) -> None:
        """Takes a batch into account.

        Args:
          y_true: float32 [B, J, 3 to 5], (x, y, weight) in input px, frame px per input px, and the group.
          y_pred: float [B, h, w, J] or [B, J, 2].
          sample_weight: float [B] or None; examples of weight 0 are left out.
        """
        y_true = tf.cast(y_true, tf.float32)
        labelled = y_true[..., 2] > 0  # [B, J]
        if sample_weight is not None:
            labelled &= tf.reshape(tf.cast(sample_weight, tf.float32) > 0, [-1, 1])
        values, labelled = self.joint_values(y_true, y_pred, labelled)
        if self._joints is not None:
            values = tf.gather(values, self._joints, axis=1)
            labelled = tf.gather(labelled, self._joints, axis=1)
        self.add(values, labelled)

    def add(self, values: tf.Tensor, labelled: tf.Tensor) -> None:
        """Takes a value of each joint into account, float32 [B, J], if bool [B, J] says that it counts."""
        raise NotImplementedError

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns a value of each joint, float32 [B, J], and whether it counts, bool [B, J]."""
        return self.distances(y_true, y_pred), labelled

    def distances(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J], the distances of predictions from labels in input px."""
        rank = len(y_pred.shape)
        if rank == 4:
            points = _decode_once(y_pred, self._stride)
        elif rank == 3:
            points = tf.cast(y_pred, tf.float32)
        else:
            raise ValueError(
                f"{self.name}: expected heatmaps [B, h, w, J] or joints [B, J, 2], received shape {y_pred.shape}"
            )
        return tf.norm(points - y_true[..., :2], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"joints": self._joints, "stride": self._stride, "name": self.name}


class MeanOverJoints(JointMetric):
    """The mean of a value over all labelled joints; subclasses say which value in `joint_values`.

    Args:
      **common: joints, stride, name and dtype of `JointMetric`.
    """

    def __init__(self, **common: Any) -> None:
        super().__init__(**common)
        self._total = self.add_weight(name="total", shape=(), initializer="zeros")
        self._count = self.add_weight(name="count", shape=(), initializer="zeros")

    def add(self, values: tf.Tensor, labelled: tf.Tensor) -> None:
        """Adds the values of the joints that count; see `JointMetric`."""
        self._total.assign_add(tf.reduce_sum(tf.where(labelled, values, 0.0)))
        self._count.assign_add(tf.reduce_sum(tf.cast(labelled, tf.float32)))

    def result(self) -> tf.Tensor:
        """Returns the mean so far, float32 []; NaN if nothing was labelled."""
        # Not divide_no_nan: a mean over nothing is not 0.
        return tf.convert_to_tensor(self._total) / tf.convert_to_tensor(self._count)


def _decode_once(maps: tf.Tensor, stride: float) -> tf.Tensor:
    """Returns the joints of maps [B, h, w, J] in input px, float32 [B, J, 2].

    All metrics see the same tensor, so it keeps what the first of them decoded: tracing takes less time and memory.
    """
    graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    known = getattr(maps, "_decoded_joints", None)
    if known is not None and known[0] is graph and known[1] == stride:
        return known[2]
    points, _ = HeatmapCodec(stride).decode(maps)
    if tf.is_tensor(maps):
        maps._decoded_joints = (graph, stride, points)
    return points


def check_positive(name: str, value: float) -> float:
    """Returns a value as a float.

    Raises:
      ValueError: if it is not above 0; the message begins with the name.
    """
    if not value > 0:
        raise ValueError(f"{name}: expected a number above 0, received {value}")
    return float(value)
