"""Filters for the optical flow in the graph, on stacks of planes float32 [K, B, h, w].

The colours of an image, the components of flow and the entries of a tensor are planes along the first axis: numbers of
one pixel are then combined by element-wise operations on whole planes, which are faster on a CPU than channels last.
Borders repeat their pixels.
"""

from __future__ import annotations

import tensorflow as tf


def from_image(image: tf.Tensor) -> tf.Tensor:
    """Turns float32 [B, h, w, K] into planes [K, B, h, w]."""
    return tf.transpose(image, [3, 0, 1, 2])


def to_image(planes: tf.Tensor) -> tf.Tensor:
    """Turns planes [K, B, h, w] into float32 [B, h, w, K]."""
    return tf.transpose(planes, [1, 2, 3, 0])


def smooth(planes: tf.Tensor) -> tf.Tensor:
    """Smooths by (1/4, 2/4, 1/4) across and down."""
    for axis in (-1, -2):
        before, _, after = _shifted(planes, axis)
        planes = 0.5 * planes + 0.25 * (before + after)  # tf.add_n takes several times as long on a CPU
    return planes


def gradients(planes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the derivatives by x and by y, central differences, each [K, B, h, w]."""
    left, _, right = _shifted(planes, -1)
    above, _, below = _shifted(planes, -2)
    return (right - left) * 0.5, (below - above) * 0.5


def double(planes: tf.Tensor) -> tf.Tensor:
    """Doubles the size by bilinear interpolation between pixel centres: [K, B, h, w] to [K, B, 2h, 2w]."""
    for axis in (-1, -2):
        before, _, after = _shifted(planes, axis)
        near = 0.75 * planes
        pairs = tf.stack([near + 0.25 * before, near + 0.25 * after], axis=axis)
        shape = tf.unstack(tf.shape(planes))
        shape[axis] *= 2
        planes = tf.reshape(pairs, shape)
    return planes


def median_3x3(planes: tf.Tensor) -> tf.Tensor:
    """Takes the median of 3×3 pixels.

    With each column sorted into low, middle and high, it is the median of three values: the largest low, the median
    middle and the smallest high.
    """
    low, middle, high = (_shifted(part, -1) for part in _sort_three(*_shifted(planes, -2)))
    return _sort_three(_sort_three(*low)[2], _sort_three(*middle)[1], _sort_three(*high)[0])[1]


def neighbours(planes: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Returns the pixels to the right, to the left, below and above each pixel; 0 beyond the borders."""
    wide = tf.pad(planes, [[0, 0], [0, 0], [1, 1], [1, 1]])
    return wide[..., 1:-1, 2:], wide[..., 1:-1, :-2], wide[..., 2:, 1:-1], wide[..., :-2, 1:-1]


def pad_to_multiple(image: tf.Tensor, multiple: int) -> tf.Tensor:
    """Repeats the last row and column of [B, H, W, C] until height and width are multiples of `multiple`."""
    for axis in (1, 2):
        if image.shape[axis] is not None and image.shape[axis] % multiple == 0:
            continue
        length = tf.shape(image)[axis]
        image = tf.gather(image, tf.minimum(tf.range(length + (-length) % multiple), length - 1), axis=axis)
    return image


def _shifted(planes, axis):
    """Returns the pixel before each pixel, the pixel itself and the pixel after it; borders are repeated."""
    if axis == -1:
        before = tf.concat([planes[..., :1], planes[..., :-1]], axis)
        after = tf.concat([planes[..., 1:], planes[..., -1:]], axis)
    else:
        before = tf.concat([planes[..., :1, :], planes[..., :-1, :]], axis)
        after = tf.concat([planes[..., 1:, :], planes[..., -1:, :]], axis)
    return before, planes, after


def _sort_three(a, b, c):
    low = tf.minimum(a, b)
    high = tf.maximum(a, b)
    return tf.minimum(low, c), tf.maximum(low, tf.minimum(high, c)), tf.maximum(high, c)
