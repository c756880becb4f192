"""Reads joints from heatmaps: the highest pixel, and its refinement to a fraction of a pixel.

The refinement follows DARK (Zhang et al. 2020, arXiv 1910.06278, eq. 3 to 8): the logarithm of a Gaussian is a
quadratic, so one Newton step from the highest pixel ends at the centre. Departures: derivatives come from the least
squares quadratic through 3×3 pixels instead of smoothing the whole map first, the step is bounded, and at a border
the 3×3 pixels move inwards.
"""

from __future__ import annotations

import numpy as np
import tensorflow as tf

# Pixels below this part of the maximum are raised to it: logarithms of (nearly) empty pixels would dominate the fit.
# Gaussians of sigma 1 px and wider stay above it within the 3×3 pixels, 2.5 px from the centre at a border.
_FLOOR = 1e-3
_MAX_STEP_PX = 0.5
# Steps (dx, dy) from the middle pixel to each of the 3×3, in the order of rows.
_STEPS = np.stack([np.tile([-1, 0, 1], 3), np.repeat([-1, 0, 1], 3)]).astype(np.int32)
# Least squares on them: slopes along x and y, bends along x and y, twist; each sum is divided by its entry of _PARTS.
_DERIVATIVES = np.array([*_STEPS, *(3 * _STEPS**2 - 2), _STEPS[0] * _STEPS[1]], np.float32)
_PARTS = (6.0, 6.0, 3.0, 3.0, 4.0)
# A CPU computes logarithms of so many values at once, and rounds them differently from those that are left over.
_LANES = 16


