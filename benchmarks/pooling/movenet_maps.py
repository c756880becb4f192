"""The heatmaps inside MoveNet Single-Pose (Google, Apache-2.0): what its net sees before it chooses a person.

MoveNet divides its 17 heatmaps by the distance from where it expects each joint of the person nearest to the middle,
and takes the highest point. The maps before that division, float32 [1, 64, 64, 17] for Thunder's 256 px, are a tensor
inside the function that the SavedModel calls. The graph up to it is cut out here; nothing else of MoveNet runs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import function_def_to_graph

from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

_HEATMAPS = "StatefulPartitionedCall/Sigmoid:0"
_FUNCTION = "pruned"
# COCO's first 11 joints: the upper body.
JOINTS: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
)
JOINTS += ("right_elbow", "left_wrist", "right_wrist")
_SKELETON = Skeleton(
    "movenet",
    JOINTS,
    flip_pairs=tuple((f"left_{part}", f"right_{part}") for part in ("eye", "ear", "shoulder", "elbow", "wrist")),
)
_SIGMA_PX = 1.0  # heatmap px, about the width of its own peaks: the target of poolings that learn


@dataclasses.dataclass(frozen=True)
class MoveNetMaps:
    """MoveNet as a net of single frames to heatmaps.

    Args:
      folder: folder of the SavedModel.
      function: the part of its graph that ends at the heatmaps.
      config: size of the input, and how poolings of its maps are fitted.
      skeleton: the joints of the upper body.
    """

    folder: str
    function: tf.types.experimental.ConcreteFunction
    config: TrainConfig
    skeleton: Skeleton = _SKELETON

    def predict_maps(self, frames: np.ndarray) -> np.ndarray:
        """Runs the net: float32 [F, H, W, 3], RGB 0..255, to heatmaps float32 [F, h, w, 11]."""
        rounded = np.clip(np.round(np.asarray(frames)), 0, 255).astype(np.int32)
        maps = [np.asarray(self.function(tf.constant(frame[None]))[0]) for frame in rounded]
        return np.concatenate(maps)[..., : len(JOINTS)]

    def digest(self) -> str:
        """Returns a digest of the file that holds the weights."""
        with open(os.path.join(self.folder, "saved_model.pb"), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()[:16]


def open_maps(folder: str) -> MoveNetMaps:
    """Opens the heatmaps of MoveNet Thunder or Lightning.

    Raises:
      ValueError: if the folder holds another SavedModel.
    """
    path = os.path.join(folder, "saved_model.pb")
    model = saved_model_pb2.SavedModel()
    with open(path, "rb") as file:
        model.ParseFromString(file.read())
    functions = [f for graph in model.meta_graphs for f in graph.graph_def.library.function]
    inner = next((f for f in functions if _FUNCTION in f.signature.name), None)
    if inner is None:
        raise ValueError(f"{path}: expected MoveNet Single-Pose, found a SavedModel without its function")
    # Import the graph of the function, and cut it at the heatmaps.
    graph = function_def_to_graph.function_def_to_graph(inner)
    definition = graph.as_graph_def()
    frames = graph.inputs[0].name

    def import_graph():
        tf.graph_util.import_graph_def(definition, name="")

    whole = tf.compat.v1.wrap_function(import_graph, [])
    try:
        function = whole.prune(frames, [_HEATMAPS])
    except (KeyError, ValueError) as error:
        raise ValueError(f"{path}: expected MoveNet Single-Pose, found no {_HEATMAPS}: {error}") from error
    side = function.inputs[0].shape[1]
    config = TrainConfig.from_flags(run_dir="", input_size=str(side), sigma_px=_SIGMA_PX)
    return MoveNetMaps(folder, function, config)
