"""A small Keras classifier on heatmaps: where each joint is, how it moves, and a temporal convolutional net on that.

It reads heatmaps [B, T, h, w, J] of a frozen pose net. `JointTracks` has no weights; the convolutions see 5·J numbers a
frame, so a few hundred clips are enough. Nothing in it is about hands: any gesture will do.
"""

from __future__ import annotations

import keras
import tensorflow as tf


class JointTracks(keras.layers.Layer):
    """Reduces maps to tracks: positions, motion and heights of the peaks.

    A position is the centre of mass of the map's positive part, squared: the peak counts and faint noise does not.
    Positions count from the clip's mean position of all joints (where the person stands does not matter), in halves of
    the map; motion is that from each joint's own mean, in tenths of the map, because gestures are small beside a frame.

    Input shape: float32 [B, T, h, w, J]. Output shape: float32 [B, T, 5·J].
    """

    def call(self, maps):
        height, width = maps.shape[2], maps.shape[3]
        mass = tf.square(tf.nn.relu(maps))
        rows, columns = tf.reduce_sum(mass, 3), tf.reduce_sum(mass, 2)  # [B, T, h, J], [B, T, w, J]
        total = tf.reduce_sum(rows, 2) + 1e-3  # a map of zeros gives the centre of the frame
        y = tf.reduce_sum(rows * tf.linspace(-1.0, 1.0, height)[:, None], 2) / total
        x = tf.reduce_sum(columns * tf.linspace(-1.0, 1.0, width)[:, None], 2) / total
        points = tf.stack([x, y], -1)  # [B, T, J, 2]
        position = points - tf.reduce_mean(points, [1, 2], keepdims=True)
        motion = 5.0 * (points - tf.reduce_mean(points, 1, keepdims=True))
        peaks = tf.reduce_max(maps, [2, 3])
        return tf.concat([position[..., 0], position[..., 1], motion[..., 0], motion[..., 1], peaks], -1)


def build_classifier(map_shape, num_gestures, filters=32):
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


def classify_over_time(x, num_gestures, filters=32):
    """Two convolutions over time, their mean, and the probabilities: [B, T, C] to [B, num_gestures]."""
    for number in range(2):
        x = keras.layers.Conv1D(filters, 5, padding="same", activation="relu", name=f"over_time_{number}")(x)
    x = keras.layers.GlobalAveragePooling1D(name="mean_over_time")(x)
    return keras.layers.Dense(num_gestures, activation="softmax", name="probabilities")(x)
