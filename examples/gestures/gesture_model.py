"""One SavedModel from frames to gestures: the pose net followed by the classifier, for TensorFlow Serving."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence

import keras
import tensorflow as tf

from examples.gestures import atomic_files, pose_maps


class GestureModel(tf.Module):
    """The pose net and the classifier as one module.

    Args:
      pose: the pose net.
      classifier: from float32 [B, T, h, w, J] to probabilities [B, K].
      names: K names of gestures.
    """

    def __init__(self, pose: pose_maps.PoseModel, classifier: keras.Model, names: Sequence[str]) -> None:
        super().__init__(name="gestures")
        # A SavedModel saves the variables of its attributes. A variable of Keras 3 has a tf.Variable inside.
        self.pose = pose.loaded
        self.classifier_variables = [v if isinstance(v, tf.Variable) else v.value for v in classifier.variables]
        map_shape = classifier.input_shape[1:]
        gesture_names = tf.constant(names)
        frames_spec = tf.TensorSpec([None, map_shape[0], None, None, 3], tf.uint8, name="frames")

        @tf.function(input_signature=[frames_spec])
        def predict(frames: tf.Tensor) -> dict[str, tf.Tensor]:
            """The signature: clips to gestures."""
            # Compute the maps one clip at a time, so that memory does not grow with the batch.
            maps = tf.map_fn(
                lambda clip: tf.ensure_shape(pose.heatmaps(frames=clip)["heatmaps"], map_shape),
                frames,
                fn_output_signature=tf.TensorSpec(map_shape, tf.float32),
            )
            probabilities = classifier(maps, training=False)
            return {
                "probabilities": probabilities,
                "gesture": tf.gather(gesture_names, tf.argmax(probabilities, -1)),
                "names": tf.tile(gesture_names[None], [tf.shape(frames)[0], 1]),
            }

        self.predict = predict


def save(model: GestureModel, folder: str) -> str:
    """Saves a model as the next version, atomically and without overwriting anything.

    Args:
      model: its only signature takes `frames` uint8 [B, T, H, W, 3], RGB, and gives `probabilities` float32 [B, K],
        `gesture` string [B] (the most probable one) and `names` string [B, K].
      folder: parent of the version folders 1, 2, …: TensorFlow Serving's model_base_path.

    Returns:
      The folder of the version.
    """
    os.makedirs(folder, exist_ok=True)
    atomic_files.clear_stale(folder)
    version = 1 + max((int(name) for name in os.listdir(folder) if name.isdecimal()), default=0)
    path = os.path.join(folder, str(version))
    hidden = tempfile.mkdtemp(dir=folder, prefix=atomic_files.PREFIX)
    try:
        tf.saved_model.save(model, hidden, signatures={"serving_default": model.predict})
        os.chmod(hidden, 0o755)  # the server may run as another user
        os.rename(hidden, path)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return path
