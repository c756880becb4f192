"""An ONNX file of the net: frames of any size to joints in px of these frames, for ONNX Runtime and other engines.

The file is model.onnx next to saved_model.pb. It does what the signature `predict_frames` does, with ONNX's own
operations, and holds its skeleton and model card as metadata. Browsers run the same file (serving/static_page).

Letters: N frames, H W frame, J joints.
"""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from keras_pose import files
from keras_pose.exporting import examples, portable_fit
from keras_pose.inference.lite_graph import suppress_output

if TYPE_CHECKING:
    from keras_pose.exporting.pose_module import PoseModule

FILE = "model.onnx"
OPSET = 17
INPUT = "frames"
_FRAMES = tf.TensorSpec([None, None, None, 3], tf.uint8, name=INPUT)
_AXES = ("N", "H", "W")
_MAX_DIFFERENCE_PX = 1e-3
_MAX_SCORE_DIFFERENCE = 1e-4
# A map whose second highest px is this close to the highest has no single peak: rounding decides where its joint is.
_TIE = 1e-3


def describe_file(output_names: Sequence[str]) -> dict[str, Any]:
    """Returns what the model card says about the file.

    Args:
      output_names: names of the outputs.
    """
    inputs = {INPUT: f"uint8 [{', '.join(_AXES)}, 3], RGB, all frames of one size"}
    return {"file": FILE, "opset": OPSET, "inputs": inputs, "outputs": sorted(output_names)}  # in the order of the file


def write(module: PoseModule, folder: str, texts: Mapping[str, str]) -> str:
    """Converts a net, compares file and net on frames, and writes the file.

    Args:
      module: module of a net that computes in float32.
      folder: folder of the version.
      texts: JSON by name, for the metadata of the file.

    Returns:
      A line of text about the file, for the user.

    Raises:
      ValueError: if the net needs operations that ONNX does not have.
      ArithmeticError: if the file's answers differ from those of the net in memory.
    """
    content = convert(module, texts)
    difference, num_ties = compare(module, content)
    with files.replace_atomically(os.path.join(folder, FILE)) as temporary:
        pathlib.Path(temporary).write_bytes(content)
    ties = f"; not compared: {num_ties} joints whose maps have no single peak" if num_ties else ""
    return (
        f"{FILE} (opset {OPSET}): {len(content) / 1e6:.2f} MB (differs from the net in memory by {difference:.1g} px"
        f"{ties})"
    )


def convert(module: PoseModule, texts: Mapping[str, str]) -> bytes:
    """Returns the content of the file.

    Args:
      module, texts: see `write`.

    Raises:
      ValueError: if the net needs operations that ONNX does not have.
    """
    import onnx
    import tf2onnx

    # autograph=False: nothing here depends on the values of tensors, and rewriting the code takes seconds.
    function = tf.function(lambda frames: predict_portable(module, frames), input_signature=[_FRAMES], autograph=False)
    try:
        with suppress_output():
            model, _ = tf2onnx.convert.from_function(
                function,
                input_signature=[_FRAMES],
                opset=OPSET,
                # tf2onnx makes sums of products of most selections, and a NaN that is not selected spoils these.
                custom_op_handlers={"SelectV2": (_keep_selection, []), "Log1p": (_write_log1p, [])},
            )
            onnx.checker.check_model(model)  # tf2onnx leaves operations that it does not know as they are
    except Exception as error:  # tf2onnx raises errors of many kinds
        raise ValueError(f"--onnx: this net cannot be converted: {error}") from error
    _describe(model, {**texts, "input_size_hw": json.dumps(list(module.size_hw))})
    return model.SerializeToString()


def predict_portable(module: PoseModule, frames: tf.Tensor) -> dict[str, tf.Tensor]:
    """Joints of decoded frames of one size, as `PoseModule.predict_frames`, in operations that ONNX has.

    Args:
      module: see `write`.
      frames: uint8 [N, H, W, 3].
    """
    fitted, to_frame = portable_fit.fit_to_input(frames, module.size_hw)
    return module.predict_fitted_whole(fitted, to_frame)


