"""Dense optical flow in core TensorFlow operations: for training on the device, and inside what is exported.

Convention of the package: target(p) = source(p + flow(p)), flow (dx, dy) in px. No outside estimator is needed, the
batch runs at once, gradients reach the frames, and XLA compiles it.

It goes from coarse to fine on a pyramid of 2×2 averages, and repeats at each level:

1. Warp the source by the flow so far.
2. Linearise the brightness constancy of all colours around it (Lucas and Kanade 1981), sum it over a small
   neighbourhood, and weigh it down where the colours disagree (occlusions, noise), by a Charbonnier weight.
3. Find the flow of least squares by Jacobi iterations, under smoothness that gives way at edges of the target (Horn and
   Schunck 1981; local and global parts as in Bruhn, Weickert and Schnörr 2005), and under a slight pull to zero, which
   decides in places without texture.
4. Bound its change, and remove isolated vectors by a 3×3 median (Sun, Roth and Black 2010).

It ends at half the resolution and interpolates from there. It cannot follow motion above about half of 2^levels px.
"""

from __future__ import annotations

import functools

import tensorflow as tf

from keras_pose.flow import planes
from keras_pose.flow.warp import warp_by_flow

_SPECTRAL_RADIUS = 0.95  # of the Jacobi iterations; if the guess is too high, they only oscillate more


def estimate_flow(
    target: tf.Tensor,
    source: tf.Tensor,
    *,
    levels: int = 5,
    finest_level: int = 1,
    warps: int = 2,
    iterations: int = 5,
    smoothness: float = 60.0,
    edge_grey: float = 5.0,
    outlier_grey: float = 20.0,
    pull_to_zero: float = 1.0,
    max_step_px: float = 1.0,
) -> tf.Tensor:
    """Estimates the flow that brings `source` onto `target`.

    Args:
      target, source: float or uint8 [B, H, W, 3] (RGB) or [B, H, W, 1], 0 to 255; B, H and W may be unknown.
      levels: levels of the pyramid, the first of full resolution; each doubles the largest motion that it can follow.
      finest_level: the level to end at: 1 is half resolution, 0 full resolution, in three to four times the time.
      warps: linearisations at each level.
      iterations: accelerated Jacobi iterations after each linearisation.
      smoothness: weight of the smoothness, in squared grey levels per squared px.
      edge_grey: difference of adjacent pixels, in grey levels, above which the smoothness between them fades.
      outlier_grey: difference of target and warped source, in grey levels, above which a pixel counts less.
      pull_to_zero: weight of the pull to zero flow, in the unit of `smoothness`.
      max_step_px: bound on the change of flow by one linearisation, in px of its level.

    Returns:
      float32 [B, H, W, 2], (dx, dy) px: target(p) = source(p + flow(p)).

    Raises:
      ValueError: if the frames have another shape or two shapes, or if `finest_level` is not below `levels`.
    """
    target = tf.cast(target, tf.float32)
    source = tf.cast(source, tf.float32)
    _check(target.shape, source.shape, levels, finest_level)
    static = target.shape[:3]
    height = tf.shape(target)[1]
    width = tf.shape(target)[2]
    targets = _pyramid(target, levels)
    sources = _pyramid(source, levels)
    # Start from zero flow at the coarsest level, and refine it level by level.
    flow = tf.zeros_like(tf.stack([targets[-1][0]] * 2))
    refine = _refinement(warps, iterations, smoothness, edge_grey, outlier_grey, pull_to_zero, max_step_px)
    for level in reversed(range(finest_level, levels)):
        if level < levels - 1:
            flow = 2.0 * planes.double(flow)
        flow = refine(flow, targets[level], sources[level])
    # Interpolate to full resolution, and cut off what padding added.
    flow = _enlarge(planes.to_image(flow), 2**finest_level)[:, :height, :width]
    return tf.ensure_shape(flow, [*static, 2])


def _pyramid(frames, levels):
    """Returns the frames and their 2×2 averages: a list of `levels` planes [C, B, h, w], full resolution first."""
    frames = planes.pad_to_multiple(frames, 2 ** (levels - 1))
    result = [frames]
    for _ in range(levels - 1):
        result.append(tf.nn.avg_pool2d(result[-1], 2, 2, "VALID"))
    return [planes.from_image(frames) for frames in result]


def _enlarge(flow, times):
    """Brings flow [B, h, w, 2] to a grid that is `times` as fine."""
    if times == 1:
        return flow
    return tf.image.resize(flow, times * tf.shape(flow)[1:3]) * times


