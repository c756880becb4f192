"""Dense backward warp by optical flow: out(p) = in(p + flow(p)), bilinear, borders clamped.

Flow is (dx, dy) in px of its own grid, pixel centres are at integers. Two kernels compute the same:

- "gather": core TensorFlow operations. It equals `tfa.image.dense_image_warp(maps, -flow)` (which takes (dy, dx)) to
  the last bit, unless XLA fuses the sums. Exports use it, and XLA can compile it.
- "resampler": the fused operation of TensorFlow Addons, faster in training, equal up to rounding.

Where the interpolation has a kink, the gradient to flow is the derivative towards larger coordinates: at integer
positions the slope of the next cell (so that a net can learn from zero flow), zero outside the frame and on its last
row or column.
A component of flow that is not finite counts as zero and has no gradient.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph

KERNELS = ("gather", "resampler")


def training_kernel(xla: bool) -> str:
    """Returns the fastest kernel for training: "resampler" with TensorFlow Addons and without XLA, else "gather".

    Args:
      xla: whether XLA will compile the warp; it cannot compile the resampler.
    """
    if xla:
        return "gather"
    try:
        _load_resampler()
    except ImportError:
        return "gather"
    return "resampler"


def warp_by_flow(maps: tf.Tensor, flow: tf.Tensor, kernel: str = "gather") -> tf.Tensor:
    """Warps maps by flow: out(p) = maps(p + flow(p)), bilinear, borders clamped.

    Args:
      maps: float [..., h, w, C], with any number of leading axes.
      flow: float [..., h, w, 2], (dx, dy) in px of the maps, with the leading axes of `maps`.
      kernel: one of `KERNELS`.

    Returns:
      float32 [..., h, w, C].

    Raises:
      ValueError: for an unknown kernel or one that is not installed, or if the shapes do not match.
    """
    _check_kernel(kernel)
    maps = tf.cast(maps, tf.float32)
    flow = tf.cast(flow, tf.float32)
    _check_shapes(maps.shape, flow.shape)
    shape = tf.shape(maps)
    images = tf.reduce_prod(shape[:-3])
    height = shape[-3]
    width = shape[-2]
    # Find the position that each pixel reads, inside the frame.
    dx, dy = tf.unstack(tf.reshape(flow, [images, height, width, 2]), axis=-1)
    last_x = tf.cast(width - 1, tf.float32)
    last_y = tf.cast(height - 1, tf.float32)
    x = _move(tf.range(last_x + 1.0), dx, last_x)
    y = _move(tf.range(last_y + 1.0)[:, None], dy, last_y)
    # Read the maps there.
    maps_in_a_row = tf.reshape(maps, [images, height, width, shape[-1]])
    if kernel == "resampler":
        warped = _load_resampler()(maps_in_a_row, tf.stack([x, y], axis=-1))
    else:
        warped = _gather_bilinear(maps_in_a_row, x, y)
    return tf.ensure_shape(tf.reshape(warped, shape), maps.shape)


@keras.saving.register_keras_serializable("keras_pose")
class FlowWarp(keras.layers.Layer):
    """Warps maps by flow, both inputs of the layer; see `warp_by_flow`.

    It stays float32 under mixed precision: 16-bit flow loses pixels.

    Args:
      kernel: one of `KERNELS`; see `training_kernel`. Exports need "gather".

    Input shape: list of float [..., h, w, C] and float [..., h, w, 2], such as [B, T, h, w, J] and [B, T, h, w, 2].
    Output shape: float32 [..., h, w, C].

    Raises:
      ValueError: for an unknown kernel, or one that is not installed.

    Example:

    >>> maps = tf.constant([1.0, 2.0, 4.0])[None, None, :, None]  # [1, 1, 3, 1]
    >>> half_to_the_right = tf.constant([[[[0.5, 0.0]] * 3]])
    >>> FlowWarp()([maps, half_to_the_right]).numpy().ravel().tolist()
    [1.5, 3.0, 4.0]
    """

    def __init__(self, kernel: str = "gather", **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        _check_kernel(kernel)
        self.kernel = kernel

    @without_autograph
    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        maps, flow = inputs
        return warp_by_flow(maps, flow, self.kernel)

    def compute_output_shape(self, input_shape: Sequence[tuple]) -> tuple:
        maps, flow = input_shape
        _check_shapes(tf.TensorShape(maps), tf.TensorShape(flow))  # Keras 3 builds a model without a call
        return tuple(maps)

    def get_config(self) -> dict:
        return {**super().get_config(), "kernel": self.kernel}


@tf.custom_gradient
def _move(grid, flow, last):
    """Returns float32 grid + flow, clamped to 0..last px, with the gradient that the module's docstring describes."""
    moved = grid + flow

    def gradient(upstream):
        inside = (moved >= 0.0) & (moved < last)  # false for NaN
        return None, upstream * tf.cast(inside, tf.float32), None

    # An index made of NaN could be anything. Multiply, because a selection takes four times as long.
    finite = tf.math.multiply_no_nan(flow, tf.cast(tf.math.is_finite(flow), tf.float32))
    return tf.clip_by_value(grid + finite, 0.0, last), gradient


