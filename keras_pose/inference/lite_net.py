"""A net for single frames, run by TensorFlow Lite: for nets of many small layers, one frame at a time, on a CPU.

TensorFlow spends about 0.1 ms on each layer of such a net, whatever the layer computes, and waits for its threads after
each. TensorFlow Lite (XNNPACK) runs the whole net in one thread: MoveNet Lightning's trunk at 96×128 px takes 2.0 ms
instead of 7.1, and finding the joints in the maps 0.1 instead of 1.4. Maps differ by rounding (below 1e-4). The
conversion takes some seconds, once.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import tensorflow as tf
from absl import logging
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from keras_pose.models.pose_net import PoseNet


class LiteGraph:
    """A function of one item, run by TensorFlow Lite on one item after the other.

    So an item has the same result in a batch of any size. Threads may share it.

    Args:
      function: function of one tensor [1, ...] to one tensor [1, ...].
      shape: shape of its input, with the 1.
    """

    def __init__(self, function: Callable[[tf.Tensor], tf.Tensor], shape: Sequence[int]) -> None:
        graph = tf.function(function, input_signature=[tf.TensorSpec(shape, tf.float32)])
        frozen = convert_variables_to_constants_v2(graph.get_concrete_function())
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], tf.Module())
        with suppress_output():
            content = converter.convert()
        self._interpreter = open_interpreter(content)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._lock = threading.Lock()

    def __call__(self, items: np.ndarray | tf.Tensor) -> tf.Tensor:
        """Runs the function on a batch of one or more items, uint8 or float32 [B, ...]; returns float32 [B, ...]."""
        results = []
        with self._lock:
            for item in np.asarray(items):
                self._interpreter.set_tensor(self._input, np.asarray(item, np.float32)[None])
                self._interpreter.invoke()
                results.append(self._interpreter.get_tensor(self._output))
        return tf.constant(results[0] if len(results) == 1 else np.concatenate(results))


class LiteNet:
    """A heatmap net for single frames, and the way from its maps to joints.

    Args:
      net: heatmap net for single frames, with an input of known size.

    Attributes:
      run_net: uint8 or float32 [B, H, W, 3], RGB 0..255, of the size of the input, to float32 [B, h, w, J].
      decode: float32 [B, h, w, J] to float32 [B, J, 3], (x, y) in input px and the score.
    """

    def __init__(self, net: PoseNet) -> None:
        codec = net.codec()
        output = net.main_output()

        def decode(maps):
            points, scores = codec.decode(maps)
            return tf.concat([points, scores[..., None]], axis=-1)

        self.run_net = LiteGraph(lambda frames: net.model(frames, training=False)[output], [1, *net.input_size_hw(), 3])
        self.decode = LiteGraph(decode, [1, *net.output_shape()])


def open_interpreter(content: bytes) -> tf.lite.Interpreter:
    """Returns an interpreter for the content of a file, without the warnings that it usually prints."""
    with warnings.catch_warnings(), suppress_output():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    return interpreter


@contextlib.contextmanager
def suppress_output() -> Iterator[None]:
    """Suppresses everything that is written to the standard error, and log messages below errors.

    TensorFlow Lite writes statistics directly to the file descriptor. Warnings are lost too; errors raise exceptions.
    """
    logging_verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    sys.stderr.flush()
    standard_error = os.dup(2)
    try:
        with open(os.devnull, "wb") as null_device:
            os.dup2(null_device.fileno(), 2)
        yield
    finally:
        os.dup2(standard_error, 2)
        os.close(standard_error)
        logging.set_verbosity(logging_verbosity)
