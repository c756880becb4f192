"""Filters for the optical flow in the graph, on stacks of planes float32 [K, B, h, w].

The colours of an image, the components of flow and the entries of a tensor are planes along the first axis: numbers of
a pixel then meet in element-wise operations of whole planes, which a CPU does faster than with channels last.
Borders repeat their pixels.
"""

from __future__ import annotations

import tensorflow as tf


def from_image(image):
    """float32 [B, h, w, K] to planes [K, B, h, w]."""
    return tf.transpose(image, [3, 0, 1, 2])


def to_image(planes):
    """Planes [K, B, h, w] to float32 [B, h, w, K]."""
    return tf.transpose(planes, [1, 2, 3, 0])


def smooth(planes):
    """Smooths by (1/4, 2/4, 1/4) across and down."""
    for axis in (-1, -2):
        before, _, after = _shifted(planes, axis)
        planes = 0.5 * planes + 0.25 * (before + after)  # tf.add_n takes several times as long on a CPU
    return planes


def gradients(planes):
    """Returns the derivatives by x and by y, central differences, each [K, B, h, w]."""
    left, _, right = _shifted(planes, -1)
    above, _, below = _shifted(planes, -2)
    return (right - left) * 0.5, (below - above) * 0.5


def double(planes):
    """Interpolates bilinearly, pixel centres in their places: [K, B, h, w] to [K, B, 2h, 2w]."""
    for axis in (-1, -2):
        before, _, after = _shifted(planes, axis)
        near = 0.75 * planes
        pairs = tf.stack([near + 0.25 * before, near + 0.25 * after], axis=axis)
        shape = tf.unstack(tf.shape(planes))
        shape[axis] *= 2
        planes = tf.reshape(pairs, shape)
    return planes


def median_3x3(planes):
    """Takes the median of 3×3 pixels: that of the largest low, the middle and the smallest high of sorted columns."""
    low, middle, high = (_shifted(part, -1) for part in _sort_three(*_shifted(planes, -2)))
    return _sort_three(_sort_three(*low)[2], _sort_three(*middle)[1], _sort_three(*high)[0])[1]


def neighbours(planes):
    """Returns the pixels to the right, to the left, below and above each one; 0 beyond the borders."""
    wide = tf.pad(planes, [[0, 0], [0, 0], [1, 1], [1, 1]])
    return wide[..., 1:-1, 2:], wide[..., 1:-1, :-2], wide[..., 2:, 1:-1], wide[..., :-2, 1:-1]


def pad_to_multiple(image, multiple):
    """Repeats the last row and column of [B, H, W, C] until height and width are multiples of a number."""
    for axis in (1, 2):
        if image.shape[axis] is not None and image.shape[axis] % multiple == 0:
            continue
        length = tf.shape(image)[axis]
        image = tf.gather(image, tf.minimum(tf.range(length + (-length) % multiple), length - 1), axis=axis)
    return image


def _shifted(planes, axis):
    """Each pixel's neighbour before it, itself, and the one after it; those beyond the borders repeat them."""
    if axis == -1:
        before = tf.concat([planes[..., :1], planes[..., :-1]], axis)
        after = tf.concat([planes[..., 1:], planes[..., -1:]], axis)
    else:
        before = tf.concat([planes[..., :1, :], planes[..., :-1, :]], axis)
        after = tf.concat([planes[..., 1:, :], planes[..., -1:, :]], axis)
    return before, planes, after


def _sort_three(a, b, c):
    low, high = tf.minimum(a, b), tf.maximum(a, b)
    return tf.minimum(low, c), tf.maximum(low, tf.minimum(high, c)), tf.maximum(high, c)
