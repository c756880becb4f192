"""Joint positions of single frames, in px of the frame: fit to the input, net, decode, back."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.models.pose_net import PoseNet


class Predictor:
    """Runs a single-frame net on frames of any size.

    Args:
      model: heatmap or coordinate net of `models.factory`.
      skeleton: `Skeleton` of its joints.
      input_size_hw: (height, width) that frames are fitted to, in px.
      flip_test: also run the mirrored frame and average the two: a little more accurate, twice the cost. Needs flip
        pairs.
      batch_size: frames the net sees at a time.

    Raises:
      ValueError: flip_test without flip pairs.
    """

    def __init__(self, model, skeleton, input_size_hw, flip_test=False, batch_size=32):
        if flip_test and not skeleton.flip_pairs:
            raise ValueError(f"flip_test: skeleton {skeleton.name!r} declares no left/right pairs")
        self.skeleton, self.input_size_hw = skeleton, tuple(input_size_hw)
        self._batch_size = batch_size
        self._run = _make_runner(model, skeleton.flip_permutation(), self.input_size_hw[1], flip_test)

    def predict(self, frames, region=None):
        """Predicts the joints of frames of one size.

        Args:
          frames: uint8 [N, H, W, 3], RGB.
          region: (left, top, width, height) in frame px to look at; the whole frame by default.

        Returns:
          joints: float32 [N, J, 2], (x, y) in frame px.
          scores: float32 [N, J], height of the map at the joint; NaN for a coordinate net, which has none.

        Raises:
          ValueError: for frames of another shape or type, or a region without area.
        """
        frames = np.asarray(frames)
        if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
            raise ValueError(f"frames: expected uint8 [N, H, W, 3], received {frames.dtype} {frames.shape}")
        crop = geometry.CropTransform.fit(frames.shape[1:3], self.input_size_hw, region)
        num_joints = self.skeleton.num_joints
        points, scores = [np.zeros((0, num_joints, 2), np.float32)], [np.zeros((0, num_joints), np.float32)]
        for start in range(0, len(frames), self._batch_size):
            batch = np.stack([crop.warp(frame) for frame in frames[start : start + self._batch_size]])
            batch_points, batch_scores = self._run(batch.astype(np.float32))
            points.append(batch_points.numpy())
            scores.append(batch_scores.numpy())
        return crop.to_frame(np.concatenate(points)), np.concatenate(scores)

    def predict_labelled(self, clip, chunk=64):
        """Predicts the joints of the labelled frames of a clip.

        Args:
          clip: `Clip`.
          chunk: frames read into memory at a time.

        Returns:
          As `predict`, N the labelled frames.
        """
        rows = range(clip.num_labelled)
        chunks = [rows[start : start + chunk] for start in range(0, len(rows), chunk)]
        parts = [self.predict(np.concatenate([clip.read_window(row) for row in rows])) for rows in chunks]
        return tuple(np.concatenate(part) for part in zip(*parts))


def _make_runner(model, flip_permutation, width, flip_test):
    net = PoseNet(model)
    output_name = net.main_output()

    def unflip(output):
        if net.predicts_heatmaps():
            return tf.reverse(tf.gather(output, flip_permutation, axis=-1), [2])
        points = tf.gather(output, flip_permutation, axis=-2)
        return tf.stack([width - 1 - points[..., 0], points[..., 1]], -1)

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32)])
    def run(frames):
        frames = tf.ensure_shape(frames, model.inputs[0].shape)
        output = model(frames, training=False)[output_name]
        if flip_test:
            output = (output + unflip(model(tf.reverse(frames, [2]), training=False)[output_name])) / 2
        return net.decode(tf.cast(output, tf.float32))

    return run
