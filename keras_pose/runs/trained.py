"""The net of a trained run."""

from __future__ import annotations

import keras

from keras_pose.models import factory
from keras_pose.runs import run_directory


def load_model(run_dir, precision="float32"):
    """Builds the net of a run and loads its best weights, all of them or none.

    Args:
      run_dir: folder of the run.
      precision: "float32", or "float16" or "bfloat16" to compute in; weights stay float32. A training in 16 bits has no
        say in it: every process scores its weights in 32.

    Returns:
      The `keras.Model`, the `TrainConfig` and the `Skeleton` of the run. Layers made afterwards compute in float32.

    Raises:
      ValueError: where the folder is no trained run.
      OSError: where its weights cannot be read.
    """
    run, config, skeleton = run_directory.open_run(run_dir)
    keras.mixed_precision.set_global_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        model = factory.build_net(config.model, config.window, skeleton.num_joints)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    try:
        model.load_weights(run.weights)
    except OSError as error:
        raise OSError(f"{run.weights}: the weights cannot be read: {error}") from error
    return model, config, skeleton
