"""Joint positions from windows of frames: every frame of each window goes through the net.

Evaluation predicts this way, because the net sees windows as in training. For video, `streaming` predicts nearly the
same, and each frame goes through the net only once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.data.clip import UNLABELLED, ArrayFrames, Clip
from keras_pose.data.samples import Samples
from keras_pose.inference.frame_checks import check_frames
from keras_pose.inference.graphs import Graph
from keras_pose.models.pose_net import FRAME_HEATMAPS, HEATMAPS, PoseNet
from keras_pose.pooling.reach import keep_offsets
from keras_pose.skeleton import Skeleton


class WindowPredictor:
    """Runs a net that takes windows of frames.

    Args:
      model: net of `models.factory` with the input "frames" [B, T, H, W, 3].
      skeleton: `Skeleton` of its joints.
      input_size_hw: (height, width) that frames are fitted to, in px.
      offsets: the window, in frames from the current one, or `TimedOffsets`, which follow from the frame rate.
      estimate_flow: function (target, source) of uint8 [H, W, 3] to float32 [H, W, 2]; None if the net has its own.
      batch_size: windows in a batch.
    """

    def __init__(
        self,
        model: keras.Model,
        skeleton: Skeleton,
        input_size_hw: tuple[int, int],
        offsets: Sequence[int],
        estimate_flow: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
        batch_size: int = 8,
    ) -> None:
        self.model = model
        self.skeleton = skeleton
        self.input_size_hw = tuple(input_size_hw)
        self.offsets = keep_offsets(offsets)
        self.estimate_flow = estimate_flow
        self._batch_size = batch_size
        self._net = PoseNet(model)
        self._run = self._make_runner(self._net.decode)
        # The graphs of `predict_modes` and `predict_beside_frame`, by their arguments.
        self._run_modes: dict[tuple, Graph] = {}

    def predict(self, frames: np.ndarray, frame_rate: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Predicts the joints of consecutive frames of one clip.

        Args:
          frames: uint8 [N, H, W, 3], RGB.
          frame_rate: frames per second; 0: unknown.

        Returns:
          joints: float32 [N, J, 2], (x, y) in frame px.
          scores: float32 [N, J], height of the map at the joint.

        Raises:
          ValueError: if the frames have another shape or type.
        """
        frames = check_frames(frames)
        return self._predict(frames, range(len(frames)), self._run, (self.skeleton.num_joints,), frame_rate)

    def predict_frame(self, frames: np.ndarray, place: int, frame_rate: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Predicts one frame from it and its neighbours.

        Args:
          frames: uint8 [N, H, W, 3], RGB, consecutive frames of one clip.
          place: which of them.
          frame_rate: frames per second; 0: unknown.

        Returns:
          float32 [J, 2], (x, y) in frame px, and float32 [J].
        """
        shape = (self.skeleton.num_joints,)
        joints, scores = self._predict(check_frames(frames), [place], self._run, shape, frame_rate)
        return joints[0], scores[0]

    def predict_modes(
        self, frames: np.ndarray, max_modes: int = 3, min_height: float = 0.1, frame_rate: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predicts several candidates for each joint, as `Predictor.predict_modes`, from pooled maps."""
        if (max_modes, min_height) not in self._run_modes:
            decode = functools.partial(self._net.codec().decode_modes, max_modes=max_modes, min_height=min_height)
            self._run_modes[max_modes, min_height] = self._make_runner(decode)
        run = self._run_modes[max_modes, min_height]
        frames = check_frames(frames)
        shape = (self.skeleton.num_joints, max_modes)
        points, scores = self._predict(frames, range(len(frames)), run, shape, frame_rate)
        return np.where(scores[..., None] > 0, points, np.float32(0)), scores

    def predict_labelled(
        self, clip: Clip, report_frames: Callable[[int], None] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predicts the joints of the labelled frames of a clip.

        Args:
          clip: `Clip`; neighbours that do not exist are treated as in training.
          report_frames: function that is called with a number of frames when these have been predicted.

        Returns:
          As `predict`, N the labelled frames.

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        return self._predict_clip(clip, self._run, report_frames)

    def predict_beside_frame(
        self,
        clip: Clip,
        max_modes: int = 3,
        min_height: float = 0.1,
        report_frames: Callable[[int], None] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Predicts the labelled frames of a clip from their windows and from the frames alone, in one pass.

        Args:
          clip, report_frames: as for `predict_labelled`.
          max_modes: M, the most maxima of each map of the frame alone.
          min_height: lower maxima are left out; above 0.

        Returns:
          points: float32 [N, J, 2 + M, 2], (x, y) in frame px: from the window, from the frame alone, and the maxima
            of the frame's own map, the highest first.
          scores: float32 [N, J, 2 + M], heights of the maps there; 0 if there is no such maximum.

        Raises:
          ValueError: if the net does not pool, or a frame cannot be read.
        """
        if FRAME_HEATMAPS not in self.model.output:
            raise ValueError(f"model {self.model.name!r}: expected the output {FRAME_HEATMAPS!r} of a pooling net")
        key = ("beside", max_modes, min_height)
        if key not in self._run_modes:
            codec = self._net.codec()

            def decode(outputs):
                pooled, alone = codec.decode(outputs[HEATMAPS]), codec.decode(outputs[FRAME_HEATMAPS])
                modes = codec.decode_modes(outputs[FRAME_HEATMAPS], max_modes=max_modes, min_height=min_height)
                points = tf.concat([pooled[0][..., None, :], alone[0][..., None, :], modes[0]], -2)
                return points, tf.concat([pooled[1][..., None], alone[1][..., None], modes[1]], -1)

            self._run_modes[key] = self._make_runner(decode, all_outputs=True)
        return self._predict_clip(clip, self._run_modes[key], report_frames)

    def _make_runner(self, decode, all_outputs=False):
        """Returns a graph of a batch of `Samples` to what `decode` makes of the main output, or of all outputs."""
        net = self._net

        def run(batch):
            window = augment.map_to_input(batch, self.input_size_hw)
            outputs = net.model(net.select_inputs(window), training=False)
            return decode(outputs if all_outputs else outputs[net.main_output()])

        return Graph(run, self._batch_signature())

    def _batch_signature(self):
        """What `Samples.read_batch` returns, for any number and size of frames."""
        count = len(self.offsets)
        signature = {
            "frames": tf.TensorSpec([None, count, None, None, 3], tf.uint8),
            "matrices": tf.TensorSpec([None, 3, 3], tf.float32),
            "targets": tf.TensorSpec([None, None, 3], tf.float32),
            "valid": tf.TensorSpec([None, count], tf.float32),
        }
        if self.estimate_flow is not None:
            signature["flows"] = tf.TensorSpec([None, count, None, None, 2], tf.float32)
            signature["flow_matrices"] = tf.TensorSpec([None, 3, 3], tf.float32)
        return signature

    def _predict(self, frames, places, run, shape, frame_rate=0.0):
        """Points [N, *shape, 2] and scores [N, *shape] of N places among consecutive frames."""
        count = len(places)
        if not count:
            return np.zeros((0, *shape, 2), np.float32), np.zeros((0, *shape), np.float32)
        # A clip without labels: only the positions of its frames are read.
        num_joints = self.skeleton.num_joints
        nowhere = np.full((count, num_joints, 2), np.nan)
        unlabelled = np.full((count, num_joints), UNLABELLED)
        reader = ArrayFrames(frames)
        clip = Clip("frames", reader, np.array(places), nowhere, unlabelled, frame_rate=frame_rate)
        return self._predict_clip(clip, run)

    def _predict_clip(self, clip, run, report_frames=None):
        samples = Samples([clip], self.input_size_hw, self.offsets, estimate_flow=self.estimate_flow)
        points = []
        scores = []
        for start in range(0, len(samples), self._batch_size):
            batch = samples.read_batch(range(start, min(start + self._batch_size, len(samples))))
            batch_points, batch_scores = run(batch)
            points.append(batch_points.numpy())
            scores.append(batch_scores.numpy())
            if report_frames is not None:
                report_frames(len(batch_scores))
        return samples.crop(clip).to_frame(np.concatenate(points)), np.concatenate(scores)
