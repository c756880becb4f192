"""`geometry.CropTransform.fit` and `warp` in the graph: frames of any size to the network's input, and the way back.

As in training and scoring, the frame is averaged by the whole factor of `CropTransform.reduction`, rounded to grey
levels, and resampled once (bilinear, black outside). Matrices are computed in float64 and returned in float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

# Numbers of a region outside these bounds are mistakes, or attempts to make a number overflow.
_LARGEST_PX = 1e6
_SMALLEST_PX = 1e-3


def fit_to_input(
    frames: tf.Tensor, region: tf.Tensor, size_hw: Sequence[int]
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Fits whole frames of one size, or a region of them, into the network's input.

    Args:
      frames: uint8 [B, H, W, 3], RGB.
      region: float [4], (left, top, width, height) in px; the whole frame if width or height is 0 or less.
      size_hw: (height, width) of the input in px.

    Returns:
      fitted: float32 [B, *size_hw, 3], 0 to 255; black if `usable` is false.
      to_frame: float32 [3, 3], input px to frame px.
      usable: bool, false if a number of the region is not finite or beyond a million px.
    """
    # Find the scale and the shift from frame px to input px.
    frame_hw = tf.cast(tf.shape(frames)[1:3], tf.float64)
    region, usable = _check_region(tf.cast(region, tf.float64), frame_hw)
    scale, shift = _fit(region, size_hw)

    # Average by a whole factor.
    reduced = _reduce(frames, scale)

    # Compose input px → frame px → reduced px, and resample once.
    ratio = tf.cast(tf.shape(reduced)[1:3], tf.float64)[::-1] / frame_hw[::-1]
    slope = ratio / scale
    start = ratio * (0.5 - shift / scale) - 0.5
    fitted = _resample(reduced, slope, start, size_hw)

    fitted = tf.where(usable, fitted, 0.0)
    return tf.ensure_shape(fitted, [frames.shape[0], *size_hw, 3]), _invert(scale, shift), usable


def _check_region(region, frame_hw):
    """float64 [4], the region or the whole frame, and bool, whether the numbers of the region are usable."""
    whole = tf.concat([tf.zeros([2], tf.float64), frame_hw[::-1]], 0)
    usable = tf.reduce_all(tf.abs(region) <= _LARGEST_PX)  # false for NaN
    has_area = usable & tf.reduce_all(region[2:] > 0)
    usable &= ~has_area | tf.reduce_all(region[2:] >= _SMALLEST_PX)
    return tf.where(has_area & usable, region, whole), usable


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


def _resample(reduced, slope, start, size_hw):
    """float32 [B, *size_hw, 3]: reads reduced px = slope · input px + start, black outside."""
    zero = tf.zeros([], tf.float64)
    row = tf.stack([slope[0], zero, start[0], zero, slope[1], start[1], zero, zero])
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=reduced,
        transforms=tf.cast(row, tf.float32)[None],
        output_shape=list(size_hw),
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
        fill_value=0.0,
    )


def _invert(scale, shift):
    """float32 [3, 3]: input px to frame px."""
    zero = tf.zeros([], tf.float64)
    first = tf.stack([1 / scale, zero, -shift[0] / scale])
    second = tf.stack([zero, 1 / scale, -shift[1] / scale])
    return tf.cast(tf.stack([first, second, [0.0, 0.0, 1.0]]), tf.float32)
