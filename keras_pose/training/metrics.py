"""Metrics while training: accuracy within a distance, PCK, errors, the area under the curve, the height of peaks.

`targets` always watches the mean error (in input px and in px of the frame), the accuracy and, for heatmaps, the height
of the peaks. `METRICS` holds the
others, which `--metrics` selects by name. To add one, write its class here, enter it into `METRICS`, and enter its name
into `runs.parts.METRICS`, which lets the flags be checked without TensorFlow and makes the help of `--metrics`.

What all metrics share, shapes and units included, is in `joint_metric`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_pose.training.joint_metric import JointMetric, MeanOverJoints, check_positive


@keras.saving.register_keras_serializable(package="keras_pose")
class AccuracyWithin(MeanOverJoints):
    """The fraction of labelled joints that lie within a distance of their label.

    Args:
      distance_px: largest distance that is right, in input px.
      **common: joints, stride, name and dtype of `JointMetric`; the name is `accuracy_<distance>px` by default.

    Raises:
      ValueError: for arguments out of range.
    """

    def __init__(self, distance_px: float, **common: Any) -> None:
        super().__init__(**{"name": f"accuracy_{distance_px:g}px", **common})
        self._distance_px = check_positive("distance_px", distance_px)

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns 1 for each joint within the distance, otherwise 0; see `JointMetric`."""
        return tf.cast(self.distances(y_true, y_pred) <= self._distance_px, tf.float32), labelled

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"distance_px": self._distance_px, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class PCK(MeanOverJoints):
    """The fraction of labelled joints within a fraction of a reference length (percentage of correct keypoints).

    Args:
      fraction: largest distance that is right, in reference lengths (0.05 or 0.2 are usual).
      reference: a pair of joint positions, whose labelled distance in the same example is the length (torso, head;
        examples are left out if either joint is unlabelled or if both coincide), or a length in input px (the input's
        side).
      **common: joints, stride, name and dtype of `JointMetric`; the name is `pck_<fraction>` by default.

    Raises:
      ValueError: for arguments out of range.
    """

    def __init__(self, fraction: float, reference: float | Sequence[int], **common: Any) -> None:
        super().__init__(**{"name": f"pck_{fraction:g}", **common})
        self._fraction = check_positive("fraction", fraction)
        self._reference: float | list[int]
        if isinstance(reference, (list, tuple)):
            if len(reference) != 2 or reference[0] == reference[1] or min(reference) < 0:
                raise ValueError(f"reference: expected two different joint positions or a length, received {reference}")
            self._reference = [int(j) for j in reference]
        else:
            self._reference = check_positive("reference", reference)  # type: ignore[arg-type]

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns 1 for each joint within the fraction, otherwise 0; see `JointMetric`."""
        lengths: Any = self._reference
        if isinstance(self._reference, list):
            first, second = self._reference
            lengths = tf.norm(y_true[:, first, :2] - y_true[:, second, :2], axis=-1, keepdims=True)  # [B, 1]
            labelled &= (y_true[:, first, 2:3] > 0) & (y_true[:, second, 2:3] > 0) & (lengths > 0)
        return tf.cast(self.distances(y_true, y_pred) <= self._fraction * lengths, tf.float32), labelled

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"fraction": self._fraction, "reference": self._reference, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class MeanError(MeanOverJoints):
    """The mean distance of labelled joints from their labels, in input px.

    Args:
      **common: joints, stride, name and dtype of `JointMetric`.
    """

    def __init__(self, **common: Any) -> None:
        super().__init__(**{"name": "mean_error_px", **common})


@keras.saving.register_keras_serializable(package="keras_pose")
class MeanFrameError(MeanOverJoints):
    """The mean distance of labelled joints from their labels, in px of the original frame.

    It needs the fourth number of the targets, the frame px per input px. Without it (in training, which zooms frames at
    random) nothing counts, and the result is NaN.

    Args:
      **common: joints, stride, name and dtype of `JointMetric`.
    """

    def __init__(self, **common: Any) -> None:
        super().__init__(**{"name": "mean_error_frame_px", **common})

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the distances in px of the frame; see `JointMetric`."""
        if y_true.shape[-1] < 4:
            return tf.zeros_like(y_true[..., 0]), tf.zeros_like(labelled)
        return self.distances(y_true, y_pred) * y_true[..., 3], labelled


