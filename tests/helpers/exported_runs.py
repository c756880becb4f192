"""Untrained runs to export, encoded frames to send, and a Python with TensorFlow but without this package."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from tests.helpers import nets

if TYPE_CHECKING:
    import keras

    from keras_pose.runs.config import TrainConfig

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZE_HW = (64, 64)

_LOAD = """
import importlib.util, sys
import numpy as np
import tensorflow as tf

assert importlib.util.find_spec("keras_pose") is None, sys.path
inputs = np.load(sys.argv[2], allow_pickle=True)["requests"].item()
signatures = tf.saved_model.load(sys.argv[1]).signatures
answers = {}
for label, (name, request) in inputs.items():
    answer = signatures[name](**{key: tf.constant(value) for key, value in request.items()})
    answers[label] = {key: value.numpy() for key, value in answer.items()}
for module in ("keras_pose", "tensorflow_addons"):
    assert module not in sys.modules, module
np.savez(sys.argv[3], answers=np.array(answers, dtype=object))
"""


def write_run(folder: str | os.PathLike[str], **changes: Any) -> tuple[keras.Model, TrainConfig, str]:
    """Writes a run of a small net of 64 px with random heads.

    Args:
      folder: folder of the run.
      **changes: flags of the run, such as `**nets.DEFAULT`.

    Returns:
      The net, the configuration and the folder.
    """
    import keras

    from keras_pose import skeleton
    from keras_pose.data.selection import DataSplit
    from keras_pose.models import factory
    from keras_pose.runs import config, run_directory

    flags = {"run_dir": str(folder), **nets.SMALL, "input_size": "64", "pooling": "parametric", **changes}
    settings = config.TrainConfig.from_flags(**flags)
    keras.utils.set_random_seed(3)
    model = factory.build_net(settings.model, settings.window, skeleton.UPPER_BODY.num_joints)
    generator = np.random.default_rng(4)
    # Initial weights would hide errors: heads are zero, and pooling ignores neighbours.
    values = [value + generator.normal(scale=0.05, size=value.shape) for value in model.get_weights()]
    model.set_weights([np.abs(v) if "variance" in w.name else v for v, w in zip(values, model.weights)])
    run = run_directory.RunDirectory(str(folder))
    os.makedirs(run.path, exist_ok=True)
    run_directory.begin(run, settings, skeleton.UPPER_BODY, DataSplit([], [], []))
    model.save_weights(run.weights)
    return model, settings, str(folder)


def encode_png(frame: np.ndarray) -> bytes:
    """Returns a frame, uint8 [H, W, 3] RGB, as a PNG file."""
    return cv2.imencode(".png", frame[..., ::-1])[1].tobytes()


def encode_jpeg(frame: np.ndarray) -> bytes:
    """Returns a frame, uint8 [H, W, 3] RGB, as a JPEG file."""
    return cv2.imencode(".jpg", frame[..., ::-1])[1].tobytes()


def ask_elsewhere(
    saved_model: str | os.PathLike[str],
    requests: Mapping[str, tuple[str, dict[str, np.ndarray]]],
    folder: pathlib.Path,
    python: str | os.PathLike[str] = sys.executable,
) -> dict[str, dict[str, np.ndarray]]:
    """Runs signatures of a SavedModel in a separate process that has TensorFlow but not this package.

    Args:
      saved_model: folder of the SavedModel.
      requests: (signature, inputs) by label.
      folder: folder for temporary files.
      python: path of the interpreter.

    Returns:
      Outputs by label.
    """
    asked = folder / "asked.npz"
    answered = folder / "answered.npz"
    np.savez(asked, requests=np.array(dict(requests), dtype=object))
    command = [str(python), "-I", "-c", _LOAD, str(saved_model), str(asked), str(answered)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(answered, allow_pickle=True)["answers"].item()
