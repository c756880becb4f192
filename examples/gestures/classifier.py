"""A small Keras classifier on heatmaps: the position and motion of each joint, then convolutions over time.

It reads heatmaps [B, T, h, w, J] of a frozen pose net. `JointTracks` has no weights. The convolutions see 5·J numbers
per frame, so a few hundred clips are enough. The classifier works for any gesture, not only for those of hands.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class JointTracks(keras.layers.Layer):
    """Reduces maps to tracks: positions, motion and peak heights.

    A position is the centre of mass of the map's squared positive part, so that the peak counts and faint noise does
    not. Positions are relative to the mean position of all joints in the clip, so that the person's place in the frame
    does not matter; their unit is half the map. Motion is relative to each joint's own mean; its unit is a tenth of the
    map, because gestures are small compared with the frame.

    Input shape: float32 [B, T, h, w, J]. Output shape: float32 [B, T, 5·J].

    Example:
      >>> JointTracks()(tf.zeros([1, 12, 32, 32, 7])).shape
      TensorShape([1, 12, 35])
    """

    def call(self, maps: tf.Tensor) -> tf.Tensor:
        """Returns the tracks of maps; see the class for shapes."""
        # Find the centre of mass of each map.
        height = maps.shape[2]
        width = maps.shape[3]
        mass = tf.square(tf.nn.relu(maps))
        rows = tf.reduce_sum(mass, 3)  # [B, T, h, J]
        columns = tf.reduce_sum(mass, 2)  # [B, T, w, J]
        total = tf.reduce_sum(rows, 2) + 1e-3  # a map of zeros gives the centre of the frame
        y = tf.reduce_sum(rows * tf.linspace(-1.0, 1.0, height)[:, None], 2) / total
        x = tf.reduce_sum(columns * tf.linspace(-1.0, 1.0, width)[:, None], 2) / total
        points = tf.stack([x, y], -1)  # [B, T, J, 2]
        # Subtract the mean of the clip, and of each joint.
        position = points - tf.reduce_mean(points, [1, 2], keepdims=True)
        motion = 5.0 * (points - tf.reduce_mean(points, 1, keepdims=True))
        peaks = tf.reduce_max(maps, [2, 3])
        return tf.concat([position[..., 0], position[..., 1], motion[..., 0], motion[..., 1], peaks], -1)


def build_classifier(map_shape: Sequence[int], num_gestures: int, filters: int = 32) -> keras.Model:
    """Builds the classifier.

    Args:
      map_shape: (T, h, w, J).
      num_gestures: number of classes.
      filters: filters of each convolution.

    Returns:
      `keras.Model` from float32 [B, T, h, w, J] to probabilities float32 [B, num_gestures].
    """
    maps = keras.Input(tuple(map_shape), name="maps")
    probabilities = classify_over_time(JointTracks(name="tracks")(maps), num_gestures, filters)
    return keras.Model(maps, probabilities, name="gestures")


def classify_over_time(x: tf.Tensor, num_gestures: int, filters: int = 32) -> tf.Tensor:
    """Applies two convolutions over time, a mean and a softmax: [B, T, C] to probabilities [B, num_gestures]."""
    for number in range(2):
        x = keras.layers.Conv1D(filters, 5, padding="same", activation="relu", name=f"over_time_{number}")(x)
    x = keras.layers.GlobalAveragePooling1D(name="mean_over_time")(x)
    return keras.layers.Dense(num_gestures, activation="softmax", name="probabilities")(x)
