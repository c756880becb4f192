"""Metrics during training: accuracy within a distance, PCK, errors, the area under the curve, the height of peaks.

All take targets float32 [B, J, 3] (x, y, weight) in input px, and predictions that are heatmaps float [B, h, w, J]
(decoded to a fraction of a pixel) or joints float [B, J, 2] in input px; the rank tells which. Distances are in px of
the network's INPUT; what is reported in px of the frame comes from `keras_pose.evaluation`.

A joint counts as labelled where its weight is above 0, and labelled joints count alike whatever the weight. With
`sample_weight` [B], examples of weight 0 are left out. Where nothing was labelled the result is NaN: 0 would be a
perfect error.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from keras_pose.heatmaps import HeatmapCodec


class _JointMetric(keras.metrics.Metric):
    """What all share: which joints count, and how far predictions are from labels.

    Args:
      joints: positions of the joints that count; all by default.
      stride: input px per heatmap px, used where predictions are heatmaps.
      name: str.
      dtype: ignored, all is float32; it is here because Keras 2 keeps it in configurations.
    """

    def __init__(self, joints=None, stride=4, name=None, dtype=None):
        super().__init__(name=name)
        if joints is not None and (len(joints) == 0 or min(joints) < 0 or len(set(joints)) != len(joints)):
            raise ValueError(f"joints: expected different positions from 0 on, or None, received {joints}")
        if not stride > 0:
            raise ValueError(f"stride: expected a number above 0, received {stride}")
        self._joints = None if joints is None else [int(j) for j in joints]
        self._stride = stride

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = tf.cast(y_true, tf.float32)
        labelled = y_true[..., 2] > 0  # [B, J]
        if sample_weight is not None:
            labelled &= tf.reshape(tf.cast(sample_weight, tf.float32) > 0, [-1, 1])
        values, labelled = self.joint_values(y_true, y_pred, labelled)
        if self._joints is not None:
            values, labelled = (tf.gather(v, self._joints, axis=1) for v in (values, labelled))
        self.add(values, labelled)

    def add(self, values, labelled):
        """Takes float32 [B, J] into account where bool [B, J] holds."""
        raise NotImplementedError

    def joint_values(self, y_true, y_pred, labelled):
        """Returns a value of each joint, float32 [B, J], and where it counts, bool [B, J]."""
        return self.distances(y_true, y_pred), labelled

    def distances(self, y_true, y_pred):
        """Returns float32 [B, J] in input px: how far predictions are from labels."""
        rank = len(y_pred.shape)
        if rank == 4:
            points, _ = HeatmapCodec(self._stride).decode(y_pred)
        elif rank == 3:
            points = tf.cast(y_pred, tf.float32)
        else:
            raise ValueError(
                f"{self.name}: expected heatmaps [B, h, w, J] or joints [B, J, 2], received shape {y_pred.shape}"
            )
        return tf.norm(points - y_true[..., :2], axis=-1)

    def get_config(self):
        return {"joints": self._joints, "stride": self._stride, "name": self.name}


class _MeanOverJoints(_JointMetric):
    """The mean of a value over all labelled joints; subclasses say which value in `joint_values`."""

    def __init__(self, joints=None, stride=4, name=None, dtype=None):
        super().__init__(joints, stride, name, dtype)
        self._total = self.add_weight(name="total", shape=(), initializer="zeros")
        self._count = self.add_weight(name="count", shape=(), initializer="zeros")

    def add(self, values, labelled):
        """Adds float32 [B, J] where bool [B, J] holds."""
        self._total.assign_add(tf.reduce_sum(tf.where(labelled, values, 0.0)))
        self._count.assign_add(tf.reduce_sum(tf.cast(labelled, tf.float32)))

    def result(self):
        # Not divide_no_nan: see the module's first words.
        return tf.convert_to_tensor(self._total) / tf.convert_to_tensor(self._count)


@keras.saving.register_keras_serializable(package="keras_pose")
class AccuracyWithin(_MeanOverJoints):
    """The fraction of labelled joints that lie within `distance_px` input px of their label.

    Args:
      distance_px: largest distance that is right.
      joints, stride, name: positions of joints that count; input px per heatmap px; `accuracy_<distance>px`.

    Raises:
      ValueError: for arguments out of range.
    """

    def __init__(self, distance_px, joints=None, stride=4, name=None, dtype=None):
        super().__init__(joints, stride, name or f"accuracy_{distance_px:g}px", dtype)
        self._distance_px = _positive("distance_px", distance_px)

    def joint_values(self, y_true, y_pred, labelled):
        return tf.cast(self.distances(y_true, y_pred) <= self._distance_px, tf.float32), labelled

    def get_config(self):
        return {"distance_px": self._distance_px, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class PCK(_MeanOverJoints):
    """The fraction of labelled joints within `fraction` of a reference length (percentage of correct keypoints).

    Args:
      fraction: largest distance that is right, in reference lengths (0.05 or 0.2 are usual).
      reference: a pair of joint positions, whose labelled distance in the same example is the length (torso, head;
        examples where either is unlabelled or where both coincide are left out), or a length in input px (the frame's
        side).
      joints, stride, name: positions of joints that count; input px per heatmap px; `pck_<fraction>`.

    Raises:
      ValueError: for arguments out of range.
    """

    def __init__(self, fraction, reference, joints=None, stride=4, name=None, dtype=None):
        super().__init__(joints, stride, name or f"pck_{fraction:g}", dtype)
        self._fraction = _positive("fraction", fraction)
        if isinstance(reference, (list, tuple)):
            if len(reference) != 2 or reference[0] == reference[1] or min(reference) < 0:
                raise ValueError(f"reference: expected two different joint positions or a length, received {reference}")
            self._reference = [int(j) for j in reference]
        else:
            self._reference = _positive("reference", reference)

    def joint_values(self, y_true, y_pred, labelled):
        if isinstance(self._reference, list):
            first, second = self._reference
            lengths = tf.norm(y_true[:, first, :2] - y_true[:, second, :2], axis=-1, keepdims=True)  # [B, 1]
            known = (y_true[:, first, 2:] > 0) & (y_true[:, second, 2:] > 0) & (lengths > 0)
            labelled &= known
        else:
            lengths = self._reference
        return tf.cast(self.distances(y_true, y_pred) <= self._fraction * lengths, tf.float32), labelled

    def get_config(self):
        return {"fraction": self._fraction, "reference": self._reference, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class MeanError(_MeanOverJoints):
    """The mean distance of labelled joints from their labels, in input px."""

    def __init__(self, joints=None, stride=4, name="mean_error_px", dtype=None):
        super().__init__(joints, stride, name, dtype)


@keras.saving.register_keras_serializable(package="keras_pose")
class MedianError(_JointMetric):
    """The median distance of labelled joints from their labels, in input px, from a histogram.

    It is exact to one bin of 0.1 px (interpolated within it); medians beyond `max_distance_px` read as that.

    Args:
      max_distance_px: the histogram's end.
      joints, stride, name: positions of joints that count; input px per heatmap px; the metric's name.

    Raises:
      ValueError: for arguments out of range.
    """

    BINS_PER_PX = 10

    def __init__(self, max_distance_px=100, joints=None, stride=4, name="median_error_px", dtype=None):
        super().__init__(joints, stride, name, dtype)
        self._max_distance_px = _positive("max_distance_px", max_distance_px)
        self._num_bins = int(np.ceil(self._max_distance_px * self.BINS_PER_PX)) + 1  # the last one: all beyond
        self._histogram = self.add_weight(name="histogram", shape=(self._num_bins,), initializer="zeros")

    def add(self, values, labelled):
        """Counts float32 [B, J] px where bool [B, J] holds."""
        # A distance that is not a number is beyond every bin.
        places = tf.where(tf.math.is_finite(values), values, self._max_distance_px) * self.BINS_PER_PX
        bins = tf.cast(tf.clip_by_value(places, 0.0, self._num_bins - 1.0), tf.int32)
        counts = tf.math.unsorted_segment_sum(
            tf.reshape(tf.cast(labelled, tf.float32), [-1]), tf.reshape(bins, [-1]), self._num_bins
        )
        self._histogram.assign_add(counts)

    def result(self):
        counts = tf.convert_to_tensor(self._histogram)
        reached = tf.cumsum(counts)
        half = 0.5 * reached[-1]
        place = tf.minimum(tf.searchsorted(reached, half[None])[0], self._num_bins - 1)
        within = (half - (reached[place] - counts[place])) / counts[place]
        median = (tf.cast(place, tf.float32) + within) / self.BINS_PER_PX
        return tf.where(half > 0, tf.minimum(median, self._max_distance_px), float("nan"))

    def reset_state(self):
        # Keras 2 resets scalars only.
        self._histogram.assign(tf.zeros([self._num_bins]))

    def get_config(self):
        return {"max_distance_px": self._max_distance_px, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class AreaUnderCurve(_MeanOverJoints):
    """The area under accuracy over distance, from 0 to `max_distance_px`, divided by that distance.

    A joint at distance d is right from d on, so the area is exactly the mean of max(0, 1 − d/max_distance_px).

    Args:
      max_distance_px: the curve's end.
      joints, stride, name: positions of joints that count; input px per heatmap px; the metric's name.

    Raises:
      ValueError: for arguments out of range.
    """

    def __init__(self, max_distance_px, joints=None, stride=4, name="auc", dtype=None):
        super().__init__(joints, stride, name, dtype)
        self._max_distance_px = _positive("max_distance_px", max_distance_px)

    def joint_values(self, y_true, y_pred, labelled):
        return tf.maximum(1.0 - self.distances(y_true, y_pred) / self._max_distance_px, 0.0), labelled

    def get_config(self):
        return {"max_distance_px": self._max_distance_px, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class PeakHeight(_MeanOverJoints):
    """The mean height of the maxima of labelled joints' maps: near 0 where the maps have collapsed to nothing.

    Targets peak at 1. A network under L2 on mostly empty maps first falls to all zeros; this shows whether it left.
    """

    def __init__(self, joints=None, stride=4, name="peak_height", dtype=None):
        super().__init__(joints, stride, name, dtype)

    def joint_values(self, y_true, y_pred, labelled):
        if len(y_pred.shape) != 4:
            raise ValueError(f"{self.name}: expected heatmaps [B, h, w, J], received shape {y_pred.shape}")
        return tf.cast(tf.reduce_max(y_pred, axis=(1, 2)), tf.float32), labelled


def _positive(name, value):
    if not value > 0:
        raise ValueError(f"{name}: expected a number above 0, received {value}")
    return float(value)