def compare(module: PoseModule, content: bytes) -> tuple[float, int]:
    """Compares the joints of a file with those of the net in memory, for one frame and for several of another size.

    Args:
      module: see `write`.
      content: content of the file.

    Returns:
      The largest difference of a joint in px of the frame, and the number of joints that were not compared because
      their maps have no single peak.

    Raises:
      ArithmeticError: if joints differ by more than 1/1000 px, scores by more than 1/10,000, or if `valid` differs.
    """
    session = open_session(content)
    height, width = module.size_hw
    # At these sizes, averaging is exact: elsewhere a grey level may be rounded to the other side.
    large = _make_frames(1, (2 * height, 2 * width))
    small = _make_frames(3, (height // 2 + 1, width))
    largest = 0.0
    num_ties = 0
    for frames in (large, small):
        expected = {name: value.numpy() for name, value in module.predict_frames(tf.constant(frames)).items()}
        received = session(frames)
        single = find_single_peaks(module, frames, expected["valid"])
        num_ties += int((~single).sum())
        px = np.abs(expected["keypoints"] - received["keypoints"]).max(-1)[single].max(initial=0)
        scores = np.abs(expected["scores"] - received["scores"]).max()
        same = np.array_equal(expected["valid"], received["valid"])
        if not (same and px <= _MAX_DIFFERENCE_PX and scores <= _MAX_SCORE_DIFFERENCE):
            raise ArithmeticError(
                f"--onnx: the file differs from the net in memory by {px:g} px and by {scores:g} in scores"
                + ("" if same else ", and in which joints are valid")
            )
        largest = max(largest, float(px))
    return largest, num_ties


def open_session(content: bytes | str, num_threads: int = 1) -> Any:
    """Opens a file in ONNX Runtime, on the CPU.

    Args:
      content: content of the file, or its path.
      num_threads: threads of one operation.

    Returns:
      Function of frames, uint8 [N, H, W, 3], to arrays by output name.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda frames: dict(zip(names, session.run(names, {INPUT: frames})))


def _make_frames(count, size_hw):
    """uint8 [count, *size_hw, 3]: the example frame, from left to right and back."""
    frame = tf.image.resize(examples.make_frame(), size_hw, antialias=True)
    frame = tf.cast(tf.round(frame), tf.uint8).numpy()
    return np.stack([frame[:, :: (-1) ** number] for number in range(count)])


def find_single_peaks(module: PoseModule, frames: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Finds the joints whose maps have one highest px, so that their places do not hang on rounding.

    Args:
      module: see `write`.
      frames: uint8 [N, H, W, 3].
      valid: bool [N, J], of the net's answer.

    Returns:
      bool [N, J]; true for all joints of a coordinate net.
    """
    if not module.has_maps:
        return np.ones_like(valid)
    maps = module.predict_heatmaps(tf.constant(frames))["heatmaps"].numpy()
    highest = np.sort(maps.reshape(len(maps), -1, maps.shape[-1]), axis=1)[:, -2:]
    return (highest[:, 0] < (1 - _TIE) * highest[:, 1]) | ~valid


def _keep_selection(context, node, name, args):
    node.type = "Where"


def _write_log1p(context, node, name, args):
    """Makes log(1 + x) of log1p(x), which ONNX does not have; the scores are not so close to 1 that it matters."""
    one = context.make_const(f"{name}_one", np.array(1, np.float32))
    total = context.make_node("Add", [node.input[0], one.output[0]])
    context.replace_input(node, node.input[0], total.output[0], 0)
    node.type = "Log"


def _describe(model, texts):
    """Names the free axes, and adds metadata."""
    import onnx

    (frames,) = model.graph.input
    for axis, name in enumerate(_AXES):
        frames.type.tensor_type.shape.dim[axis].dim_param = name
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[0].dim_param = _AXES[0]
    model.doc_string = "Frames uint8 [N, H, W, 3], RGB, to joints (x, y) in px of the frame; pixel centres at integers."
    onnx.helper.set_model_props(model, dict(texts))