@keras.saving.register_keras_serializable(package="keras_pose")
class GroupErrors(JointMetric):
    """The mean distance of labelled joints from their labels in each group of frames.

    The result is the mean over the groups. It needs the fifth number of the targets, the group of each example. Without
    it (in training) nothing counts.

    Args:
      num_groups: G, the number of groups.
      **common: joints, stride, name and dtype of `JointMetric`.
    """

    def __init__(self, num_groups: int, **common: Any) -> None:
        super().__init__(**{"name": "mean_error_of_groups", **common})
        self._num_groups = int(check_positive("num_groups", num_groups))
        self._totals = self.add_weight(name="totals", shape=(self._num_groups,), initializer="zeros")
        self._counts = self.add_weight(name="counts", shape=(self._num_groups,), initializer="zeros")

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the distances and, in the same tensor [B, J, 2], the groups; see `JointMetric`."""
        if y_true.shape[-1] < 5:
            return tf.stack([tf.zeros_like(y_true[..., 0])] * 2, -1), tf.zeros_like(labelled)
        return tf.stack([self.distances(y_true, y_pred), y_true[..., 4]], -1), labelled

    def add(self, values: tf.Tensor, labelled: tf.Tensor) -> None:
        """Adds the distances of the joints that count to their groups; see `JointMetric`."""
        counts = tf.reshape(tf.cast(labelled, tf.float32), [-1])
        distances = tf.reshape(tf.where(labelled, values[..., 0], 0.0), [-1])
        groups = tf.reshape(tf.cast(values[..., 1], tf.int32), [-1])
        self._totals.assign_add(tf.math.unsorted_segment_sum(distances, groups, self._num_groups))
        self._counts.assign_add(tf.math.unsorted_segment_sum(counts, groups, self._num_groups))

    def group_errors(self) -> tf.Tensor:
        """Returns float32 [G], the mean distance in each group so far, in input px; NaN for one without labels."""
        return tf.convert_to_tensor(self._totals) / tf.convert_to_tensor(self._counts)

    def result(self) -> tf.Tensor:
        """Returns the mean over the groups with labels so far, float32 [] in input px; NaN if there are none."""
        errors = self.group_errors()
        known = tf.convert_to_tensor(self._counts) > 0
        return tf.reduce_sum(tf.where(known, errors, 0.0)) / tf.reduce_sum(tf.cast(known, tf.float32))

    def reset_state(self) -> None:
        """Forgets all batches."""
        # Keras 2 resets scalars only.
        self._totals.assign(tf.zeros([self._num_groups]))
        self._counts.assign(tf.zeros([self._num_groups]))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"num_groups": self._num_groups, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class MedianError(JointMetric):
    """The median distance of labelled joints from their labels, in input px, from a histogram.

    It is exact to one bin of 0.1 px (interpolated within it); medians beyond `max_distance_px` read as that.

    Args:
      max_distance_px: the histogram's end.
      **common: joints, stride, name and dtype of `JointMetric`.

    Raises:
      ValueError: for arguments out of range.
    """

    BINS_PER_PX = 10

    def __init__(self, max_distance_px: float = 100, **common: Any) -> None:
        super().__init__(**{"name": "median_error_px", **common})
        self._max_distance_px = check_positive("max_distance_px", max_distance_px)
        self._num_bins = math.ceil(self._max_distance_px * self.BINS_PER_PX) + 1  # the last one: all beyond
        self._histogram = self.add_weight(name="histogram", shape=(self._num_bins,), initializer="zeros")

    def add(self, values: tf.Tensor, labelled: tf.Tensor) -> None:
        """Counts the distances of the joints that count, by bin; see `JointMetric`."""
        # A distance that is not a number is beyond every bin.
        places = tf.where(tf.math.is_finite(values), values, self._max_distance_px) * self.BINS_PER_PX
        bins = tf.cast(tf.clip_by_value(places, 0.0, self._num_bins - 1.0), tf.int32)
        counts = tf.math.unsorted_segment_sum(
            tf.reshape(tf.cast(labelled, tf.float32), [-1]), tf.reshape(bins, [-1]), self._num_bins
        )
        self._histogram.assign_add(counts)

    def result(self) -> tf.Tensor:
        """Returns the median so far, float32 [] in input px; NaN if nothing was labelled."""
        counts = tf.convert_to_tensor(self._histogram)
        # Find the bin in which half of the joints is reached, and the place within it.
        reached = tf.cumsum(counts)
        half = 0.5 * reached[-1]
        place = tf.minimum(tf.searchsorted(reached, half[None])[0], self._num_bins - 1)
        within = (half - (reached[place] - counts[place])) / counts[place]
        median = (tf.cast(place, tf.float32) + within) / self.BINS_PER_PX
        return tf.where(half > 0, tf.minimum(median, self._max_distance_px), float("nan"))

    def reset_state(self) -> None:
        """Forgets all batches."""
        # Keras 2 resets scalars only.
        self._histogram.assign(tf.zeros([self._num_bins]))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"max_distance_px": self._max_distance_px, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class AreaUnderCurve(MeanOverJoints):
    """The area under accuracy against distance, from 0 to `max_distance_px`, divided by that distance.

    A joint at distance d is right from d on, so the area is exactly the mean of max(0, 1 − d/max_distance_px).

    Args:
      max_distance_px: the curve's end.
      **common: joints, stride, name and dtype of `JointMetric`.

    Raises:
      ValueError: for arguments out of range.
    """

    def __init__(self, max_distance_px: float, **common: Any) -> None:
        super().__init__(**{"name": "auc", **common})
        self._max_distance_px = check_positive("max_distance_px", max_distance_px)

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the part of the curve on which each joint is right; see `JointMetric`."""
        return tf.maximum(1.0 - self.distances(y_true, y_pred) / self._max_distance_px, 0.0), labelled

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        return {"max_distance_px": self._max_distance_px, **super().get_config()}


