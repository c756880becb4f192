"""Weights of MoveNet Single-Pose (Google, Apache-2.0) for the MobileNetV2 presets, read from its SavedModel.

MoveNet is MobileNetV2 (alpha 1.0: Lightning; 1.75: Thunder) with a feature pyramid and CenterNet's heads. Its graph is
frozen: the weights are constants, and each batch norm is folded into the convolution in front of it. Their names are
those of `keras.applications.MobileNetV2`, so every array finds its layer by name. Nothing of the graph is executed.

A folded batch norm comes back as one that adds the bias and changes nothing else (`folded_norms`), and is frozen.
`--preset=movenet` has no batch norm at all, and learns the biases too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.protobuf import saved_model_pb2

from keras_pose.models import folded_norms

# Layers of `separable_decoder` by the names that MoveNet has for them.
_DECODER = {
    "pyramid_top": "conv2d",
    "pyramid16_skip": "conv2d_1",
    "pyramid8_skip": "conv2d_2",
    "pyramid4_skip": "conv2d_3",
    "pyramid16": "separable_conv2d",
    "pyramid8": "separable_conv2d_1",
    "pyramid4": "separable_conv2d_2",
    "features": "kpt_heatmap_0/separable_conv2d_4",
}


def is_saved_model(path: str) -> bool:
    """Whether a path is the folder of a SavedModel."""
    return os.path.isfile(os.path.join(path, "saved_model.pb"))


def load_weights(model: keras.Model, path: str) -> int:
    """Puts MoveNet's weights into the layers of a net that has its encoder and decoder.

    Args:
      model: a net with the layers of `keras.applications.MobileNetV2` and of `separable_decoder`.
      path: folder of MoveNet's SavedModel.

    Returns:
      Number of arrays that were set.

    Raises:
      ValueError: if the folder holds another net, or MoveNet of another width; the message names the layer. The net is
        unchanged then.
    """
    constants = read_constants(path)
    changes = []
    for layer in model.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)):
            changes += _arrays_of(layer, constants, path)
    by_name = {layer.name: layer for layer in model.layers}
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    biases = [_bias_of(norm, constants, path) for norm in norms]
    for layer, arrays in changes:
        by_name[layer.name].set_weights(arrays)
    for norm, bias in zip(norms, biases):
        folded_norms.set_folded(norm, bias)
    return sum(len(arrays) for _, arrays in changes) + sum(len(norm.weights) for norm in norms)


def read_constants(path: str) -> dict[str, np.ndarray]:
    """Reads the weights of MoveNet by layer of our nets: `<layer>/kernel` and `<layer>/bias`, float32.

    Args:
      path: folder of MoveNet's SavedModel.

    Raises:
      ValueError: if the folder holds something else.
    """
    file = os.path.join(path, "saved_model.pb")
    model = saved_model_pb2.SavedModel()
    try:
        with open(file, "rb") as stream:
            model.ParseFromString(stream.read())
    except (OSError, DecodeError) as error:
        raise ValueError(f"{file}: expected a SavedModel: {error}") from error
    found = {}
    for graph in model.meta_graphs:
        nodes = [*graph.graph_def.node, *(n for f in graph.graph_def.library.function for n in f.node_def)]
        for node in nodes:
            name = _our_name(node.name) if node.op == "Const" else ""
            if name:
                found[name] = tf.make_ndarray(node.attr["value"].tensor).astype(np.float32)
    if not found:
        raise ValueError(f"{path}: expected MoveNet Single-Pose (constants of MobileNetV2), found a SavedModel without")
    return found


def _our_name(constant):
    """Returns the name of an array of ours, empty for constants that are none of the encoder or decoder."""
    rest = constant.partition("StatefulPartitionedCall/")[2]
    feature_net, _, inner = rest.partition("/model_1/")
    if feature_net.endswith("feature_extractor") and inner.startswith("model/"):
        layer, _, array = inner[len("model/") :].partition("/")
        return f"{layer}/{'bias' if array.endswith('bn_offset') else 'kernel'}"
    parts = (inner or rest).split("/")
    for ours, theirs in _DECODER.items():
        names = theirs.split("/")
        if parts[: len(names)] != names:
            continue
        array = "/".join(parts[len(names) :])
        if ours.endswith(("_top", "_skip")):
            return f"{ours}/{'bias' if array.startswith('BiasAdd') else 'kernel'}"
        if array == "separable_conv2d/ReadVariableOp":
            return f"{ours}_depthwise/kernel"
        return f"{ours}_mix/{'bias' if 'bn_offset' in array or array.startswith('BiasAdd') else 'kernel'}"
    return ""


def _arrays_of(layer, constants: Mapping[str, np.ndarray], path):
    """Returns [(layer, its arrays)]; empty for a layer that MoveNet does not have, such as the head of other joints."""
    kernel = constants.get(f"{layer.name}/kernel")
    if kernel is None:
        return []
    arrays = [kernel] + ([constants[f"{layer.name}/bias"]] if layer.use_bias else [])
    for array, variable in zip(arrays, layer.get_weights()):
        if array.shape != variable.shape:
            raise ValueError(
                f"{path}: expected {layer.name} {list(variable.shape)}, received {list(array.shape)}: Lightning fits "
                "--preset=movenet and mobilenet_v2, Thunder --preset=mobilenet_v2_175, all with --width=1"
            )
    return [(layer, arrays)]


def _convolution_of(norm):
    """Returns the name of the convolution in front of a batch norm."""
    if norm == "bn_Conv1":
        return "Conv1"
    return norm[:-3]  # block_1_expand_BN, Conv_1_bn, features_mix_bn


def _bias_of(norm, constants, path):
    convolution = _convolution_of(norm.name)
    if f"{convolution}/bias" not in constants:
        raise ValueError(f"{path}: expected the bias of {convolution}, found none")
    return constants[f"{convolution}/bias"]
