"""Functions as graphs that are traced once, whatever the sizes of their inputs, with the weights of that moment.

A `tf.function` counts how often it is traced, together with all others that the same line of code makes, and warns if
that is often: five models, or five streams, are enough. A graph that is made for one declared signature has nothing to
trace again.

The weights become constants of the graph. TensorFlow then folds batch norms into convolutions, and brings the kernels
once, instead of in every call, into the order that the CPU's library wants: single frames of small nets take about 20 %
less time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from keras_pose.heatmaps.codec import HeatmapCodec
from keras_pose.inference.lite_net import LiteNet
from keras_pose.models.pose_net import PoseNet


class Graph:
    """A function as a graph, traced at its first call; later changes of weights do not reach it.

    Args:
      function: function of tensors.
      *signature: a `tf.TensorSpec` for each argument, or a dictionary of them; sizes that may differ are None.
    """

    def __init__(self, function: Callable, *signature: Any) -> None:
        self._function = tf.function(function, input_signature=signature, autograph=False)
        self._signature = signature
        self._graph: Callable | None = None
        self._lock = threading.Lock()

    def __call__(self, *inputs: Any) -> Any:
        """Runs the graph on tensors or arrays; returns what the function returns."""
        with self._lock:
            if self._graph is None:
                self._graph = _freeze(self._function.get_concrete_function())
        return self._graph(*tf.nest.flatten(tf.nest.map_structure(_to_tensor, list(self._signature), list(inputs))))


class FrameGraphs:
    """The graphs of a net for single frames: frames to their maps, and maps to joints. All streams of a net share them.

    A frame gets the same maps and joints, to the last bit, in a batch of any size.

    Args:
      net: net for single frames with heatmaps.
      input_size_hw: (height, width) of its input in px.
      num_joints: J.
      lite: the net in TensorFlow Lite, to be used instead; None: TensorFlow runs it.

    Attributes:
      run_net: graph of uint8 [B, H, W, 3] to float32 [B, h, w, J].
      decode: graph of float32 [B, h, w, J] to float32 [B, J, 3], (x, y) in input px and the score.
      decode_modes: function of float32 [B, h, w, J] to float32 [B, J, 6]: the same to the last bit, then (x, y) and the
        height of the second mode, 0 if there is none.
    """

    def __init__(
        self, net: PoseNet, input_size_hw: tuple[int, int], num_joints: int, lite: LiteNet | None = None
    ) -> None:
        stride = net.heatmap_stride()
        maps = _spec([None, *(side // stride for side in input_size_hw), num_joints], tf.float32)
        codec = net.codec()
        images = _spec([None, *input_size_hw, 3], tf.uint8)
        self.run_net = lite.run_net if lite else Graph(_make_run_net(net.model, net.main_output()), images)
        self.decode: Callable = Graph(_make_decode(codec), maps)
        self.decode_modes: Callable = Graph(_make_decode_modes(codec), maps)
        if lite and lite.decode:  # it rounds otherwise than TensorFlow, so both use it
            self.decode = lite.decode
            self.decode_modes = _append(lite.decode, Graph(_make_decode_second(codec), maps))
        # Run both once, so that the first frame is as fast as any other.
        self.decode(self.run_net(np.zeros((1, *input_size_hw, 3), np.uint8)))


def _freeze(concrete):
    """Returns a function of the flat inputs to the outputs of a concrete function, with its variables as constants."""
    frozen = convert_variables_to_constants_v2(concrete, lower_control_flow=False)
    return lambda *inputs: tf.nest.pack_sequence_as(concrete.structured_outputs, tf.nest.flatten(frozen(*inputs)))


def _make_run_net(model: keras.Model, output: str) -> Callable:
    def run_net(images):
        return tf.cast(model(tf.cast(images, tf.float32), training=False)[output], tf.float32)

    return run_net


def _make_decode(codec: HeatmapCodec) -> Callable:
    def decode(maps):
        points, scores = codec.decode(maps)
        return tf.concat([points, scores[..., None]], axis=-1)

    return decode


def _make_decode_second(codec: HeatmapCodec) -> Callable:
    def decode_second(maps):
        points, heights = codec.decode_modes(maps, max_modes=2)
        return tf.concat([points[:, :, 1], heights[:, :, 1:]], axis=-1)

    return decode_second


def _make_decode_modes(codec: HeatmapCodec) -> Callable:
    decode, decode_second = _make_decode(codec), _make_decode_second(codec)
    return lambda maps: tf.concat([decode(maps), decode_second(maps)], axis=-1)


def _append(first: Callable, second: Callable) -> Callable:
    """Returns a function of maps to what two functions make of them, one behind the other along the last axis."""
    return lambda maps: np.concatenate([first(maps), np.asarray(second(maps))], axis=-1)


def _spec(shape, dtype):
    return tf.TensorSpec(shape, dtype)


def _to_tensor(spec, value):
    return tf.convert_to_tensor(value, spec.dtype)
