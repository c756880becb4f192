"""The nets and weights that a choice is made with."""

from __future__ import annotations

import os

import keras
import numpy as np
import tensorflow as tf

from keras_pose import files
from keras_pose.choosing.clip_maps import PredictMaps
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs import trained

FOLDER = "choosing"  # inside the folder of the run
FITTED = "fitted.npz"
_FRAMES_AT_ONCE = 32


def open_maps(run_dir: str) -> PredictMaps:
    """Returns a function of frames float32 [F, H, W, 3] to the maps of a run's single-frame net, [F, h, w, J]."""
    model = open_frame_net(run_dir)

    @tf.function(reduce_retracing=True, autograph=False)
    def run(frames):
        return model(frames, training=False)["heatmaps"]

    def predict(frames):
        starts = range(0, len(frames), _FRAMES_AT_ONCE)
        return np.concatenate([run(tf.constant(frames[s : s + _FRAMES_AT_ONCE])).numpy() for s in starts])

    return predict


def open_frame_net(run_dir: str) -> keras.Model:
    """Returns the single-frame net of a run: the whole net, or what is inside a flowing net."""
    return PoseNet(trained.load_model(run_dir)[0]).frame_net().model


def fitted_weights(run_dir: str) -> list[np.ndarray]:
    """Returns the weights that the chosen pooling was fitted to; an empty list if it has none, or none is used."""
    path = os.path.join(run_dir, FOLDER, FITTED)
    if not os.path.exists(path):
        return []
    arrays = files.read_arrays(path, "weights of a pooling")
    return [arrays[f"weight_{i}"] for i in range(len(arrays))]
