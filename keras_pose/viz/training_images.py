"""Predictions on a few validation frames, drawn for TensorBoard."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.skeleton import Skeleton
from keras_pose.viz import event_files, skeletons
from keras_pose.viz.heatmaps import draw_modes, overlay_heatmaps

_SIDE_PX = 256  # longer side of a picture


class PredictionImages(keras.callbacks.Callback):
    """After each validation writes validation frames with predicted and true joints, and with their heatmaps.

    "predictions" shows discs for predictions and crosses for the truth. "heatmaps" shows each joint's map in the
    joint's colour, a disc at its highest mode and rings at those that compete with it.

    Args:
      log_dir: TensorBoard's folder.
      samples: `Samples` of the validation set.
      skeleton: `Skeleton`.
      interval: steps from one validation to the next.
      count: number of frames, spread over the set.
    """

    def __init__(self, log_dir: str, samples: Samples, skeleton: Skeleton, interval: int, count: int = 8) -> None:
        super().__init__()
        self._log_dir = log_dir
        self._samples = samples
        self._skeleton = skeleton
        self._interval = interval
        self._positions = np.unique(np.linspace(0, len(samples) - 1, count).astype(int))
        self._writer: Any = None  # opened at the first validation, if there is one

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Writes the pictures after a validation."""
        if self._writer is None:
            with event_files.name_unwritable(self._log_dir):
                self._writer = tf.summary.create_file_writer(self._log_dir + "/images")
            self._inputs, self._frames, self._truth = self._read()
        net = PoseNet(self.model)
        output = self.model.predict_on_batch(self._inputs)[net.main_output()]
        points, _ = net.decode(output)
        drawn = {"predictions": self._draw_joints(np.asarray(points))}
        if net.predicts_heatmaps():
            modes, heights = net.codec().decode_modes(output)
            drawn["heatmaps"] = self._draw_heatmaps(np.asarray(output), np.asarray(modes), np.asarray(heights))
        with event_files.name_unwritable(self._log_dir):
            with self._writer.as_default(step=(epoch + 1) * self._interval):
                for name, pictures in drawn.items():
                    tf.summary.image(name, np.stack(pictures), max_outputs=len(pictures))
            self._writer.flush()

    def _read(self):
        """Returns what the model takes, uint8 [B, H, W, 3] of the input, and true joints [B, J, 2] in input px."""
        batch = self._samples.read_batch(self._positions)
        window = augment.map_to_input(batch, self._samples.input_size_hw)
        frames = window["frames"][:, len(self._samples.offsets) // 2].numpy().astype(np.uint8)
        targets = batch["targets"]
        truth = np.where(targets[..., 2:] > 0, targets[..., :2], np.nan)
        return PoseNet(self.model).select_inputs(window), frames, truth

    def _draw_joints(self, predicted):
        pictures = []
        for frame, joints, truth in zip(self._frames, predicted, self._truth):
            picture, scale = skeletons.enlarge(frame, _SIDE_PX)
            picture = skeletons.draw_skeleton(picture, skeletons.scale_points(joints, scale), self._skeleton)
            pictures.append(skeletons.draw_truth(picture, skeletons.scale_points(truth, scale), self._skeleton))
        return pictures

    def _draw_heatmaps(self, maps, modes, heights):
        scale = _SIDE_PX / max(self._frames.shape[1:3])
        pictures = []
        for frame, of_frame, points, tops in zip(self._frames, maps, modes, heights):
            picture = overlay_heatmaps(frame, of_frame, self._skeleton, _SIDE_PX)
            pictures.append(draw_modes(picture, skeletons.scale_points(points, scale), tops, self._skeleton))
        return pictures
