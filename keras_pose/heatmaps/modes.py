"""Finds the several answers that one heatmap can hold: left or right hand, joint or background."""

from __future__ import annotations

import math

import tensorflow as tf

from keras_pose.heatmaps import decode


def find_modes(
    heatmaps: tf.Tensor, max_modes: int = 3, min_height: float = 0.1, min_distance_px: float = 3.0
) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the highest local maxima of each map, refined to a fraction of a pixel.

    A pixel is a mode if no pixel within `min_distance_px` is higher. If several pixels there are equally high (a
    plateau), the first one counts, row by row.

    Args:
      heatmaps: float [..., h, w, J].
      max_modes: M, the largest number of modes to return, the highest first.
      min_height: lower maxima are left out; above 0.
      min_distance_px: whole-pixel modes are at least this far apart in x or y, in heatmap px.

    Returns:
      points: float32 [..., J, M, 2], (x, y) in heatmap px, 0 if there is no such mode (never NaN).
      heights: float32 [..., J, M], falling; 0 if there is no such mode.

    Raises:
      ValueError: for numbers out of range.
    """
    if max_modes < 1:
        raise ValueError(f"max_modes: expected at least 1, received {max_modes}")
    for name, value in (("min_height", min_height), ("min_distance_px", min_distance_px)):
        if not value > 0:
            raise ValueError(f"{name}: expected a number above 0, received {value}")
    maps, leading = decode.flatten_leading(heatmaps)
    shape = tf.shape(maps)
    radius_px = max(1, math.ceil(min_distance_px) - 1)
    # Keep the pixels that are the highest around.
    is_top = (maps >= min_height) & (maps >= _max_around(maps, radius_px))
    # Keep the first pixel of a plateau: its negative position is the highest around. Exact up to 2^24 pixels (float32).
    position = tf.cast(tf.reshape(tf.range(shape[1] * shape[2]), [1, shape[1], shape[2], 1]), tf.float32)
    rank = tf.where(is_top, -position, -float(2**24))
    is_mode = is_top & (rank >= _max_around(rank, radius_px))
    # Choose the highest ones of each map.
    candidates = tf.transpose(tf.where(is_mode, maps, 0.0), [0, 3, 1, 2])
    candidates = tf.reshape(candidates, [shape[0], shape[3], shape[1] * shape[2]])
    # A map may have fewer pixels than modes, and top_k needs enough to choose from.
    candidates = tf.pad(candidates, [[0, 0], [0, 0], [0, max_modes]])
    heights, best = tf.math.top_k(candidates, k=max_modes)  # [N, J, M]
    # Refine them; if there is no mode, the point is 0.
    best = tf.where(heights > 0, best, 0)
    points = decode.refine_pixels(maps, best % shape[2], best // shape[2])
    points = tf.where(heights[..., None] > 0, points, 0.0)
    return decode.restore_leading(points, leading), decode.restore_leading(heights, leading)


def _max_around(maps, radius_px):
    """Returns the maximum within a square of 2·radius_px + 1 pixels around each pixel, [N, h, w, J]."""
    side = 2 * radius_px + 1
    rows = tf.nn.max_pool2d(maps, ksize=(side, 1), strides=1, padding="SAME")
    return tf.nn.max_pool2d(rows, ksize=(1, side), strides=1, padding="SAME")