def _gather_bilinear(maps, x, y):
    """Reads float32 [N, h, w, C] at positions float32 [N, h, w] inside it, by the operations of TensorFlow Addons."""
    images, height, width, channels = tf.unstack(tf.shape(maps))
    # Find the four pixels around each position.
    left, along_x = _split_position(x, width)
    top, along_y = _split_position(y, height)
    first_rows = (tf.range(images) * height)[:, None, None]
    upper = (first_rows + top) * width + left
    lower = upper + tf.minimum(height - 1, 1) * width  # the same row again if maps have one row
    right = tf.minimum(width - 1, 1)
    # Read and interpolate them.
    pixels = tf.reshape(maps, [images * height * width, channels])
    corners = [tf.gather(pixels, index) for index in (upper, upper + right, lower, lower + right)]
    return _interpolate(*corners, along_x[..., None], along_y[..., None])


def _split_position(position, length):
    """Returns the pixel before a position, int32, never the last one, and the fraction of the way to the next."""
    before = tf.minimum(tf.floor(position), tf.cast(tf.maximum(length - 2, 0), tf.float32))
    return tf.cast(before, tf.int32), position - before


@tf.custom_gradient
def _interpolate(top_left, top_right, bottom_left, bottom_right, along_x, along_y):
    """Interpolates along x, then along y. The gradient by hand saves a tenth of the warp's time in training."""
    slope_above = top_right - top_left
    slope_below = bottom_right - bottom_left
    above = along_x * slope_above + top_left
    below = along_x * slope_below + bottom_left
    slope = below - above

    def gradient(upstream):
        to_below = along_y * upstream
        to_above = upstream - to_below
        to_bottom_right = along_x * to_below
        to_top_right = along_x * to_above
        to_x = tf.reduce_sum(to_above * slope_above + to_below * slope_below, axis=-1, keepdims=True)
        to_y = tf.reduce_sum(upstream * slope, axis=-1, keepdims=True)
        return to_above - to_top_right, to_top_right, to_below - to_bottom_right, to_bottom_right, to_x, to_y

    return along_y * slope + above, gradient


@functools.cache
def _load_resampler():
    """Imports TensorFlow Addons, which takes seconds, without its warning that its development has ended."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*TensorFlow Addons \(TFA\) has ended development", UserWarning)
        import tensorflow_addons as tfa
    return tfa.image.resampler


def _check_kernel(kernel):
    if kernel not in KERNELS:
        raise ValueError(f"kernel: expected one of {', '.join(KERNELS)}, received {kernel!r}")
    if kernel == "resampler":
        try:
            _load_resampler()
        except ImportError as error:
            raise ValueError(
                'kernel: "resampler" needs TensorFlow Addons, which cannot be imported; use kernel="gather", '
                f"or install requirements.txt on Python 3.9 to 3.11 ({error})"
            ) from error


def _check_shapes(maps, flow):
    if maps.rank is None or flow.rank is None:
        return
    if maps.rank < 3 or flow.rank < 3 or flow[-1] not in (2, None) or not maps[:-1].is_compatible_with(flow[:-1]):
        raise ValueError(
            "maps, flow: expected [..., h, w, C] and [..., h, w, 2] with equal leading axes, height and width, "
            f"received {tuple(maps)} and {tuple(flow)}"
        )
