"""Runs that were never trained, to export; and exports loaded by a Python that has TensorFlow and not this package."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import numpy as np

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


def write_run(folder, **changes):
    """Writes a narrow net of 64 px with random heads as a run; returns its model, `TrainConfig` and folder."""
    import keras

    from keras_pose import skeleton
    from keras_pose.models import factory
    from keras_pose.runs import config, run_directory

    flags = {"run_dir": str(folder), "width": 0.25, "input_size": "64", **changes}
    settings = config.TrainConfig.from_flags(**flags)
    keras.utils.set_random_seed(3)
    model = factory.build_net(settings.model, settings.window, skeleton.UPPER_BODY.num_joints)
    generator = np.random.default_rng(4)
    # Heads begin at zero, and pooling as if there were no neighbours.
    values = [value + generator.normal(scale=0.05, size=value.shape) for value in model.get_weights()]
    model.set_weights([np.abs(v) if "variance" in w.name else v for v, w in zip(values, model.weights)])
    run = run_directory.RunDirectory(str(folder))
    os.makedirs(run.path, exist_ok=True)
    run_directory.begin(run, settings, skeleton.UPPER_BODY, {})
    model.save_weights(run.weights)
    return model, settings, str(folder)


def ask_elsewhere(saved_model, requests, folder, python=sys.executable):
    """Asks a SavedModel in a process of its own, with TensorFlow alone.

    Args:
      saved_model: folder.
      requests: dict of label to (signature, dict of arrays).
      folder: pathlib.Path for files in between.
      python: the interpreter.

    Returns:
      dict of label to dict of arrays.
    """
    asked, answered = folder / "asked.npz", folder / "answered.npz"
    np.savez(asked, requests=np.array(requests, dtype=object))
    command = [str(python), "-I", "-c", _LOAD, str(saved_model), str(asked), str(answered)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(answered, allow_pickle=True)["answers"].item()
