"""Predictions on a few validation frames, drawn for TensorBoard."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.models.pose_net import PoseNet
from keras_pose.viz import skeletons


class PredictionImages(keras.callbacks.Callback):
    """After each validation writes validation frames with predicted and true joints, and the sum of their heatmaps.

    Args:
      log_dir: TensorBoard's folder.
      samples: `Samples` of the validation set.
      skeleton: `Skeleton`.
      interval: steps from one validation to the next.
      count: number of frames, spread over the set.
    """

    def __init__(self, log_dir, samples, skeleton, interval, count=8):
        super().__init__()
        self._log_dir, self._skeleton, self._interval = log_dir, skeleton, interval
        chosen = np.unique(np.linspace(0, len(samples) - 1, count).astype(int))
        self._samples, self._positions, self._writer = samples, chosen, None

    def on_epoch_end(self, epoch, logs=None):
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(self._log_dir + "/images")
            self._inputs, self._frames, self._targets = self._read()
        points, maps = decode_output(self.model.predict_on_batch(self._inputs), self.model)
        drawn = [self._draw(*row) for row in zip(self._frames, points, self._targets)]
        with self._writer.as_default(step=(epoch + 1) * self._interval):
            tf.summary.image("predictions", np.stack(drawn), max_outputs=len(drawn))
            if maps is not None:
                tf.summary.image("heatmaps", np.clip(maps.max(-1, keepdims=True), 0, 1), max_outputs=len(maps))
        self._writer.flush()

    def _read(self):
        batch = self._samples.read_batch(self._positions)
        window, targets = augment.map_to_input(batch, self._samples.input_size_hw), batch["targets"]
        frames = window["frames"][:, len(self._samples.offsets) // 2].numpy()
        truth = np.where(targets[..., 2:] > 0, targets[..., :2], np.nan)
        return PoseNet(self.model).select_inputs(window), frames, truth

    def _draw(self, frame, points, truth):
        canvas, scale = skeletons.enlarge(frame.astype(np.uint8), 256)
        points, truth = (skeletons.scale_points(p, scale) for p in (points, truth))
        canvas = skeletons.draw_skeleton(canvas, points, self._skeleton)
        return skeletons.draw_truth(canvas, truth, self._skeleton)


def decode_output(output, model):
    """Returns joints float32 [B, J, 2] in input px, and the heatmaps [B, h, w, J] (None for a coordinate net)."""
    net = PoseNet(model)
    values = output[net.main_output()]
    points, _ = net.decode(values)
    return np.asarray(points), np.asarray(values) if net.predicts_heatmaps() else None
