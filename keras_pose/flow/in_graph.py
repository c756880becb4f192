"""Dense optical flow in core TensorFlow operations: for training on the device, and inside what is exported.

Convention of the package: target(p) = source(p + flow(p)), flow (dx, dy) in px. No outside estimator is needed, the
batch runs at once, gradients reach the frames, and XLA compiles it.

From coarse to fine on a pyramid of 2×2 averages. At each level, a few times:

1. the source is warped by the flow so far;
2. the brightness constancy of all colours is linearised around it (Lucas and Kanade 1981), summed over a small window
   and weighed down where the colours disagree (occlusions, noise), by a Charbonnier weight;
3. the flow of least squares is found by Jacobi iterations under smoothness that gives way at edges of the target
   (Horn and Schunck 1981; local and global parts as in Bruhn, Weickert and Schnörr 2005), and under a slight pull to
   zero, which decides where there is no texture;
4. its change is bounded, and a 3×3 median removes vectors that stand alone (Sun, Roth and Black 2010).

It ends at half the resolution and is interpolated from there. Motion above about half of 2^levels px is not followed.
"""

from __future__ import annotations

import tensorflow as tf

from keras_pose.flow import planes
from keras_pose.flow.warp import warp_by_flow

_SPECTRAL_RADIUS = 0.95  # of the Jacobi iterations; a guess too high only makes them restless


def estimate_flow(
    target,
    source,
    *,
    levels=5,
    finest_level=1,
    warps=2,
    iterations=5,
    smoothness=60.0,
    edge_grey=5.0,
    outlier_grey=20.0,
    pull_to_zero=1.0,
    max_step_px=1.0,
):
    """Estimates the flow that brings `source` onto `target`.

    Args:
      target, source: float or uint8 [B, H, W, 3] (RGB) or [B, H, W, 1], 0 to 255; B, H and W may be unknown.
      levels: levels of the pyramid, the first of full resolution; each doubles the motion that can be followed.
      finest_level: the level to end at: 1 is half of the resolution, 0 the full one, in three to four times the time.
      warps: linearisations at each level.
      iterations: accelerated Jacobi iterations after each.
      smoothness: weight of the smoothness, in squared grey levels per squared px.
      edge_grey: difference of neighbours, in grey levels, from which on the smoothness between them fades.
      outlier_grey: difference of target and warped source, in grey levels, from which on a pixel counts for less.
      pull_to_zero: weight of the pull to zero flow, as `smoothness`.
      max_step_px: bound on the change of flow by a linearisation, in px of its level.

    Returns:
      float32 [B, H, W, 2], (dx, dy) px: target(p) = source(p + flow(p)).

    Raises:
      ValueError: for frames of another shape than described, or of two shapes; for `finest_level` not below `levels`.
    """
    target, source = tf.cast(target, tf.float32), tf.cast(source, tf.float32)
    _check(target.shape, source.shape, levels, finest_level)
    static, height, width = target.shape[:3], tf.shape(target)[1], tf.shape(target)[2]
    targets, sources = (_pyramid(frames, levels) for frames in (target, source))
    flow = tf.zeros_like(tf.stack([targets[-1][0]] * 2))
    for level in reversed(range(finest_level, levels)):
        if level < levels - 1:
            flow = 2.0 * planes.double(flow)
        binding = _binding(targets[level], smoothness, edge_grey)
        flow = _refine(
            flow, targets[level], sources[level], binding, warps, iterations, outlier_grey, pull_to_zero, max_step_px
        )
    flow = _enlarge(planes.to_image(flow), 2**finest_level)[:, :height, :width]
    return tf.ensure_shape(flow, [*static, 2])


def _pyramid(frames, levels):
    """Frames and their averages of 2×2: a list of `levels` planes [C, B, h, w], of full resolution first."""
    frames = planes.pad_to_multiple(frames, 2 ** (levels - 1))
    result = [frames]
    for _ in range(levels - 1):
        result.append(tf.nn.avg_pool2d(result[-1], 2, 2, "VALID"))
    return [planes.from_image(frames) for frames in result]


