"""`geometry.CropTransform.fit` and `warp` in the graph: frames of any size to the network's input, and the way back.

The frame is averaged by the whole factor of `CropTransform.reduction`, rounded to grey levels, and resampled once
(bilinear, black outside), as training and scoring do it. Matrices are computed in float64 and leave in float32.
"""

from __future__ import annotations

import tensorflow as tf

# Regions beyond these are mistakes, or attempts to make numbers overflow.
_FARTHEST_PX, _SMALLEST_PX = 1e6, 1e-3


def fit_to_input(frames, region, size_hw):
    """Fits frames of one size, or a region of them, whole into the network's input.

    Args:
      frames: uint8 [B, H, W, 3], RGB.
      region: float [4], (left, top, width, height) in px; the whole frame where width or height is 0 or less.
      size_hw: (height, width) of the input in px.

    Returns:
      frames: float32 [B, *size_hw, 3], 0 to 255; black where `sensible` is false.
      to_frame: float32 [3, 3], input px to frame px.
      sensible: bool, false where the numbers of the region are not finite, or beyond a million px.
    """
    frame_hw = tf.cast(tf.shape(frames)[1:3], tf.float64)
    region, sensible = _checked_region(tf.cast(region, tf.float64), frame_hw)
    scale, shift = _fit(region, size_hw)
    reduced = _reduce(frames, scale)
    # Result px to reduced px: back to frame px, then onto the reduced grid.
    ratio = tf.cast(tf.shape(reduced)[1:3], tf.float64)[::-1] / frame_hw[::-1]
    slope, start = ratio / scale, ratio * (0.5 - shift / scale) - 0.5
    zero = tf.zeros([], tf.float64)
    row = tf.stack([slope[0], zero, start[0], zero, slope[1], start[1], zero, zero])
    fitted = tf.raw_ops.ImageProjectiveTransformV3(
        images=reduced,
        transforms=tf.cast(row, tf.float32)[None],
        output_shape=list(size_hw),
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )
    to_frame = tf.stack(
        [
            tf.stack([1 / scale, zero, -shift[0] / scale]),
            tf.stack([zero, 1 / scale, -shift[1] / scale]),
            [0.0, 0.0, 1.0],
        ]
    )
    fitted = tf.where(sensible, fitted, 0.0)
    return tf.ensure_shape(fitted, [frames.shape[0], *size_hw, 3]), tf.cast(to_frame, tf.float32), sensible


def _checked_region(region, frame_hw):
    """float64 [4], the region or the whole frame, and bool, whether its numbers can be right."""
    whole = tf.concat([tf.zeros([2], tf.float64), frame_hw[::-1]], 0)
    sensible = tf.reduce_all(tf.abs(region) <= _FARTHEST_PX)  # false for NaN
    wanted = sensible & tf.reduce_all(region[2:] > 0)
    sensible &= ~wanted | tf.reduce_all(region[2:] >= _SMALLEST_PX)
    return tf.where(wanted & sensible, region, whole), sensible


def _fit(region, size_hw):
    """float64 scale, and shift [2] (x, y): input px = scale · frame px + shift."""
    sides = tf.constant(size_hw[::-1], tf.float64)
    scale = tf.reduce_min(sides / region[2:])
    border = (sides - scale * region[2:]) / 2
    return scale, border + scale * (0.5 - region[:2]) - 0.5


def _reduce(frames, scale):
    """float32 [B, h, w, 3]: averaged by the largest whole factor that the scale allows."""
    size_hw = tf.shape(frames)[1:3]
    factor = tf.maximum(1, tf.cast(tf.floor(1 / scale + 1e-6), tf.int32))
    reduced_hw = tf.maximum(1, size_hw // factor)
    return tf.cond(
        tf.reduce_all(reduced_hw == size_hw),
        lambda: tf.cast(frames, tf.float32),
        lambda: tf.round(tf.image.resize(frames, reduced_hw, method="area")),
    )