@functools.cache
def _refinement(warps, iterations, smoothness, edge_grey, outlier_grey, pull_to_zero, max_step_px):
    """Returns the step of one level: flow [2, B, h, w], in px of the level, target and source to finer flow.

    It is a function that graphs call: they hold its operations once, not once for each level and each call.
    """

    def refine(flow, target, source):
        binding = _binding(target, smoothness, edge_grey)

        def linearise(flow):
            normal = _normal_equations(target, source, flow, outlier_grey)
            solved = _solve(normal, flow, binding, pull_to_zero, iterations)
            return (planes.median_3x3(flow + tf.clip_by_value(solved - flow, -max_step_px, max_step_px)),)

        return _repeat(warps, linearise, (flow,))[0]

    flow, frame = (tf.TensorSpec([count, None, None, None], tf.float32) for count in (2, None))
    return tf.function(refine, input_signature=[flow, frame, frame], autograph=False)


def _binding(target, smoothness, edge_grey):
    """Returns weights float32 [B, h, w] that bind the flow of each pixel to the pixel right, left, below and above."""
    target = planes.smooth(target)

    def weigh(difference, axis):
        weight = tf.exp(tf.reduce_mean(tf.square(difference), 0) * (-0.5 / edge_grey**2))
        weight = smoothness * (weight + 0.008)  # never 0, so that flow spreads to a pixel between edges
        padding = [[0, 0], [0, 0], [0, 0]]
        padding[axis] = [0, 1]
        onwards = tf.pad(weight, padding)
        padding[axis] = [1, 0]
        return onwards, tf.pad(weight, padding)

    right, left = weigh(target[..., 1:] - target[..., :-1], 2)
    below, above = weigh(target[..., 1:, :] - target[..., :-1, :], 1)
    return right, left, below, above


def _normal_equations(target, source, flow, outlier_grey):
    """Returns xx, xy, yy, x, y [5, B, h, w] of the local least squares: [[xx, xy], [xy, yy]] change = -(x, y)."""
    # Compare the target with the source, warped by the flow so far.
    warped = planes.from_image(warp_by_flow(planes.to_image(source), planes.to_image(flow)))
    by_x, by_y = planes.gradients((target + warped) * 0.5)
    difference = warped - target
    # Weigh pixels down where the colours disagree, and sum the equations over a small neighbourhood.
    agreement = outlier_grey * tf.math.rsqrt(tf.reduce_mean(tf.square(difference), 0) + outlier_grey**2)
    pairs = ((by_x, by_x), (by_x, by_y), (by_y, by_y), (by_x, difference), (by_y, difference))
    products = tf.stack([tf.reduce_mean(a * b, 0) * agreement for a, b in pairs])
    return planes.smooth(products)


def _solve(normal, flow, binding, pull_to_zero, iterations):
    """Solves for each pixel's flow [2, B, h, w] with the flow of adjacent pixels fixed, again and again.

    Jacobi iterations with Chebyshev acceleration (Golub and Varga 1961): five gain more than eight without it.
    """
    # The right side, and the inverse of the 2×2 matrix of each pixel.
    xx, xy, yy, x, y = tf.unstack(normal)
    right_x = xx * flow[0] + xy * flow[1] - x
    right_y = xy * flow[0] + yy * flow[1] - y
    bound = sum(binding) + pull_to_zero
    xx = xx + bound
    yy = yy + bound
    scale = 1.0 / (xx * yy - tf.square(xy))
    xx = xx * scale
    xy = xy * scale
    yy = yy * scale

    def iterate(flow, previous, weight, next_weight):
        pulls = sum(w * neighbour for w, neighbour in zip(binding, planes.neighbours(flow)))
        pull_x = right_x + pulls[0]
        pull_y = right_y + pulls[1]
        solved = tf.stack([yy * pull_x - xy * pull_y, xx * pull_y - xy * pull_x])
        solved = weight * (solved - previous) + previous
        return solved, flow, next_weight, 1.0 / (1.0 - 0.25 * _SPECTRAL_RADIUS**2 * next_weight)

    second = 1.0 / (1.0 - 0.5 * _SPECTRAL_RADIUS**2)
    return _repeat(iterations, iterate, (flow, flow, 1.0, second))[0]


def _repeat(times, step, state):
    """Applies `step` to a tuple of tensors, `times` times.

    A loop in the graph, not in Python: XLA would fuse the steps into one kernel that computes each step again for every
    pixel that reads it. On a CPU that takes three times as long to compile and four times as long to run.
    """

    def count(i, *state):
        return (i + 1, *step(*state))

    return tf.while_loop(lambda i, *_: i < times, count, (0, *state), maximum_iterations=times)[1:]


def _check(target, source, levels, finest_level):
    for name, shape in (("target", target), ("source", source)):
        if shape.rank != 4 or shape[3] not in (1, 3):
            raise ValueError(f"{name}: expected frames [B, H, W, 3] or [B, H, W, 1], received shape {shape}")
    if not target.is_compatible_with(source):
        raise ValueError(f"target, source: expected frames of one shape, received {target} and {source}")
    if not 0 <= finest_level < levels:
        raise ValueError(f"finest_level: expected 0 to levels - 1 = {levels - 1}, received {finest_level}")
