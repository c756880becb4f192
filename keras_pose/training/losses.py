"""The losses of both regimes: heatmaps (L2 on pixels) and coordinates (L2 or Tukey's biweight on positions).

`temporal_losses` has those of some kinds of temporal pooling.

All losses take the same path: from targets float32 [B, J, 3] (x, y, weight) in input px to an error of each joint,
times the joint's weight, then the mean over the J joints. The divisor is J, not the number of labelled joints or the
sum of the weights. So a labelled joint pulls equally hard whatever else is labelled in its frame, and a noisy label of
weight 0.1 pulls a tenth; division by the sum of the weights would cancel a weight that is common to a whole frame. A
joint of weight 0 adds nothing to value or gradient, even if its coordinates are NaN.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_pose.heatmaps import HeatmapCodec


class JointLoss(keras.losses.Loss):
    """Keeps the arguments and splits the targets; subclasses give an error of each joint.

    Args:
      arguments: the subclass's own arguments, numbers above 0.
      name, reduction: as in `keras.losses.Loss`.

    Raises:
      ValueError: for an argument that is not above 0.
    """

    def __init__(self, arguments: dict[str, float], name: str, reduction: str) -> None:
        for key, value in arguments.items():
            if not value > 0:
                raise ValueError(f"{type(self).__name__}: expected {key} above 0, received {value}")
        super().__init__(name=name, reduction=reduction)
        self.arguments = {key: float(value) for key, value in arguments.items()}

    def joint_errors(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J], the error of each joint."""
        raise NotImplementedError

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B], the loss of each example before the reduction."""
        y_true = tf.cast(y_true[..., :3], tf.float32)  # a validation adds the scale of the frame, for the metrics
        y_pred = tf.cast(y_pred, tf.float32)
        weight = tf.where(y_true[..., 2] > 0, y_true[..., 2], 0.0)  # [B, J]
        errors = self.joint_errors(y_true, y_pred)
        # tf.where and not the product alone, because 0 times NaN is NaN.
        return tf.reduce_mean(tf.where(weight > 0, weight * errors, 0.0), axis=-1)  # [B]

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for serialisation."""
        config = super().get_config()
        return {"name": config["name"], "reduction": config["reduction"], **self.arguments}


@keras.saving.register_keras_serializable(package="keras_pose")
class HeatmapL2(JointLoss):
    """Squared error of each pixel against Gaussian heatmaps that are rendered here, in the graph.

    Value of an example: sum over joints of weight · mean over pixels of (prediction − target)², divided by J. It does
    not depend on batch size, number of joints or number of pixels over which a given error is spread. An empty
    prediction scores about π·sigma²/(h·w): 0.0017 for sigma 1.5 at 64×64.

    Caffe's loss was half the sum of the same squares, so a Caffe learning rate r stands for r·B·J·h·w/2 here: the
    published 1e-8 with batch 14, 7 joints and 64×64 maps is 2.0e-3.

    Args:
      stride: input px per heatmap px.
      sigma_px: standard deviation of the targets in heatmap px.
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
        name: str = "heatmap_l2",
        reduction: str = "sum_over_batch_size",
    ) -> None:
        super().__init__({"stride": stride, "sigma_px": sigma_px}, name, reduction)

    def joint_errors(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J]: the mean squared error of each heatmap."""
        size_hw = tf.unstack(tf.shape(y_pred)[1:3])
        target = HeatmapCodec(**self.arguments).encode(y_true, size_hw)
        # Masked before squaring: a joint of weight 0 has no gradient even if its heatmap is not finite.
        labelled = (y_true[..., 2] > 0)[:, None, None, :]
        return tf.reduce_mean(tf.square(tf.where(labelled, y_pred - target, 0.0)), axis=(1, 2))


