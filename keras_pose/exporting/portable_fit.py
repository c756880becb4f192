"""`fit_to_input` for whole frames, in operations that every format has: gathers, products and sums.

ONNX has no counterpart of TensorFlow's averaging resize and of its projective transform. Both read each row of the
result from a few rows of the frame, and each column from a few columns. So either is two weighted sums of neighbours,
one along each axis. The numbers are those of `fit_to_input`, up to the order of float32 sums.

Letters: B batch, H W frame, K neighbours that are summed.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

_ROWS = 0
_COLUMNS = 1


def fit_to_input(frames: tf.Tensor, size_hw: Sequence[int]) -> tuple[tf.Tensor, tf.Tensor]:
    """Fits whole frames of one size into the network's input.

    Args:
      frames: uint8 [B, H, W, 3], RGB, of at least one px.
      size_hw: (height, width) of the input in px.

    Returns:
      fitted: float32 [B, *size_hw, 3], 0 to 255.
      to_frame: float32 [3, 3], input px to frame px.
    """
    frame_hw = tf.shape(frames)[1:3]
    sides_hw = tf.constant(size_hw, tf.int32)

    # Average by a whole factor, the largest that leaves at least the size of the input along one axis.
    factor = tf.maximum(1, tf.reduce_max(frame_hw // sides_hw))
    reduced_hw = tf.maximum(1, frame_hw // factor)
    values = frames
    area = tf.constant(1.0)
    for axis in (_ROWS, _COLUMNS):
        places, weights = _overlaps(frame_hw[axis], reduced_hw[axis])
        values = _swap_axes(_sum_neighbours(values, places, weights))
        area *= tf.cast(frame_hw[axis], tf.float32) / tf.cast(reduced_hw[axis], tf.float32)
    reduced = tf.round(values * (1.0 / area))

    # Resample once: input px → frame px → reduced px, black outside.
    frame_sides = tf.cast(frame_hw, tf.float64)
    scale = tf.reduce_min(tf.cast(sides_hw, tf.float64) / frame_sides)
    shifts = (tf.cast(sides_hw, tf.float64) - scale * frame_sides) / 2 + scale * 0.5 - 0.5
    ratios = tf.cast(reduced_hw, tf.float64) / frame_sides
    slopes = ratios / scale
    starts = ratios * (0.5 - shifts / scale) - 0.5
    fitted = _swap_axes(reduced)
    for axis in (_COLUMNS, _ROWS):
        places, weights = _neighbours(slopes[axis], starts[axis], size_hw[axis], reduced_hw[axis])
        fitted = _swap_axes(_sum_neighbours(fitted, places, weights))
    fitted = _swap_axes(fitted)
    return tf.ensure_shape(fitted, [frames.shape[0], *size_hw, 3]), _to_frame(scale, shifts)


def _overlaps(length, count):
    """Which of `length` px each of `count` equal parts covers: int32 [count, K], and float32 [count, K], how much."""
    step = tf.cast(length, tf.float32) / tf.cast(count, tf.float32)
    starts = tf.cast(tf.range(count), tf.float32) * step
    ends = tf.cast(tf.range(1, count + 1), tf.float32) * step
    reach = tf.cast(tf.math.ceil(step), tf.int32) + 1
    places = tf.cast(tf.floor(starts), tf.int32)[:, None] + tf.range(reach)[None]
    left = tf.cast(places, tf.float32)
    covered = tf.minimum(ends[:, None], left + 1.0) - tf.maximum(starts[:, None], left)
    weights = tf.where(places < length, tf.maximum(covered, 0.0), 0.0)
    return tf.minimum(places, length - 1), weights


def _neighbours(slope, start, count, length):
    """The two px beside each read position: int32 [count, 2], and their weights, float32 [count, 2], 0 outside."""
    positions = tf.cast(slope, tf.float32) * tf.range(count, dtype=tf.float32) + tf.cast(start, tf.float32)
    first = tf.floor(positions)
    second_weight = positions - first
    places = tf.cast(first, tf.int32)[:, None] + tf.constant([[0, 1]])
    weights = tf.stack([1.0 - second_weight, second_weight], -1)
    inside = (places >= 0) & (places < length)
    return tf.clip_by_value(places, 0, length - 1), tf.where(inside, weights, 0.0)


def _sum_neighbours(values, places, weights):
    """float32 [B, n, W, 3]: sums the rows of [B, H, W, 3] at `places` [n, K], each times its weight."""
    # Gather before the cast: bytes are a quarter of the memory.
    gathered = tf.cast(tf.gather(values, places, axis=1), tf.float32)  # [B, n, K, W, 3]
    shape = tf.shape(gathered)
    # One product for each row, of all its px: engines are slow at a product for each px.
    rows = tf.reshape(gathered, [shape[0], shape[1], shape[2], shape[3] * 3])
    return tf.reshape(tf.matmul(weights[None, :, None], rows), [shape[0], shape[1], shape[3], 3])


def _swap_axes(values):
    """Makes rows of columns."""
    return tf.transpose(values, [0, 2, 1, 3])


def _to_frame(scale, shifts):
    """float32 [3, 3]: input px to frame px."""
    zero = tf.zeros([], tf.float64)
    first = tf.stack([1 / scale, zero, -shifts[1] / scale])
    second = tf.stack([zero, 1 / scale, -shifts[0] / scale])
    return tf.cast(tf.stack([first, second, tf.constant([0.0, 0.0, 1.0], tf.float64)]), tf.float32)
