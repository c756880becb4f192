"""median: the middle position of a joint in the current frame and its two neighbours, a baseline without weights.

x and y each take the median of the three positions of the joint's peak. The map of the current frame is moved there, so
it keeps its shape and height. If one of the two neighbours does not exist, the current frame keeps its map: of two
positions, the median would be any point between them.
"""

from __future__ import annotations

import tensorflow as tf
from keras.layers import Layer

from keras_pose.heatmaps import decode_subpixel
from keras_pose.pooling.pooling_kind import PoolingKind, current_maps


class Median(PoolingKind):
    """median: the map of the current frame, moved to the median of three positions."""

    def pool(self, layer: Layer, maps: tf.Tensor, present: tf.Tensor, reliability: tf.Tensor | None) -> tf.Tensor:
        current = current_maps(maps)[:, 0]
        middle = maps.shape[1] // 2
        if not middle:
            return current
        points, _ = decode_subpixel(maps[:, middle - 1 : middle + 2])  # [B, 3, J, 2]
        before, own, after = tf.unstack(points, axis=1)
        low = tf.minimum(before, after)
        high = tf.maximum(before, after)
        shift = tf.maximum(low, tf.minimum(own, high)) - own  # [B, J, 2]
        both = present[:, middle - 1] & present[:, middle + 1]
        return move_maps(current, tf.where(both[:, None, None], shift, 0.0))

    def pool_alone(self, layer: Layer, maps: tf.Tensor, num_frames: int) -> tf.Tensor:
        return maps


def move_maps(maps: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
    """Moves maps by fractions of a pixel (bilinear); what comes in over the border is 0.

    Args:
      maps: float32 [B, h, w, J].
      shift: float32 [B, J, 2], (dx, dy) in px.

    Returns:
      float32 [B, h, w, J]; maps that are not moved are the same.
    """
    moved = tf.transpose(maps, [0, 3, 1, 2])  # [B, J, h, w]
    moved = _move_rows(moved, shift[..., 1])
    moved = tf.transpose(_move_rows(tf.transpose(moved, [0, 1, 3, 2]), shift[..., 0]), [0, 3, 2, 1])
    return tf.ensure_shape(moved, maps.shape)


def _move_rows(maps, shift):
    """Moves float32 [B, J, a, b] along a by [B, J] px."""
    whole = tf.floor(shift)
    fraction = (shift - whole)[..., None, None]
    length = tf.shape(maps)[2]
    source = tf.range(length) - tf.cast(whole, tf.int32)[..., None]  # [B, J, a]
    near, far = (_take_rows(maps, source - step, length) for step in (0, 1))
    return (1.0 - fraction) * near + fraction * far


def _take_rows(maps, rows, length):
    inside = (rows >= 0) & (rows < length)
    taken = tf.gather(maps, tf.clip_by_value(rows, 0, length - 1), axis=2, batch_dims=2)
    return tf.where(inside[..., None], taken, 0.0)
