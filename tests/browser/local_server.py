"""The local server with a small export of a net that was never trained."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time

import conftest

START_S, STOP_S = 120, 20


def write_export(folder):
    """Saves a narrow heatmap net of 32 px as version 1 below `folder` (pathlib.Path)."""
    import keras
    import tensorflow as tf

    from keras_pose import config, skeleton
    from keras_pose.exporting import pose_module
    from keras_pose.models import factory

    keras.utils.set_random_seed(0)
    settings = config.TrainConfig(run_dir="none", data="signers:train:1", input_size="32", width=0.25)
    model = factory.build_from_config(settings, skeleton.UPPER_BODY.num_joints)
    for number, variable in enumerate(model.trainable_variables):  # the last layer begins at zero: flat maps
        variable.assign_add(0.05 * tf.random.stateless_normal(variable.shape, [0, number]))
    texts = {"skeleton": json.dumps(skeleton.UPPER_BODY.to_dict()), "model_card": json.dumps({"name": "pose"})}
    module = pose_module.PoseModule(model, settings, texts)
    tf.saved_model.save(module, str(folder / "1"), signatures=module.signatures())


@contextlib.contextmanager
def running(folder, log, *flags):
    """Serves the versions of a folder on a free port until the block ends; gives the URL.

    Args:
      folder: pathlib.Path of the versions.
      log: pathlib.Path that takes the server's output.
      flags: more flags of the server.
    """
    command = [sys.executable, "-m", "serving.local_server", "--rest_api_port=0", f"--model_base_path={folder}", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=conftest.ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "CUDA_VISIBLE_DEVICES": "-1"},
        )
    try:
        yield _wait_for_url(process, log)
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=STOP_S)


def _wait_for_url(process, log):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"serving pose at (http://[^/\s]+)/", log.read_text(errors="replace"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise RuntimeError(f"the server does not serve within {START_S} s:\n{log.read_text(errors='replace')[-3000:]}")