def _enlarge(flow, times):
    """Flow [B, h, w, 2] on a grid some times as fine."""
    if times == 1:
        return flow
    return tf.image.resize(flow, times * tf.shape(flow)[1:3]) * times


def _refine(flow, target, source, binding, warps, iterations, outlier_grey, pull_to_zero, max_step_px):
    """Linearises and solves `warps` times at one level; flow [2, B, h, w], in px of the level."""

    def linearise(flow):
        normal = _normal_equations(target, source, flow, outlier_grey)
        solved = _solve(normal, flow, binding, pull_to_zero, iterations)
        return (planes.median_3x3(flow + tf.clip_by_value(solved - flow, -max_step_px, max_step_px)),)

    return _repeat(warps, linearise, (flow,))[0]


def _binding(target, smoothness, edge_grey):
    """Weights float32 [B, h, w] that bind the flow of each pixel to that on its right, left, below and above."""
    target = planes.smooth(target)

    def weigh(difference, axis):
        weight = tf.exp(tf.reduce_mean(tf.square(difference), 0) * (-0.5 / edge_grey**2))
        weight = smoothness * (weight + 0.008)  # never none, so that flow gets into a pixel between edges
        none = [[0, 0], [0, 0], [0, 0]]
        none[axis] = [0, 1]
        onwards = tf.pad(weight, none)
        none[axis] = [1, 0]
        return onwards, tf.pad(weight, none)

    right, left = weigh(target[..., 1:] - target[..., :-1], 2)
    below, above = weigh(target[..., 1:, :] - target[..., :-1, :], 1)
    return right, left, below, above


def _normal_equations(target, source, flow, outlier_grey):
    """Entries xx, xy, yy, x, y [5, B, h, w] of the windowed least squares: [[xx, xy], [xy, yy]] change = -(x, y)."""
    warped = planes.from_image(warp_by_flow(planes.to_image(source), planes.to_image(flow)))
    by_x, by_y = planes.gradients((target + warped) * 0.5)
    difference = warped - target
    trust = outlier_grey * tf.math.rsqrt(tf.reduce_mean(tf.square(difference), 0) + outlier_grey**2)
    pairs = ((by_x, by_x), (by_x, by_y), (by_y, by_y), (by_x, difference), (by_y, difference))
    products = tf.stack([tf.reduce_mean(a * b, 0) * trust for a, b in pairs])
    return planes.smooth(products)


def _solve(normal, flow, binding, pull_to_zero, iterations):
    """Solves for each pixel's flow [2, B, h, w], those of its neighbours held, again and again.

    Jacobi iterations under Chebyshev's acceleration (Golub and Varga 1961): five of them gain more than eight without.
    """
    xx, xy, yy, x, y = tf.unstack(normal)
    right_x = xx * flow[0] + xy * flow[1] - x
    right_y = xy * flow[0] + yy * flow[1] - y
    bound = sum(binding) + pull_to_zero
    xx, yy = xx + bound, yy + bound
    scale = 1.0 / (xx * yy - tf.square(xy))
    xx, xy, yy = xx * scale, xy * scale, yy * scale

    def iterate(flow, previous, weight, next_weight):
        pulls = sum(w * neighbour for w, neighbour in zip(binding, planes.neighbours(flow)))
        pull_x, pull_y = right_x + pulls[0], right_y + pulls[1]
        solved = tf.stack([yy * pull_x - xy * pull_y, xx * pull_y - xy * pull_x])
        solved = weight * (solved - previous) + previous
        return solved, flow, next_weight, 1.0 / (1.0 - 0.25 * _SPECTRAL_RADIUS**2 * next_weight)

    second = 1.0 / (1.0 - 0.5 * _SPECTRAL_RADIUS**2)
    return _repeat(iterations, iterate, (flow, flow, 1.0, second))[0]


def _repeat(times, step, state):
    """Applies `step` some times to a tuple of tensors.

    A loop in the graph, not in Python: XLA would melt the steps into one kernel that computes each again for every
    pixel that reads it: three times as slow to compile, and four times to run, on a CPU.
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
