"""The losses of pooled maps that some kinds of temporal pooling learn from; see `losses` for what all losses share.

Both are 0 for perfect maps, and are multiplied by 2π·sigma²/(h·w). This is what `HeatmapL2` gives to a peak at a wrong
place, so that the outputs of a net, which have different losses, count alike when all of it is trained together.
"""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from keras_pose.heatmaps import HeatmapCodec, decode_subpixel, input_to_heatmap
from keras_pose.training.losses import JointLoss

_SMALLEST = 1e-7  # probability of a pixel, as a part of the whole map
_RADIUS_SQUARE = 2.88  # 2 · 1.2², heatmap px²
_FAR_SLOPE = 0.03
_NEAR_SQUARE = 0.01  # heatmap px²


class _MapLoss(JointLoss):
    """Keeps stride and sigma, and brings errors to the scale of `HeatmapL2`."""

    def __init__(self, stride: float, sigma_px: float, name: str, reduction: str) -> None:
        super().__init__({"stride": stride, "sigma_px": sigma_px}, name, reduction)

    def scale(self, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 []: what `HeatmapL2` gives to a peak at a wrong place."""
        pixels = tf.cast(tf.reduce_prod(tf.shape(y_pred)[1:3]), tf.float32)
        return 2.0 * math.pi * self.arguments["sigma_px"] ** 2 / pixels


@keras.saving.register_keras_serializable(package="keras_pose")
class HeatmapCrossEntropy(_MapLoss):
    """Cross-entropy of each map, divided by its sum, to the Gaussian, divided by its sum.

    The entropy of the Gaussian is subtracted, so that a perfect map scores 0 (the Kullback-Leibler divergence). A
    Gaussian that lies entirely outside the map scores 0.

    Args:
      stride: input px per heatmap px.
      sigma_px: standard deviation of the targets in heatmap px.
      name, reduction: as in `keras.losses.Loss`.

    Call arguments:
      y_true: float32 [B, J, 3], (x, y, weight) in input px.
      y_pred: float [B, h, w, J]; values below 0 count as 0.

    Returns:
      float32 [B] before the reduction.

    Raises:
      ValueError: for a stride or sigma that is not positive.
    """

    def __init__(
        self,
        stride: float = 4,
        sigma_px: float = 1.5,
        name: str = "heatmap_cross_entropy",
        reduction: str = "sum_over_batch_size",
    ) -> None:
        super().__init__(stride, sigma_px, name, reduction)

    def joint_errors(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J]: the divergence of each map."""
        target = HeatmapCodec(**self.arguments).encode(y_true, tf.unstack(tf.shape(y_pred)[1:3]))
        # Masked first: a joint of weight 0 has no gradient even if its heatmap is not finite.
        labelled = (y_true[..., 2] > 0)[:, None, None, :]
        log_target = _log_probabilities(target)
        log_map = _log_probabilities(tf.where(labelled, y_pred, target))
        divergence = tf.reduce_sum(target * (log_target - log_map), axis=(1, 2))
        return self.scale(y_pred) * tf.math.divide_no_nan(divergence, tf.reduce_sum(target, axis=(1, 2)))


@keras.saving.register_keras_serializable(package="keras_pose")
class HeatmapPosition(_MapLoss):
    """Distance of the position that each map decodes to, robust against gross errors.

    1 − exp(−d²/2.88) + 0.03 · (√(d² + 0.01) − 0.1), with d the distance in heatmap px (Welsch's loss, which counts how
    many joints are wrong, and a slope that brings far joints back).

    Args:
      stride: input px per heatmap px.
      sigma_px: standard deviation of the heatmaps in heatmap px, for the scale of the loss.
      name, reduction: as in `keras.losses.Loss`.

    Call arguments:
      y_true: float32 [B, J, 3], (x, y, weight) in input px.
      y_pred: float [B, h, w, J].

    Returns:
      float32 [B] before the reduction.

    Raises:
      ValueError: for a stride or sigma that is not positive.
    """

    def __init__(
        self,
        stride: float = 4,
        sigma_px: float = 1.5,
        name: str = "heatmap_position",
        reduction: str = "sum_over_batch_size",
    ) -> None:
        super().__init__(stride, sigma_px, name, reduction)

    def joint_errors(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J]: the robust distance of each joint."""
        labelled = y_true[..., 2:] > 0
        points, _ = decode_subpixel(tf.where(labelled[:, None, None, :, 0], y_pred, 0.0))
        truth = input_to_heatmap(tf.where(labelled, y_true[..., :2], 0.0), self.arguments["stride"])
        square = tf.reduce_sum(tf.square(tf.where(labelled, points - truth, 0.0)), axis=-1)
        near = 1.0 - tf.exp(-square / _RADIUS_SQUARE)
        far = _FAR_SLOPE * (tf.sqrt(square + _NEAR_SQUARE) - math.sqrt(_NEAR_SQUARE))
        return self.scale(y_pred) * (near + far)


def _log_probabilities(maps):
    """Logarithms of maps [B, h, w, J], divided by their sums over the pixels."""
    positive = tf.nn.relu(maps)
    # An empty map says that all pixels are equally likely.
    positive += _SMALLEST * (1.0 + tf.reduce_sum(positive, axis=(1, 2), keepdims=True))
    return tf.math.log(positive) - tf.math.log(tf.reduce_sum(positive, axis=(1, 2), keepdims=True))
