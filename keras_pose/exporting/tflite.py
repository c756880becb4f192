"""A TensorFlow Lite file of the net: one image of the input's size to joints, with TensorFlow Lite's own operations.

It lies beside saved_model.pb as model.tflite, which is where TensorFlow Serving looks with --prefer_tflite_model. Its
tensors have the names of its signature's inputs and outputs, as such a server knows no others.
"""

from __future__ import annotations

import contextlib
import math
import os
import pathlib
import sys
import warnings

import numpy as np
import tensorflow as tf
from absl import logging
from tensorflow.lite.tools import flatbuffer_utils

from keras_pose import files
from keras_pose.exporting import warmup

FILE = "model.tflite"
SIGNATURE = "serving_default"
# Relative error of one layer: of sums in another order; of weights; of weights and of what they are multiplied with.
_ROUNDING = {"float32": 2.0**-16, "float16": 2.0**-11, "int8": 2.0**-8 + 2.0**-8}
_STANDARD_DEVIATIONS = 4


def write(module, folder, kind) -> str:
    """Converts a net, compares the answers of both to one image, and writes the file.

    Args:
      module: `PoseModule` of a net that computes in float32.
      folder: where to, the folder of the version.
      kind: "float32"; "float16", weights in 16 bits; or "int8", weights in 8 bits, and while it runs what they are
        multiplied with.

    Returns:
      str, a line about it.

    Raises:
      ValueError: where the net needs operations that TensorFlow Lite does not have.
      ArithmeticError: where the file answers otherwise than the net in memory.
    """
    content = convert(module, kind)
    difference = compare(module, content, kind)
    with files.replace_atomically(os.path.join(folder, FILE)) as temporary:
        pathlib.Path(temporary).write_bytes(content)
    what = "its highest map" if module.has_maps else "the input's side"
    return (
        f"{FILE} ({kind}): {len(content) / 1e6:.2f} MB (differs from the net in memory by {difference:.1g} of {what})"
    )


def convert(module, kind) -> bytes:
    """Returns the file of a net, its operations all of TensorFlow Lite itself.

    Args:
      module, kind: as of `write`.

    Raises:
      ValueError: where the net needs others.
    """
    spec = tf.TensorSpec([1, *module.size_hw, 3], tf.uint8, name="frames")
    function = tf.function(module.predict_fitted, input_signature=[spec]).get_concrete_function()
    owner = tf.Module()  # of the variables alone: the converter saves all functions of what it is given
    owner.weights = module.net_variables
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], owner)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if kind != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    try:
        with _quiet():
            content = converter.convert()
    except Exception as error:  # a ConverterError, which has no public name
        raise ValueError(f"--tflite={kind}: this net cannot be converted: {error}") from error
    return _name_tensors(content)


def open_interpreter(content):
    """Returns a `tf.lite.Interpreter` of the content of a file; it says nothing of itself or of its successors."""
    with warnings.catch_warnings(), _quiet():
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        interpreter = tf.lite.Interpreter(model_content=content)
        interpreter.allocate_tensors()
    return interpreter


def compare(module, content, kind) -> float:
    """Asks a file and the net in memory for the joints of one image.

    Rounding changes heatmaps by about the same everywhere. A joint may therefore lie elsewhere only where the map of
    the net in memory is nearly as high: heights are compared, at the places that the file says.

    Args:
      module, kind: as of `write`.
      content: bytes of the file.

    Returns:
      float, the largest difference of heights at a joint, as a part of the highest map; of a coordinate net that of
      positions, as a part of the input's longer side.

    Raises:
      ArithmeticError: where they differ by more than rounding explains.
    """
    frames = tf.image.resize(warmup.example_frame(), module.size_hw, antialias=True)[None]
    frames = tf.cast(tf.round(frames), tf.uint8)
    received = open_interpreter(content).get_signature_runner(SIGNATURE)(frames=frames.numpy())
    received = {name: value[0] for name, value in received.items()}
    if module.has_maps:
        maps = module.predict_heatmaps(frames)["heatmaps"][0].numpy()
        highest = max(np.abs(maps).max(), 1e-6)  # maps of a net that has not learnt anything are empty
        difference = _difference_of_heights(received, maps, module.stride) / highest
    else:
        expected = module.predict_fitted(frames)["keypoints"][0].numpy()
        difference = np.abs(received["keypoints"] - expected).max() / max(module.size_hw)
    allowed = tolerance(kind, sum(len(variable.shape) > 1 for variable in module.net_variables))
    if not difference <= allowed:
        raise ArithmeticError(
            f"--tflite={kind}: the file differs from the net in memory by {difference:.2g} of its range; rounding "
            f"explains {allowed:.2g}"
        )
    return float(difference)


def tolerance(kind, num_layers) -> float:
    """How far the output of layers one behind the other may be off, as a part of its range.

    Each layer adds an independent error of the relative size of a rounding, so they add up as the root of their number.

    Args:
      kind: as of `write`.
      num_layers: layers with weights.
    """
    return _STANDARD_DEVIATIONS * _ROUNDING[kind] * math.sqrt(num_layers)


@contextlib.contextmanager
def _quiet():
    """Drops all that is written to the standard error meanwhile, and what is logged below an error.

    TensorFlow Lite writes statistics of operations past Python. Warnings are dropped with them, Python's too; errors
    come as exceptions.
    """
    logging_verbosity = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        logging.set_verbosity(logging_verbosity)


def _difference_of_heights(received, maps, stride):
    """How far heatmaps are from what a file says of their joints: its scores, and the heights at its places."""
    padded = np.pad(maps, ((1, 1), (1, 1), (0, 0)), mode="edge")
    # The highest pixel is the next one, or where the place is half a pixel from it one beside that.
    shifted = [padded[dy : dy + maps.shape[0], dx : dx + maps.shape[1]] for dy in range(3) for dx in range(3)]
    around, peaks = np.max(shifted, axis=0), maps.max((0, 1))
    places = np.rint((received["keypoints"] + 0.5) / stride - 0.5).astype(int)
    columns, rows = np.clip(places, 0, np.array(maps.shape[1::-1]) - 1).T
    lower = np.where(received["valid"], peaks - around[rows, columns, np.arange(maps.shape[2])], 0)
    off = np.abs(received["scores"] - np.clip(peaks, 0, 1))
    return max(lower.max(), off.max())


def _name_tensors(content):
    """Names inputs and outputs as the signature does, and makes sure of the operations."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    custom = [code.customCode for code in model.operatorCodes if code.customCode]
    if custom:
        raise ValueError(f"--tflite: this net needs operations that TensorFlow Lite does not have: {custom}")
    (signature,) = model.signatureDefs
    for tensor in (*signature.inputs, *signature.outputs):
        model.subgraphs[signature.subgraphIndex].tensors[tensor.tensorIndex].name = tensor.name
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