@keras.saving.register_keras_serializable(package="keras_pose")
class PeakHeight(MeanOverJoints):
    """The mean height of the maxima of labelled joints' heatmaps: near 0 if the heatmaps have collapsed to nothing.

    Targets peak at 1. A net under L2 on mostly empty heatmaps first falls to all zeros; this shows whether it left.

    Args:
      **common: joints, stride, name and dtype of `JointMetric`.
    """

    def __init__(self, **common: Any) -> None:
        super().__init__(**{"name": "peak_height", **common})

    def joint_values(self, y_true: tf.Tensor, y_pred: tf.Tensor, labelled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the maximum of each heatmap; see `JointMetric`."""
        if len(y_pred.shape) != 4:
            raise ValueError(f"{self.name}: expected heatmaps [B, h, w, J], received shape {y_pred.shape}")
        return tf.cast(tf.reduce_max(y_pred, axis=(1, 2)), tf.float32), labelled


# What `--metrics` can add: functions of the input's longer side in px and of the stride. The names in the logs are the
# keys.
METRICS: dict[str, Callable[[float, float], JointMetric]] = {
    "median_error": lambda side_px, stride: MedianError(side_px, stride=stride, name="median_error"),
    "pck": lambda side_px, stride: PCK(0.02, side_px, stride=stride, name="pck"),
    "auc": lambda side_px, stride: AreaUnderCurve(0.1 * side_px, stride=stride, name="auc"),
}
