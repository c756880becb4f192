"""Calibrated confidences in the graph: what `confidence.calibration` computes, for the answers of an export.

Letters: B batch, J joints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tensorflow as tf

from keras_pose.confidence.calibration import LOWEST_SCORE, Calibration


def longer_sides(to_frame: tf.Tensor, size_hw: Sequence[int], regions: tf.Tensor | None = None) -> tf.Tensor:
    """Returns the longer side of what the net looked at in each image.

    Args:
      to_frame: float32 [B, 3, 3], input px to px of the image, of a whole image (see `fit_to_input.fit_to_input`).
      size_hw: (height, width) of the input in px.
      regions: float32 [B, 4], (left, top, width, height) in px; a region without area means the whole image. None: all
        are whole images.

    Returns:
      float32 [B], px of the image.
    """
    # The image is centred in the input, and its corner is (−0.5, −0.5): to_frame tells how much border there is.
    scale = to_frame[:, 0, 0]
    sides = [
        size * scale + 2 * (to_frame[:, axis, 2] + 0.5 - 0.5 * scale) for axis, size in enumerate(reversed(size_hw))
    ]
    whole = tf.maximum(*sides)
    if regions is None:
        return whole
    has_area = tf.reduce_all(regions[:, 2:] > 0, -1)
    return tf.where(has_area, tf.reduce_max(regions[:, 2:], -1), whole)


def read(calibration: Calibration, answer: Mapping[str, tf.Tensor], sides_px: tf.Tensor) -> dict[str, tf.Tensor]:
    """Returns what the scores of an answer mean.

    Args:
      calibration: `Calibration` of the net's J joints.
      answer: "scores" float32 [B, J] and "valid" bool [B, J].
      sides_px: float32 [B], from `longer_sides`.

    Returns:
      "confidences" float32 [B, J], probability that the joint lies within the distance, and "expected_errors_px"
      float32 [B, J] in px of the image; both 0 for joints that are not valid.
    """
    scores = tf.clip_by_value(answer["scores"], LOWEST_SCORE, 1 - LOWEST_SCORE)
    logits = tf.math.log(scores) - tf.math.log1p(-scores)
    slopes, intercepts, near, far = (
        tf.constant(values, tf.float32)
        for values in (
            calibration.slopes,
            calibration.intercepts,
            calibration.near_errors,
            calibration.far_errors,
        )
    )
    within = tf.sigmoid(slopes * logits + intercepts)
    within = tf.clip_by_value(within, calibration.lowest, 1 - calibration.lowest)
    errors_px = (within * near + (1 - within) * far) * sides_px[:, None]
    return {
        "confidences": tf.where(answer["valid"], within, 0.0),
        "expected_errors_px": tf.where(answer["valid"], errors_px, 0.0),
    }