def decode_argmax(heatmaps: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the highest pixel of each map.

    Args:
      heatmaps: float [..., h, w, J].

    Returns:
      points: float32 [..., J, 2], (x, y) in heatmap px, whole numbers.
      scores: float32 [..., J], the height of the maximum.
    """
    maps, leading = flatten_leading(heatmaps)
    columns, rows, scores = _highest_pixel(maps)
    points = tf.cast(tf.stack([columns, rows], axis=-1), tf.float32)
    return restore_leading(points, leading), restore_leading(scores, leading)


def decode_subpixel(heatmaps: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Finds the highest pixel of each map, refined to a fraction of a pixel (DARK).

    Exact for Gaussians of sigma 1 px and wider, even if the centre lies up to half a pixel outside the map. The point
    stays within half a pixel of the highest one. Flat maps, maps without a positive value and saddles are not refined.

    Args:
      heatmaps: float [..., h, w, J].

    Returns:
      points: float32 [..., J, 2], (x, y) in heatmap px.
      scores: float32 [..., J], the height of the highest pixel.
    """
    maps, leading = flatten_leading(heatmaps)
    columns, rows, scores = _highest_pixel(maps)
    points = refine_pixels(maps, columns[..., None], rows[..., None])[:, :, 0]
    return restore_leading(points, leading), restore_leading(scores, leading)


def refine_pixels(maps: tf.Tensor, columns: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    """Moves local maxima to the top of the quadratic through the logarithms of the 3×3 pixels there.

    Args:
      maps: float32 [N, h, w, J].
      columns, rows: int32 [N, J, M], pixels of each map.

    Returns:
      float32 [N, J, M, 2], (x, y) in heatmap px, within half a pixel of the given ones.
    """
    shape = tf.shape(maps)
    height = shape[1]
    width = shape[2]
    # Put 3×3 pixels around each maximum; at a border they move inwards.
    middle_x = tf.maximum(tf.minimum(columns, width - 2), 1)
    middle_y = tf.maximum(tf.minimum(rows, height - 2), 1)
    # Read the logarithms of these pixels, relative to the maximum.
    peaks = _pick(maps, columns, rows)
    steps_x, steps_y = (steps[:, None, None, None] for steps in _STEPS)  # [9, 1, 1, 1]
    values = _pick(maps, tf.minimum(middle_x + steps_x, width - 1), tf.minimum(middle_y + steps_y, height - 1))
    relative = tf.maximum(values / tf.maximum(peaks, 1e-12), _FLOOR)  # [9, N, J, M]
    step_x, step_y = _newton_step(_log(relative))
    # Move from the maximum to the top of the quadratic, by half a pixel at most.
    points = []
    for pixel, middle, step, size in ((columns, middle_x, step_x, width), (rows, middle_y, step_y, height)):
        shift = tf.cast(middle - pixel, tf.float32) + step
        # A NaN step means that the quadratic has no top.
        shift = tf.where(tf.math.is_nan(step) | (peaks <= 0) | (size < 3), 0.0, shift)
        points.append(tf.cast(pixel, tf.float32) + tf.clip_by_value(shift, -_MAX_STEP_PX, _MAX_STEP_PX))
    return tf.stack(points, axis=-1)


def flatten_leading(heatmaps: tf.Tensor) -> tuple[tf.Tensor, tuple[tf.Tensor, tf.TensorShape]]:
    """Makes one axis of all leading axes.

    Args:
      heatmaps: float [..., h, w, J].

    Returns:
      float32 [N, h, w, J], and the leading axes for `restore_leading`.

    Raises:
      ValueError: if the maps have fewer than three axes.
    """
    heatmaps = tf.cast(heatmaps, tf.float32)
    if heatmaps.shape.rank is not None and heatmaps.shape.rank < 3:
        raise ValueError(f"heatmaps: expected [..., h, w, J], received shape {heatmaps.shape}")
    shape = tf.shape(heatmaps)
    maps = tf.reshape(heatmaps, tf.concat([[-1], shape[-3:]], axis=0))
    maps.set_shape([None] + (heatmaps.shape[-3:].as_list() if heatmaps.shape.rank is not None else [None] * 3))
    return maps, (shape[:-3], heatmaps.shape[:-3])


def restore_leading(values: tf.Tensor, leading: tuple[tf.Tensor, tf.TensorShape]) -> tf.Tensor:
    """Gives [N, J, ...] the leading axes back that `flatten_leading` merged."""
    dynamic, static = leading
    restored = tf.reshape(values, tf.concat([dynamic, tf.shape(values)[1:]], axis=0))
    if static.rank is not None:
        restored.set_shape(static.concatenate(values.shape[1:]))
    return restored


def _highest_pixel(maps):
    shape = tf.shape(maps)
    flat = tf.reshape(maps, [shape[0], shape[1] * shape[2], shape[3]])
    best = tf.argmax(flat, axis=1, output_type=tf.int32)  # [N, J]
    return best % shape[2], best // shape[2], tf.reduce_max(flat, axis=1)


def _pick(maps, columns, rows):
    """Reads pixels int32 [..., N, J, M] of maps [N, h, w, J]; returns [..., N, J, M]."""
    shape = tf.shape(maps)
    _, height, width, joints = tf.unstack(shape)
    image = tf.range(shape[0])[:, None, None]
    joint = tf.range(joints)[None, :, None]
    return tf.gather(tf.reshape(maps, [-1]), ((image * height + rows) * width + columns) * joints + joint)


def _log(values):
    """Logarithms that do not depend on the number of values: a frame gets the same joints in a batch of any size."""
    flat = tf.reshape(values, [-1])
    count = tf.shape(flat)[0]
    padded = tf.pad(flat, [[0, (_LANES - count % _LANES) % _LANES]], constant_values=1.0)
    return tf.reshape(tf.math.log(padded)[:count], tf.shape(values))


def _newton_step(around):
    """Finds the top of the least squares quadratic through 3×3 pixels [9, N, J, M]; NaN if it has no top."""
    # Fit the quadratic: its first and second derivatives in the middle. Not by a chain of sums: TensorFlow adds up a
    # chain in the order in which memory gets free, so that the last bit would differ from call to call.
    weighted = _DERIVATIVES[..., None] * tf.reshape(around, [1, len(_DERIVATIVES[0]), -1])
    sums = tf.reshape(tf.reduce_sum(weighted, axis=1), tf.concat([[len(_DERIVATIVES)], tf.shape(around)[1:]], 0))
    slope_x, slope_y, bend_x, bend_y, twist = (total / part for total, part in zip(tf.unstack(sums), _PARTS))
    # Solve for the point where the gradient is zero.
    determinant = bend_x * bend_y - twist * twist
    has_top = (bend_x < -1e-6) & (determinant > 1e-9)
    safe = tf.where(has_top, determinant, 1.0)
    full_x = (twist * slope_y - bend_y * slope_x) / safe
    full_y = (twist * slope_x - bend_x * slope_y) / safe
    # On a ridge or a saddle, step only along the axes that bend downwards.
    return tf.where(has_top, full_x, _step_along(slope_x, bend_x)), tf.where(
        has_top, full_y, _step_along(slope_y, bend_y)
    )


def _step_along(slope, bend):
    return tf.where(bend < -1e-6, -slope / tf.minimum(bend, -1e-6), float("nan"))
