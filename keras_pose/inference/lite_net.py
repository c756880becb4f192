"""A net for single frames, run by TensorFlow Lite: on CPUs, for every net that it runs faster than TensorFlow.

TensorFlow spends about 0.1 ms on each layer, whatever the layer computes, and waits for its threads after each.
TensorFlow Lite (XNNPACK) runs the whole net at once, with batch norm folded into the convolutions: `lite` at 128 px
takes 2.1 ms instead of 4.3. Frames of a batch are divided among the cores, so that no core waits for another within a
frame; a single frame of a net that is not tiny uses several threads. Maps differ from TensorFlow's by rounding (about
1e-5 of their range), and are the same to the last bit in batches of any size. The conversion takes 0.5 to 6 s, once.

Nets of very many operations are the exception: for the large kernels of `paper`, TensorFlow's oneDNN is 2.8 times as
fast (`benchmarks.engines`). They stay with TensorFlow, and so does everything on GPUs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from absl import logging

from keras_pose.inference.lite_graph import LiteGraph, count_cores, count_products, trace
from keras_pose.models.pose_net import PoseNet

# Multiplications of a frame. With more, TensorFlow is at least as fast.
MOST_PRODUCTS = 12e9
# From so many on, the threads of a single frame gain more than they wait for each other.
_PRODUCTS_OF_THREADS = 2e8
_MOST_THREADS = 4
_MOST_DIFFERENCE = 1e-3  # of the largest value of the maps


class LiteNet:
    """A net for single frames, and the way from its output to joints.

    Args:
      net: net for single frames, with an input of known size.
      function: `trace_net` of it; None: it is traced here.

    Attributes:
      run_net: uint8 or float32 [B, H, W, 3], RGB 0..255, of the size of the input, to float32 [B, h, w, J], or to
        [B, J, 2] if the net predicts positions.
      decode: float32 [B, h, w, J] to float32 [B, J, 3], (x, y) in input px and the score; None without heatmaps.
    """

    def __init__(self, net: PoseNet, function: Callable | None = None) -> None:
        function = function or trace_net(net)
        cores = count_cores()
        threads = min(cores, _MOST_THREADS) if count_products(function) >= _PRODUCTS_OF_THREADS else 1
        self.run_net = LiteGraph(function, threads, workers=cores)
        self.decode = LiteGraph(_trace_decode(net)) if net.predicts_heatmaps() else None

    def find_joints(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the joints of frames as `PoseNet.decode` does, float32 [B, J, 2] and [B, J]."""
        output = self.run_net(frames)
        if self.decode is None:
            return output, np.full(output.shape[:-1], np.nan, np.float32)
        found = self.decode(output)
        return found[..., :2], found[..., 2]


def open_lite_net(net: PoseNet) -> LiteNet | None:
    """Converts a net if TensorFlow Lite is the faster engine for it on this machine.

    Args:
      net: net for single frames.

    Returns:
      The net, or None if TensorFlow should run it: on a GPU, if the size of its input is unknown, for more than
      `MOST_PRODUCTS` multiplications, or if it cannot be converted or gives other results (which the log says).
    """
    if net.sees_window() or None in net.input_size_hw() or tf.config.list_physical_devices("GPU"):
        return None
    function = trace_net(net)
    if count_products(function) > MOST_PRODUCTS:
        return None
    try:
        lite = LiteNet(net, function)
        _check_equal(net, lite)
    except Exception as error:  # conversion fails with errors of many kinds, ConverterError among them
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        logging.warning("%s runs in TensorFlow, not TensorFlow Lite: %s", net.model.name, reason)
        return None
    return lite


def trace_net(net: PoseNet) -> Callable:
    """Returns the concrete function of one frame, float32 [1, H, W, 3], to the main output."""
    output = net.main_output()
    return trace(lambda frames: net.model(frames, training=False)[output], [1, *net.input_size_hw(), 3])


def _trace_decode(net):
    codec = net.codec()

    def decode(maps):
        points, scores = codec.decode(maps)
        return tf.concat([points, scores[..., None]], axis=-1)

    return trace(decode, [1, *net.output_shape()])


def _check_equal(net, lite):
    """Raises an ArithmeticError if the outputs for a frame of noise differ by more than rounding."""
    frame = np.random.default_rng(0).integers(0, 256, (1, *net.input_size_hw(), 3)).astype(np.float32)
    expected = np.asarray(net.model(frame, training=False)[net.main_output()])
    difference = np.abs(lite.run_net(frame) - expected).max()
    if not difference <= _MOST_DIFFERENCE * max(1.0, np.abs(expected).max()):
        raise ArithmeticError(f"its output differs by {difference:.2g}")
