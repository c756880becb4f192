"""One SavedModel from frames to gestures: the pose net and the classifier together, for any TensorFlow Serving."""

from __future__ import annotations

import os
import shutil
import tempfile

import tensorflow as tf

from examples.gestures import whole_files


class GestureModel(tf.Module):
    """What is saved.

    Args:
      pose: `pose_maps.PoseModel`.
      classifier: `keras.Model` from float32 [B, T, h, w, J] to probabilities [B, K].
      names: K names of gestures.
    """

    def __init__(self, pose, classifier, names):
        super().__init__(name="gestures")
        # A SavedModel holds the variables of its attributes. Keras 3 keeps a tf.Variable inside each of its own.
        self.pose = pose.loaded
        self.classifier_variables = [v if isinstance(v, tf.Variable) else v.value for v in classifier.variables]
        map_shape = classifier.input_shape[1:]
        names = tf.constant(names)
        frames_spec = tf.TensorSpec([None, map_shape[0], None, None, 3], tf.uint8, name="frames")

        @tf.function(input_signature=[frames_spec])
        def predict(frames):
            maps = tf.map_fn(  # one clip after the other: memory does not grow with the batch
                lambda clip: tf.ensure_shape(pose.heatmaps(frames=clip)["heatmaps"], map_shape),
                frames,
                fn_output_signature=tf.TensorSpec(map_shape, tf.float32),
            )
            probabilities = classifier(maps, training=False)
            return {
                "probabilities": probabilities,
                "gesture": tf.gather(names, tf.argmax(probabilities, -1)),
                "names": tf.tile(names[None], [tf.shape(frames)[0], 1]),
            }

        self.predict = predict


def save(model, folder) -> str:
    """Saves a `GestureModel` as the next version: whole or not at all, nothing overwritten.

    Args:
      model: `GestureModel`. Its only signature takes `frames` uint8 [B, T, H, W, 3], RGB, and gives `probabilities`
        float32 [B, K], `gesture` string [B] (the most probable) and `names` string [B, K].
      folder: gets a folder 1, 2, … for each version; TensorFlow Serving's model_base_path.

    Returns:
      The folder of the version.
    """
    os.makedirs(folder, exist_ok=True)
    whole_files.clear_stale(folder)
    version = 1 + max((int(name) for name in os.listdir(folder) if name.isdecimal()), default=0)
    path, hidden = os.path.join(folder, str(version)), tempfile.mkdtemp(dir=folder, prefix=whole_files.PREFIX)
    try:
        tf.saved_model.save(model, hidden, signatures={"serving_default": model.predict})
        os.chmod(hidden, 0o755)  # the server may run as another user
        os.rename(hidden, path)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return path
