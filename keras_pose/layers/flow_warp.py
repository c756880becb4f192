"""Dense backward warp by optical flow: out(p) = in(p + flow(p)), bilinear, borders clamped.

Flow is (dx, dy) in px of its own grid, pixel centres are at integers. Two kernels compute the same:

- "gather": core TensorFlow operations, equal to the last bit to `tfa.image.dense_image_warp(maps, -flow)` with the
  components of flow in the order (dy, dx) that it expects. The one to export, and the one that XLA compiles.
- "resampler": the fused operation of TensorFlow Addons, faster in training, equal but for rounding.

Where the interpolation has a kink, the gradient to flow is the derivative towards larger coordinates: that of the next
cell at integer positions (so that zero flow can be learned from), zero outside the frame and on its last row or column.
A component of flow that is NaN counts as zero.
"""

from __future__ import annotations

import tensorflow as tf

KERNELS = ("gather", "resampler")


def warp_by_flow(maps, flow, kernel="gather"):
    """Warps maps by flow: out(p) = maps(p + flow(p)), bilinear, borders clamped.

    Args:
      maps: float [..., h, w, C], with any number of leading axes.
      flow: float [..., h, w, 2], (dx, dy) in px of the maps, with the leading axes of `maps`.
      kernel: one of `KERNELS`.

    Returns:
      float32 [..., h, w, C].

    Raises:
      ValueError: for an unknown kernel, or shapes that do not fit each other.
    """
    if kernel not in KERNELS:
        raise ValueError(f"kernel: expected one of {', '.join(KERNELS)}, received {kernel!r}")
    maps, flow = tf.cast(maps, tf.float32), tf.cast(flow, tf.float32)
    _check_shapes(maps.shape, flow.shape)
    shape = tf.shape(maps)
    images, height, width = tf.reduce_prod(shape[:-3]), shape[-3], shape[-2]
    flow = tf.reshape(flow, [images, height, width, 2])
    flow = tf.where(tf.math.is_nan(flow), 0.0, flow)  # an index made of NaN could be anything
    x = tf.range(tf.cast(width, tf.float32)) + flow[..., 0]
    y = tf.range(tf.cast(height, tf.float32))[:, None] + flow[..., 1]
    warped = _gather_bilinear(tf.reshape(maps, [images, height, width, shape[-1]]), x, y)
    return tf.ensure_shape(tf.reshape(warped, shape), maps.shape)


def _gather_bilinear(maps, x, y):
    """float32 [N, h, w, C] at points float32 [N, h, w], in the order of operations of TensorFlow Addons."""
    images, height, width, channels = tf.unstack(tf.shape(maps))
    left, right, along_x = _neighbours(x, width)
    top, bottom, along_y = _neighbours(y, height)
    pixels = tf.reshape(maps, [images * height * width, channels])
    rows = (tf.range(images) * height)[:, None, None]
    top, bottom = (rows + top) * width, (rows + bottom) * width

    top_left, top_right = tf.gather(pixels, top + left), tf.gather(pixels, top + right)
    bottom_left, bottom_right = tf.gather(pixels, bottom + left), tf.gather(pixels, bottom + right)
    upper = along_x * (top_right - top_left) + top_left
    lower = along_x * (bottom_right - bottom_left) + bottom_left
    return along_y * (lower - upper) + upper


def _neighbours(positions, length):
    """Returns the pixels before and after each position, int32 [N, h, w], and the part of the way, [N, h, w, 1]."""
    last = tf.cast(length - 1, tf.float32)
    before = tf.minimum(tf.maximum(tf.floor(positions), 0.0), tf.maximum(last - 1.0, 0.0))
    # The order of the arguments says who gets the gradient of a tie: the position at 0, nobody at 1.
    part = tf.minimum(1.0, tf.maximum(positions - before, 0.0))
    first = tf.cast(before, tf.int32)
    return first, tf.minimum(first + 1, length - 1), part[..., None]


def _check_shapes(maps, flow):
    if maps.rank is None or flow.rank is None:
        return
    if maps.rank < 3 or flow.rank < 3 or flow[-1] not in (2, None) or not maps[:-1].is_compatible_with(flow[:-1]):
        raise ValueError(
            "maps, flow: expected [..., h, w, C] and [..., h, w, 2] with equal leading axes, height and width, "
            f"received {tuple(maps)} and {tuple(flow)}"
        )
