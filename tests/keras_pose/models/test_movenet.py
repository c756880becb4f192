"""Weights of MoveNet: the features are those of its own graph, and what does not fit is refused."""

import os
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import function_def_to_graph

from keras_pose.models import factory, movenet
from tests import conftest

TEACHERS = pathlib.Path(os.environ.get("KERAS_POSE_SHARED", conftest.ROOT.parent / "shared")) / "data" / "teachers"
needs_movenet = pytest.mark.skipif(not TEACHERS.is_dir(), reason=f"{TEACHERS} is absent")
FEATURES = "StatefulPartitionedCall/kpt_heatmap_0/re_lu_4/Relu"


def features_of_graph(folder, frames):
    """What MoveNet's own graph has in front of its heatmaps."""
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    [function] = [f for f in model.meta_graphs[0].graph_def.library.function if len(f.node_def) > 100]
    graph = function_def_to_graph.function_def_to_graph(function)
    with tf.compat.v1.Session(graph=graph) as session:
        return session.run(f"{FEATURES}:0", {graph.inputs[0].name: frames.astype(np.int32)})


@needs_movenet
@pytest.mark.parametrize(
    ("name", "side", "preset"),
    [("lightning", 192, "movenet"), ("lightning", 192, "mobilenet_v2"), ("thunder", 256, "mobilenet_v2_175")],
)
def test_features_are_those_of_its_own_graph(name, side, preset):
    frames = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3)).astype(np.uint8)
    frames = frames.repeat(side // 8, axis=1).repeat(side // 8, axis=2)
    folder = TEACHERS / f"movenet_{name}"
    net = factory.build_model("heatmap", preset, 3, (side, side), fusion=False, backbone_weights=str(folder))
    ours = keras.Model(net.inputs, net.get_layer("features_mix_relu").output)(frames.astype(np.float32))
    theirs = features_of_graph(folder, frames)
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max())


@needs_movenet
@pytest.mark.parametrize(
    ("name", "preset", "width"),
    [("thunder", "movenet", 1.0), ("lightning", "mobilenet_v2_175", 1.0), ("lightning", "movenet", 0.5)],
)
def test_movenet_of_another_width_is_refused(name, preset, width):
    folder = str(TEACHERS / f"movenet_{name}")
    with pytest.raises(ValueError, match=r"--backbone_weights=.*expected \w+ \[.*Lightning fits .*Thunder"):
        factory.build_model("heatmap", preset, 2, (64, 64), width, fusion=False, backbone_weights=folder)


def test_another_saved_model_is_refused(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(ValueError, match="--backbone_weights=.*expected MoveNet Single-Pose"):
        factory.build_model("heatmap", "movenet", 2, (64, 64), fusion=False, backbone_weights=str(tmp_path))
    with pytest.raises(ValueError, match="MoveNet does not fit --preset=mobilenet_v3_small"):
        factory.build_model("heatmap", "mobilenet_v3_small", 2, (64, 64), backbone_weights=str(tmp_path))


def test_a_damaged_or_missing_saved_model_is_refused(tmp_path):
    assert not movenet.is_saved_model(str(tmp_path))
    (tmp_path / "saved_model.pb").write_bytes(b"no message")
    with pytest.raises(ValueError, match="saved_model.pb: expected a SavedModel"):
        movenet.read_constants(str(tmp_path))
    with pytest.raises(ValueError, match="--preset=movenet takes the folder"):
        factory.build_model("heatmap", "movenet", 2, (64, 64), fusion=False, backbone_weights="imagenet")
