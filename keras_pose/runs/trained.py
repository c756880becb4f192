"""The net of a trained run."""

from __future__ import annotations

import keras

from keras_pose.models import factory
from keras_pose.runs import run_directory, weights_file
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton


def load_model(run_dir: str, precision: str = "float32") -> tuple[keras.Model, TrainConfig, Skeleton]:
    """Builds the net of a run and loads its weights.

    Args:
      run_dir: folder of the run.
      precision: what the net computes in: "float32", "float16" or "bfloat16". Weights are float32. The precision of
        the training does not matter here: a run that was trained in 16 bits is also scored in 32.

    Returns:
      Model, configuration and skeleton of the run. The global precision policy of Keras is as before.

    Raises:
      ValueError: if the folder is not a trained run.
      OSError: if its weights cannot be read or are damaged.
    """
    run, config, skeleton = run_directory.open_run(run_dir)
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        model = factory.build_net(config.model, config.window, skeleton.num_joints, sigma_px=config.loss.sigma_px)
    finally:
        keras.mixed_precision.set_global_policy(before)
    weights_file.load(model, run.weights)
    return model, config, skeleton
