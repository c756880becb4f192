"""A TensorFlow Lite file of the net: one image of the input's size to joints, with TensorFlow Lite's own operations.

The file is model.tflite next to saved_model.pb: TensorFlow Serving looks for it there if it runs with
--prefer_tflite_model. Such a server only knows the names of the tensors, so the tensors have the names of the
signature's inputs and outputs.
"""

from __future__ import annotations

import math
import os
import pathlib
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from tensorflow.lite.tools import flatbuffer_utils

from keras_pose import files
from keras_pose.exporting import examples
from keras_pose.heatmaps import input_to_heatmap
from keras_pose.inference.lite_graph import open_interpreter, suppress_output

if TYPE_CHECKING:
    from keras_pose.exporting.pose_module import PoseModule

FILE = "model.tflite"
SIGNATURE = "serving_default"
# Relative error of one layer: from sums in another order (float32), from rounded weights (float16), and from rounded
# weights and rounded numbers that they multiply (int8).
_ROUNDING = {"float32": 2.0**-16, "float16": 2.0**-11, "int8": 2.0**-8 + 2.0**-8}
_STANDARD_DEVIATIONS = 4


def write(module: PoseModule, folder: str, kind: str) -> str:
    """Converts a net, compares file and net on one image, and writes the file.

    Args:
      module: module of a net that computes in float32.
      folder: folder of the version.
      kind: "float32"; "float16", weights in 16 bits; or "int8", weights in 8 bits, as are, at run time, the numbers
        that they multiply.

    Returns:
      A line of text about the file, for the user.

    Raises:
      ValueError: if the net needs operations that TensorFlow Lite does not have.
      ArithmeticError: if the file's answers differ from those of the net in memory.
    """
    content = convert(module, kind)
    difference = compare(module, content, kind)
    with files.replace_atomically(os.path.join(folder, FILE)) as temporary:
        pathlib.Path(temporary).write_bytes(content)
    whole = "the highest map" if module.has_maps else "the input's longer side"
    return (
        f"{FILE} ({kind}): {len(content) / 1e6:.2f} MB (differs from the net in memory by {difference:.1g} of {whole})"
    )


def convert(module: PoseModule, kind: str) -> bytes:
    """Returns the content of the file, which only uses TensorFlow Lite's own operations.

    Args:
      module, kind: see `write`.

    Raises:
      ValueError: if the net needs other operations.
    """
    # Trace the net for one image.
    spec = tf.TensorSpec([1, *module.size_hw, 3], tf.uint8, name="frames")
    function = tf.function(module.predict_fitted, input_signature=[spec], autograph=False).get_concrete_function()
    owner = tf.Module()  # holds only the variables: the converter would save all functions of the module
    owner.weights = module.net_variables

    # Choose the operations and the kind of weights.
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], owner)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if kind != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]

    # Convert, and rename the tensors.
    try:
        with suppress_output():
            content = converter.convert()
    except Exception as error:  # a ConverterError, which has no public name
        raise ValueError(f"--tflite={kind}: this net cannot be converted: {error}") from error
    return _name_tensors(content)


def compare(module: PoseModule, content: bytes, kind: str) -> float:
    """Compares the joints of a file with those of the net in memory, for one image.

    Rounding changes a heatmap by about the same amount everywhere. It can therefore move a joint only to a place where
    the map of the net in memory is nearly as high. For this reason heights are compared, at the file's joints.

    Args:
      module, kind: see `write`.
      content: content of the file.

    Returns:
      The largest difference of heights at a joint, as a fraction of the highest map. For a coordinate net, the largest
      difference of positions, as a fraction of the input's longer side.

    Raises:
      ArithmeticError: if they differ by more than rounding explains.
    """
    # Run the file on the example frame at the input's size.
    frames = tf.image.resize(examples.make_frame(), module.size_hw, antialias=True)[None]
    frames = tf.cast(tf.round(frames), tf.uint8)
    received = open_interpreter(content).get_signature_runner(SIGNATURE)(frames=frames.numpy())
    received = {name: value[0] for name, value in received.items()}

    # Measure how far it is from the net in memory.
    if module.has_maps:
        maps = module.predict_heatmaps(frames)["heatmaps"][0].numpy()
        highest = max(np.abs(maps).max(), 1e-6)  # an untrained net may predict empty maps
        difference = _compare_heights(received, maps, module.stride) / highest
    else:
        expected = module.predict_fitted(frames)["keypoints"][0].numpy()
        difference = np.abs(received["keypoints"] - expected).max() / max(module.size_hw)

    # Compare with the error that rounding adds up to.
    allowed = tolerance(kind, sum(len(variable.shape) > 1 for variable in module.net_variables))
    if not difference <= allowed:
        raise ArithmeticError(
            f"--tflite={kind}: the file differs from the net in memory by {difference:.2g} of its range; rounding "
            f"explains {allowed:.2g}"
        )
    return float(difference)


def tolerance(kind: str, num_layers: int) -> float:
    """Returns the error that rounding can cause in the output of a chain of layers, as a fraction of its range.

    Each layer adds an independent error, as large as one rounding: the sum grows with the root of their number.

    Args:
      kind: see `write`.
      num_layers: number of layers with weights.
    """
    return _STANDARD_DEVIATIONS * _ROUNDING[kind] * math.sqrt(num_layers)


def _compare_heights(received, maps, stride):
    """Largest difference between a file's answer and maps [h, w, J]: of scores, and of heights at the joints."""
    # Spread heights to adjacent pixels: a joint half a pixel from its peak may be rounded to the pixel beside it.
    padded = np.pad(maps, ((1, 1), (1, 1), (0, 0)), mode="edge")
    shifted = [padded[dy : dy + maps.shape[0], dx : dx + maps.shape[1]] for dy in range(3) for dx in range(3)]
    highest_near = np.max(shifted, axis=0)

    # Read them at the file's joints, in heatmap px.
    places = np.rint(input_to_heatmap(received["keypoints"], stride)).astype(int)
    columns, rows = np.clip(places, 0, np.array(maps.shape[1::-1]) - 1).T
    peaks = maps.max((0, 1))
    lower = np.where(received["valid"], peaks - highest_near[rows, columns, np.arange(maps.shape[2])], 0)
    score_difference = np.abs(received["scores"] - np.clip(peaks, 0, 1))
    return max(lower.max(), score_difference.max())


def _name_tensors(content):
    """Gives input and output tensors the names in the signature, and checks that all operations are built in."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    custom = [code.customCode for code in model.operatorCodes if code.customCode]
    if custom:
        raise ValueError(f"--tflite: this net needs operations that TensorFlow Lite does not have: {custom}")
    (signature,) = model.signatureDefs
    for tensor in (*signature.inputs, *signature.outputs):
        model.subgraphs[signature.subgraphIndex].tensors[tensor.tensorIndex].name = tensor.name
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))