@keras.saving.register_keras_serializable(package="keras_pose")
class CoordinateL2(JointLoss):
    """Squared distance of positions in units of the input's side.

    Value of an example: sum over joints of weight · |prediction − target|²/scale², divided by J.

    Args:
      scale_px: the unit in input px, the input's side.
      name, reduction: as in `keras.losses.Loss`.

    Call arguments:
      y_true: float32 [B, J, 3], (x, y, weight) in input px.
      y_pred: float [B, J, 2], (x, y) in input px.

    Returns:
      float32 [B] before the reduction.

    Raises:
      ValueError: for a scale that is not positive.
    """

    def __init__(self, scale_px: float, name: str = "coordinate_l2", reduction: str = "sum_over_batch_size") -> None:
        super().__init__({"scale_px": scale_px}, name, reduction)

    def joint_errors(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J]: the squared distance of each joint."""
        return tf.reduce_sum(tf.square(_residuals(y_true, y_pred, self.arguments["scale_px"])), axis=-1)


@keras.saving.register_keras_serializable(package="keras_pose")
class TukeyBiweight(JointLoss):
    """Tukey's biweight on positions: like L2 for small residuals, constant (no gradient) for outliers.

    Belagiannis et al. 2015 (arXiv 1505.06606, eq. 3 to 5): rho(r) = c²/6 · (1 − (1 − (r/c)²)³) up to |r| = c = 4.6851,
    c²/6 beyond, on residuals divided by 1.4826 · MAD, the median absolute deviation of each output (x and y of each
    joint) over the batch. Departures:
    - The deviation is taken from zero, not from the batch's median residual. Otherwise a common bias, which all outputs
      have at the start of training, would make every example an outlier, and a batch of one would have no deviation.
    - The MAD has a floor, so that perfect examples in most of a batch do not make outliers of the rest.
    - The value is multiplied by the squared (detached) scale again. Small residuals then cost r²/2 in the same units
      as `CoordinateL2`, and the gradient does not grow as the residuals shrink.
    Only labelled joints count in the median. If there are several replicas, each uses the median of its own part of the
    batch.

    Args:
      scale_px: the unit of residuals in input px, the input's side.
      floor: smallest 1.4826 · MAD, in units of the side.
      name, reduction: as in `keras.losses.Loss`.

    Call arguments:
      y_true: float32 [B, J, 3], (x, y, weight) in input px.
      y_pred: float [B, J, 2], (x, y) in input px.

    Returns:
      float32 [B] before the reduction.

    Raises:
      ValueError: for a scale or floor that is not positive.
    """

    CUTOFF = 4.6851  # 95 % efficiency under normal noise

    def __init__(
        self,
        scale_px: float,
        floor: float = 0.005,
        name: str = "tukey_biweight",
        reduction: str = "sum_over_batch_size",
    ) -> None:
        super().__init__({"scale_px": scale_px, "floor": floor}, name, reduction)

    def joint_errors(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """Returns float32 [B, J]: the biweight of x and y of each joint, added."""
        residuals = _residuals(y_true, y_pred, self.arguments["scale_px"])
        deviation = _masked_median(tf.abs(residuals), y_true[..., 2:] > 0)
        scale = tf.stop_gradient(tf.maximum(1.4826 * deviation, self.arguments["floor"]))  # [J, 2]
        # The minimum removes the gradient of outliers.
        u = tf.minimum(tf.square(residuals / (scale * self.CUTOFF)), 1.0)
        # 1 − (1 − u)³ multiplied out: the difference of nearly equal numbers would lose small residuals.
        rho = self.CUTOFF**2 / 6.0 * u * (3.0 - u * (3.0 - u))
        return tf.reduce_sum(tf.square(scale) * rho, axis=-1)


def _residuals(y_true, y_pred, scale_px):
    return tf.where(y_true[..., 2:] > 0, y_pred - y_true[..., :2], 0.0) / scale_px  # [B, J, 2]


def _masked_median(values, mask):
    """Returns the median over the batch of the float32 [B, J, 2] whose mask [B, J, 1] is true: [J, 2]; 0 if none is."""
    mask = tf.broadcast_to(mask, tf.shape(values))
    ordered = tf.sort(tf.transpose(tf.where(mask, values, float("inf")), [1, 2, 0]))  # [J, 2, B]
    count = tf.reduce_sum(tf.cast(mask, tf.int32), axis=0)
    low = tf.gather(ordered, tf.maximum(count - 1, 0) // 2, batch_dims=2)
    high = tf.gather(ordered, tf.minimum(count // 2, tf.shape(ordered)[-1] - 1), batch_dims=2)
    return tf.where(count > 0, 0.5 * (low + high), 0.0)
