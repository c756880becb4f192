"""Flow inside the net, for windows of frames; the current frame is the middle one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_pose.autograph import without_autograph
from keras_pose.flow import composition, in_graph
from keras_pose.pooling.windows import fold, unfold


@keras.saving.register_keras_serializable("keras_pose")
class WindowFlow(keras.layers.Layer):
    """Estimates the flow that brings each frame of a window onto the middle frame, in the graph.

    Flow is estimated between frames that follow each other, away from the middle, and composed, as a stream of frames
    can do with one estimate per frame. No gradient goes through it.

    Args:
      stride: frame px per px of the result.

    Call arguments:
      inputs: list of frames float [B, T, H, W, 3] of 0 to 255, and valid float [B, T], 0 for a frame that does not
        exist.

    Returns:
      float32 [B, T, H/stride, W/stride, 2], (dx, dy) in px of that grid; zero for the middle frame and if `valid` is 0.

    Example:

    >>> frames, valid = tf.zeros([1, 3, 64, 64, 3]), tf.ones([1, 3])
    >>> WindowFlow(stride=4)([frames, valid]).shape
    TensorShape([1, 3, 16, 16, 2])
    """

    def __init__(self, stride: int = 4, dtype: str = "float32", **kwargs: Any) -> None:
        super().__init__(dtype=dtype, **kwargs)
        self.stride = stride

    @without_autograph
    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        frames, valid = inputs
        frames = tf.stop_gradient(tf.cast(frames, tf.float32))
        length = frames.shape[1]
        middle = length // 2
        # Estimate the flow between frames that follow each other, from the nearer to the farther one.
        farther = [t for t in range(length) if t != middle]
        nearer = [t + 1 if t < middle else t - 1 for t in farther]
        steps = self._between(tf.gather(frames, nearer, axis=1), tf.gather(frames, farther, axis=1))
        steps = dict(zip(farther, tf.unstack(steps, axis=1)))
        # Compose flow outwards from the middle frame, on each side.
        flows = {middle: tf.zeros_like(steps[farther[0]])}
        for side in (range(middle - 1, -1, -1), range(middle + 1, length)):
            flows.update(zip(side, itertools.accumulate((steps[t] for t in side), composition.compose)))
        stacked = tf.stack([flows[t] for t in range(length)], axis=1)
        # A frame that does not exist has no flow.
        return stacked * tf.cast(valid, tf.float32)[..., None, None, None]

    def _between(self, targets, sources):
        """Flow of [B, S, H, W, 3] pairs on the grid of the result, [B, S, h, w, 2]."""
        flow = tf.stop_gradient(in_graph.estimate_flow(fold(targets), fold(sources)))
        return unfold(composition.reduce_flow(flow, self.stride), targets.shape[1])

    def compute_output_shape(self, input_shape: Sequence[tuple]) -> tuple:
        batch, length, height, width, _ = input_shape[0]
        return (batch, length, height and height // self.stride, width and width // self.stride, 2)

    def get_config(self) -> dict:
        return {**super().get_config(), "stride": self.stride}
