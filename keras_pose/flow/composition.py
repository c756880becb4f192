"""Puts flows one after the other, and brings them to the grid of heatmaps.

Flow is (dx, dy) in px of its own grid, out(p) = in(p + flow(p)). A flow over several frames composed of flows between
neighbours costs one new flow a frame however long the window is, and follows motion that is too large for an estimator
to see at once; its errors add up, and it loses what is hidden in between.
"""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf

from keras_pose.flow import warp


def compose(first, second):
    """Composes two flows: result(p) = first(p) + second(p + first(p)), bilinear, borders clamped.

    Args:
      first: float [..., h, w, 2], from the target frame to a frame between.
      second: float [..., h, w, 2], from there to the source frame; leading axes as `first`.

    Returns:
      float32 [..., h, w, 2], from the target frame to the source frame. The gradient goes to both.

    Raises:
      ValueError: where the shapes differ or do not end in 2.
    """
    _check_pair(first.shape, second.shape)
    return tf.cast(first, tf.float32) + warp.warp_by_flow(second, first)


def compose_arrays(first, second):
    """Composes two flows as `compose` does, without TensorFlow: one OpenCV call, for streaming on a CPU.

    `cv2.remap` rounds positions to 1/32 px, so a result differs from that of `compose` by at most 1/64 px times the
    change of `second` from one pixel to the next, in each direction.

    Args:
      first: float32 [h, w, 2], from the target frame to a frame between, finite.
      second: float32 [h, w, 2], from there to the source frame.

    Returns:
      float32 [h, w, 2], from the target frame to the source frame.

    Raises:
      ValueError: for shapes that differ or are not [h, w, 2].
    """
    import cv2  # here, so that graphs and exported models need no OpenCV

    if np.ndim(first) != 3:
        raise ValueError(f"flow: expected float32 [h, w, 2], received shape {np.shape(first)}")
    _check_pair(np.shape(first), np.shape(second))
    first, second = np.asarray(first, np.float32), np.asarray(second, np.float32)
    positions = first + _pixel_grid(*first.shape[:2])
    return first + cv2.remap(second, positions, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def reduce_flow(flow, stride):
    """Brings flow from the grid of the image to that of the heatmaps, in the graph.

    Takes the flow at the centre of each heatmap pixel, (i + 0.5)·stride − 0.5 in image px: for an even stride the mean
    of the four pixels about it, for an odd one the pixel there. At wrists of synthetic signers (128 px, stride 4, seen
    in both frames, moved by more than 1 px) the true flow so reduced is wrong by 0.18 px of the image from one frame to
    the next, and by 0.57 px over three; that of the mean of the block by 0.29 and 0.78 px, of its nearest pixel by 0.23
    and 0.72 px, of its median by 0.16 and 0.42 px, at 25 times the cost. Of an estimated flow (DIS, variational) all
    four are wrong by the same, to 0.02 px: it has no sharp boundaries to lose.

    Args:
      flow: float [..., H, W, 2], (dx, dy) in image px; H and W may be unknown.
      stride: image px per heatmap px, an integer that divides H and W.

    Returns:
      float32 [..., H / stride, W / stride, 2], (dx, dy) in heatmap px.

    Raises:
      ValueError: for a stride that does not divide the flow's size.
    """
    flow = tf.cast(flow, tf.float32)
    _check_stride(flow.shape, stride)
    after = stride // 2
    if stride % 2:
        return flow[..., after::stride, after::stride, :] * (1 / stride)
    corners = [flow[..., y::stride, x::stride, :] for y in (after - 1, after) for x in (after - 1, after)]
    return sum(corners[1:], corners[0]) * (0.25 / stride)


def resize_flow(flow, size_hw):
    """Brings an array of flow to another grid as `reduce_flow` does, whatever the sizes.

    Args:
      flow: float32 [H, W, 2], (dx, dy) in px of its grid.
      size_hw: (height, width) of the new grid.

    Returns:
      float32 [height, width, 2], in px of the new grid: the flow, interpolated, at the centres of its pixels.
    """
    import cv2

    scale = np.float32([size_hw[1] / flow.shape[1], size_hw[0] / flow.shape[0]])
    return cv2.resize(flow, tuple(size_hw)[::-1], interpolation=cv2.INTER_LINEAR) * scale


@functools.lru_cache(maxsize=8)
def _pixel_grid(height, width):
    """float32 [h, w, 2], (x, y)."""
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32)
    grid.flags.writeable = False
    return grid


def _check_pair(first, second):
    first, second = tf.TensorShape(first), tf.TensorShape(second)
    known = first.rank is not None and second.rank is not None
    if known and (first.rank < 3 or first[-1] not in (2, None) or not first.is_compatible_with(second)):
        raise ValueError(
            f"first, second: expected two flows [..., h, w, 2] of one shape, received {tuple(first)} and "
            f"{tuple(second)}"
        )


def _check_stride(shape, stride):
    if isinstance(stride, bool) or not isinstance(stride, int) or stride < 1:
        raise ValueError(f"stride: expected an integer of at least 1, received {stride!r}")
    shape = tf.TensorShape(shape)
    if shape.rank is None:
        return
    if shape.rank < 3 or shape[-1] not in (2, None):
        raise ValueError(f"flow: expected [..., H, W, 2], received shape {tuple(shape)}")
    if any(side is not None and side % stride for side in shape[-3:-1]):
        raise ValueError(f"flow: expected height and width divisible by stride {stride}, received {tuple(shape)}")
