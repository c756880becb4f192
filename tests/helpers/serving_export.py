"""SavedModels for tests of serving: a real export of an untrained net, and a model that returns its own number."""

from __future__ import annotations

import dataclasses
import json
import shutil

import cv2
import numpy as np
import tensorflow as tf

from tests.helpers import made_once, nets


def write_pose_export(path, seed=0):
    """Saves a narrow heatmap net of 32 px with all signatures of an export; takes about ten seconds.

    Args:
      path: pathlib.Path, the folder of the version.
      seed: int, of the weights.
    """
    import keras

    from keras_pose import skeleton
    from keras_pose.exporting import pose_module
    from keras_pose.models import factory
    from keras_pose.runs import config

    keras.utils.set_random_seed(seed)
    settings = config.TrainConfig.from_flags(run_dir="none", data="signers:train:1", input_size="32", **nets.DEFAULT)
    model = factory.build_net(settings.model, settings.window, skeleton.UPPER_BODY.num_joints)
    for variable in model.trainable_variables:  # the last layer starts at zero, which would make every map flat
        variable.assign_add(0.05 * tf.random.stateless_normal(variable.shape, [seed, variable.shape.num_elements()]))
    texts = {
        "skeleton": json.dumps(dataclasses.asdict(skeleton.UPPER_BODY)),
        "model_card": json.dumps({"name": "pose"}),
    }
    module = pose_module.PoseModule(model, settings, texts)
    tf.saved_model.save(module, str(path), signatures=module.signatures())


def copy_pose_export(tmp_path_factory, path):
    """Writes what `write_pose_export` does, which is made once for all test processes.

    Args:
      tmp_path_factory: pytest's.
      path: pathlib.Path, the folder of the version.
    """
    shutil.copytree(made_once.make_once(tmp_path_factory, "pose_export", write_pose_export), path)


def write_numbered(path, number):
    """Saves a model whose `serving_default` gives every image the score `number`; takes about a second."""

    class Numbered(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="image_bytes")])
        def predict(self, image_bytes):
            scores = tf.fill([tf.shape(image_bytes)[0], 2], tf.constant(float(number)))
            return {"keypoints": tf.stack([scores, scores], -1), "scores": scores, "valid": scores > 0}

    module = Numbered()
    tf.saved_model.save(module, str(path), signatures={"serving_default": module.predict})


def encode(ending, height, width, seed=0):
    """Returns a JPEG or PNG (bytes) of coarse noise."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    picture = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(ending, picture)[1].tobytes()
