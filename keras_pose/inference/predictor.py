"""Joint positions of single frames, in px of the frame: fit to the input, run the net, decode, map back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_pose import geometry
from keras_pose.data.clip import Clip
from keras_pose.inference.frame_checks import check_frames
from keras_pose.inference.graphs import Graph
from keras_pose.inference.lite_net import LiteNet
from keras_pose.models.pose_net import HEATMAPS, JOINTS, PoseNet
from keras_pose.skeleton import Skeleton

Region = Sequence[float]


class Predictor:
    """Runs a single-frame net on frames of any size.

    Args:
      model: heatmap or coordinate net of `models.factory`.
      skeleton: `Skeleton` of its joints.
      input_size_hw: (height, width) that frames are fitted to, in px.
      flip_test: also run the mirrored frame and average the two: a little more accurate, twice the cost. Needs flip
        pairs.
      batch_size: frames in a batch.
      lite: the net in TensorFlow Lite, to be used instead (not for a flip test); None: TensorFlow runs it.

    Raises:
      ValueError: for a flip test without flip pairs.
    """

    def __init__(
        self,
        model: keras.Model,
        skeleton: Skeleton,
        input_size_hw: tuple[int, int],
        flip_test: bool = False,
        batch_size: int = 32,
        lite: LiteNet | None = None,
    ) -> None:
        if flip_test and not skeleton.flip_pairs:
            raise ValueError(f"flip_test: skeleton {skeleton.name!r} declares no left/right pairs")
        self.skeleton = skeleton
        self.input_size_hw = tuple(input_size_hw)
        self._batch_size = batch_size
        self._net = PoseNet(model)
        self._flip_test = flip_test
        self._lite = lite
        self._run = self._make_runner(self._net.decode) if lite is None or flip_test else lite.find_joints
        # The graphs of `predict_modes`, by its arguments.
        self._run_modes: dict[tuple[int, float], Callable] = {}

    def predict(self, frames: np.ndarray, region: Region | None = None) -> tuple[np.ndarray, np.ndarray]:
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
        return self._predict(frames, region, self._run, (self.skeleton.num_joints,))

    def predict_fitted(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predicts the joints of images that have the size of the input already.

        Args:
          images: uint8 [B, h, w, 3], RGB.

        Returns:
          float32 [B, J, 2], (x, y) in input px, and float32 [B, J].
        """
        points, scores = self._run(images.astype(np.float32))
        return np.asarray(points), np.asarray(scores)

    def predict_modes(
        self, frames: np.ndarray, max_modes: int = 3, min_height: float = 0.1, region: Region | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predicts several candidates for each joint, such as the left and the right hand.

        Args:
          frames: uint8 [N, H, W, 3], RGB.
          max_modes: M, the largest number of candidates for a joint.
          min_height: lower maxima of a map are left out; above 0.
          region: (left, top, width, height) in frame px to look at; the whole frame by default.

        Returns:
          points: float32 [N, J, M, 2], (x, y) in frame px, the highest mode first; 0 if there is no such mode.
          scores: float32 [N, J, M], the height of each mode; 0 if there is none.

        Raises:
          ValueError: for a coordinate net, which has no maps; for numbers out of range; as `predict`.
        """
        if not self._net.predicts_heatmaps():
            raise ValueError(
                f"predict_modes: expected a net with the output '{HEATMAPS}', received one with '{JOINTS}'"
            )
        if (max_modes, min_height) not in self._run_modes:
            codec = self._net.codec()
            decode = functools.partial(codec.decode_modes, max_modes=max_modes, min_height=min_height)
            self._run_modes[max_modes, min_height] = self._make_runner(decode)
        run = self._run_modes[max_modes, min_height]
        points, scores = self._predict(frames, region, run, (self.skeleton.num_joints, max_modes))
        return np.where(scores[..., None] > 0, points, np.float32(0)), scores

    def predict_labelled(
        self, clip: Clip, chunk: int = 64, report_frames: Callable[[int], None] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predicts the joints of the labelled frames of a clip.

        Args:
          clip: `Clip`.
          chunk: frames to read into memory at a time.
          report_frames: function that is called with a number of frames when these have been predicted.

        Returns:
          As `predict`, N the labelled frames.
        """
        joints = [np.zeros((0, self.skeleton.num_joints, 2), np.float32)]
        scores = [np.zeros((0, self.skeleton.num_joints), np.float32)]
        for start in range(0, clip.num_labelled, chunk):
            rows = range(start, min(start + chunk, clip.num_labelled))
            chunk_joints, chunk_scores = self.predict(
                np.concatenate([clip.read_window(row) for row in rows]), clip.region
            )
            joints.append(chunk_joints)
            scores.append(chunk_scores)
            if report_frames is not None:
                report_frames(len(rows))
        return np.concatenate(joints), np.concatenate(scores)

    def _predict(self, frames, region, run, shape):
        """Fits frames to the input and runs them in batches; returns points [N, *shape, 2] and scores [N, *shape]."""
        frames = check_frames(frames)
        if not len(frames):
            return np.zeros((0, *shape, 2), np.float32), np.zeros((0, *shape), np.float32)
        crop = geometry.CropTransform.fit(frames.shape[1:3], self.input_size_hw, region)
        points = []
        scores = []
        for start in range(0, len(frames), self._batch_size):
            batch = np.stack([crop.warp(frame) for frame in frames[start : start + self._batch_size]])
            batch_points, batch_scores = run(batch.astype(np.float32))
            points.append(np.asarray(batch_points))
            scores.append(np.asarray(batch_scores))
        return crop.to_frame(np.concatenate(points)), np.concatenate(scores)

    def _make_runner(self, decode: Callable) -> Callable:
        """Returns a function of float32 [B, H, W, 3] to what `decode` makes of the main output."""
        model = self._net.model
        if self._lite is not None and not self._flip_test:
            run_net = self._lite.run_net
            decode_maps = Graph(decode, tf.TensorSpec([None, *self._net.output_shape()], tf.float32))
            return lambda frames: decode_maps(run_net(frames))
        output_name = self._net.main_output()

        def run(frames):
            frames = tf.ensure_shape(frames, model.inputs[0].shape)
            output = model(frames, training=False)[output_name]
            if self._flip_test:
                output = (output + self._unflip(model(tf.reverse(frames, [2]), training=False)[output_name])) / 2
            return decode(tf.cast(output, tf.float32))

        return Graph(run, tf.TensorSpec([None, None, None, 3], tf.float32))

    def _unflip(self, output):
        """Brings the output for mirrored frames back: positions mirrored, left and right joints exchanged."""
        permutation = self.skeleton.flip_permutation()
        if self._net.predicts_heatmaps():
            return tf.reverse(tf.gather(output, permutation, axis=-1), [2])
        points = tf.gather(output, permutation, axis=-2)
        return tf.stack([self.input_size_hw[1] - 1 - points[..., 0], points[..., 1]], -1)
