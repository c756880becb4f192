"""How reliable flow is, pixel by pixel: 1 where it is right, towards 0 where it fails or the source hides the pixel.

Both measures are 0.5 where their residual reaches its tolerance. Flow is (dx, dy) px, target(p) = source(p + flow(p)).
"""

from __future__ import annotations

import math

import tensorflow as tf

from keras_pose.flow import warp

_WINDOW_PX = 5  # a single pixel often matches by chance, 5×5 pixels rarely


def forward_backward(
    forward: tf.Tensor, backward: tf.Tensor, tolerance_px2: float = 0.5, tolerance_share: float = 0.01
) -> tf.Tensor:
    """Forward-backward consistency (Sundaram et al. 2010), made soft.

    Forward and backward flow must cancel. With the residual r = f + b and b = backward(p + forward(p)), the paper
    trusts a pixel if |r|² < t = 0.01·(|f|² + |b|²) + 0.5 px²; this returns 2^(−|r|²/t), which is 0.5 there.

    Args:
      forward: float [..., h, w, 2], px, from target to source: the flow to judge.
      backward: float [..., h, w, 2], px, from source to target.
      tolerance_px2: the constant part of t, in px² of the flow's own grid. The paper uses 0.5 in image px: for flow
        reduced to heatmaps of stride s, use 0.5/s².
      tolerance_share: the part of t that grows with the motion.

    Returns:
      float32 [..., h, w] in 0..1; 0 where p + forward(p) leaves the frame.

    Raises:
      ValueError: if a tolerance is out of range, or the shapes do not match.
    """
    _check_positive("tolerance_px2", tolerance_px2)
    if not tolerance_share >= 0:
        raise ValueError(f"tolerance_share: expected a number of at least 0, received {tolerance_share}")
    forward = tf.cast(forward, tf.float32)
    returning = warp.warp_by_flow(backward, forward)
    residual = tf.reduce_sum(tf.square(forward + returning), axis=-1)
    motion = tf.reduce_sum(tf.square(forward) + tf.square(returning), axis=-1)
    return _soften(residual / (tolerance_share * motion + tolerance_px2), forward)


def photometric(target: tf.Tensor, source: tf.Tensor, flow: tf.Tensor, tolerance: float = 12.0) -> tf.Tensor:
    """Measures how similar the target and the source warped to it are.

    The squared difference, averaged over the channels and 5×5 px, is r²; returns 2^(−r²/tolerance²). It needs no second
    flow, but cannot tell one textureless place from another, or a shadow from an error.

    Args:
      target, source: float [..., h, w, C], brightness of 0 to 255.
      flow: float [..., h, w, 2], px.
      tolerance: difference of brightness at which the result is 0.5.

    Returns:
      float32 [..., h, w] in 0..1; 0 where p + flow(p) leaves the frame.

    Raises:
      ValueError: if the tolerance is not positive, or the shapes do not match.
    """
    _check_positive("tolerance", tolerance)
    target, source, flow = (tf.cast(values, tf.float32) for values in (target, source, flow))
    if not target.shape.is_compatible_with(source.shape):
        raise ValueError(f"target, source: expected one shape, received {tuple(target.shape)}, {tuple(source.shape)}")
    difference = target - warp.warp_by_flow(source, flow)
    residual = _window_mean(tf.reduce_mean(tf.square(difference), axis=-1))
    return _soften(residual / tolerance**2, flow)


def window_reliability(frames: tf.Tensor, flows: tf.Tensor) -> tf.Tensor:
    """Measures how similar each frame of a window, warped to the middle frame, is to it (`photometric`).

    Args:
      frames: float [B, T, h, w, C], brightness of 0 to 255, T odd.
      flows: float [B, T, h, w, 2], px, from the middle frame to each frame.

    Returns:
      float32 [B, T, h, w] in 0..1.
    """
    length = frames.shape[1] or tf.shape(frames)[1]
    middle = tf.broadcast_to(frames[:, length // 2, None], tf.shape(frames))
    return photometric(middle, frames, flows)


def _soften(share, flow):
    """Returns 2^(−share) inside the frame, 0 where the flow [..., h, w, 2] leaves it."""
    shape = tf.shape(flow)
    last_x = tf.cast(shape[-2] - 1, tf.float32)
    last_y = tf.cast(shape[-3] - 1, tf.float32)
    x = tf.range(last_x + 1) + flow[..., 0]
    y = tf.range(last_y + 1)[:, None] + flow[..., 1]
    # A pixel extends half a px beyond its centre.
    inside = (x >= -0.5) & (x <= last_x + 0.5) & (y >= -0.5) & (y <= last_y + 0.5)
    return tf.where(inside, tf.exp(-math.log(2) * share), 0.0)


def _window_mean(maps):
    """Averages float32 [..., h, w] over 5×5 px, or the part of them that lies inside the frame."""
    shape = tf.shape(maps)
    images = tf.reshape(maps, tf.concat([[-1], shape[-2:], [1]], axis=0))
    means = tf.nn.avg_pool2d(images, _WINDOW_PX, strides=1, padding="SAME")
    return tf.ensure_shape(tf.reshape(means, shape), maps.shape)


def _check_positive(name, value):
    if not value > 0:
        raise ValueError(f"{name}: expected a number above 0, received {value}")
