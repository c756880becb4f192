"""What a net knows of a frame from its neighbours: the posterior of an unfitted chain over maps warped to the frame.

The teacher of unlabelled frames (`lessons`). The maps of all frames of a window are brought to the middle one by flow,
each times how reliable the flow is at each pixel (`flow.reliability`): a map of zeros says nothing in a chain, so
unreliable flow counts less. The chain (`pooling.chain`) has the weights that it begins with. No gradient flows through
any of this.

How sure a joint is, is not the height of the posterior: a chain multiplies what frames say that have the same errors,
and is sure of nearly everything. It is also the mean of the warped maps' heights at the place, which is low if the maps
are low or neighbours see the joint elsewhere; both are multiplied. Maps that are high everywhere have a posterior that
is low everywhere, so they are sure of nothing, either.

Why positions of sure joints, not the maps themselves: two maps that should agree are both pushed to zero if the loss is
their difference, because zero is what most pixels agree on (Xie et al., "An Empirical Study of the Collapsing Problem
in Semi-Supervised 2D Human Pose Estimation", ICCV 2021). A Gaussian of height 1 cannot shrink from lesson to lesson.
The teacher sees frames as they are, the net learns them with colours changed and parts covered, as there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from keras_pose.data import pipeline
from keras_pose.data.samples import Samples
from keras_pose.flow import reliability
from keras_pose.flow.warp import warp_by_flow
from keras_pose.heatmaps.render import input_to_heatmap
from keras_pose.models.pose_net import HEATMAPS, PoseNet
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.windows import fold, unfold

POOLING = "chain"
_WINDOWS_AT_ONCE = 8


class WindowTeacher:
    """Finds the joints of frames by the windows around them, with the weights that a net has at the moment.

    Args:
      net: net for single frames that predicts maps.
      samples: the frames, with windows and flow.
      sigma_px: width of a joint's Gaussian in heatmap px.
    """

    def __init__(self, net: PoseNet, samples: Samples, sigma_px: float) -> None:
        self._net = net
        self._samples = samples
        self._codec = net.codec(sigma_px)
        self._pooling = TemporalPooling(POOLING, sigma_px)
        self._pooling.build([(None, len(samples.offsets), *net.output_shape()), (None, len(samples.offsets))])
        self._compute = tf.function(self._pool, reduce_retracing=True, autograph=False)

    def find_joints(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Finds the joints of all frames.

        Returns:
          points: float32 [N, J, 2], (x, y) in input px, where the posterior of the window is highest.
          confidence: float32 [N, J], 0 to 1: its height there times the mean height of the window's maps, each of
            which counts by the reliability of its flow.
          maps: float32 [N, h, w, J], of the frames alone.

        Raises:
          ValueError: if a frame cannot be read; the message names its file.
        """
        parts: list[Sequence[np.ndarray]] = []
        with pipeline.raise_reader_errors(self._samples):
            for window, _ in pipeline.make_evaluation_dataset(self._samples, _WINDOWS_AT_ONCE):
                parts.append([tensor.numpy() for tensor in self._compute(window)])
        points, confidence, maps = (np.concatenate(arrays) for arrays in zip(*parts))
        return points, np.clip(confidence, 0.0, 1.0), maps

    def _pool(self, window):
        frames = window["frames"]
        length = frames.shape[1]
        maps = self._net.model(fold(frames), training=False)[HEATMAPS]
        maps = unfold(tf.cast(maps, tf.float32), length)
        own = maps[:, length // 2]
        weight = tf.cast(window["valid"], tf.float32)[..., None, None]  # [B, T, 1, 1]
        if "flows" in window:
            flows = window["flows"]
            maps = warp_by_flow(maps, flows)
            weight = weight * self._rate_flow(frames, flows)
        maps = maps * weight[..., None]
        points, peaks = self._codec.decode(self._pooling([maps, window["valid"]]))
        total = tf.reduce_sum(weight, axis=1)[..., None]  # at least 1, of the frame itself
        agreed = tf.reduce_sum(maps, axis=1) / tf.maximum(total, 1.0)
        heights = _read_heights(agreed, input_to_heatmap(points, self._net.heatmap_stride()))
        return points, heights * tf.clip_by_value(peaks, 0.0, 1.0), own

    def _rate_flow(self, frames, flows):
        """How reliable flow is, float32 [B, T, h, w]; the frame itself needs none."""
        length = frames.shape[1]
        stride = self._net.heatmap_stride()
        small = unfold(tf.nn.avg_pool2d(fold(frames), stride, stride, "VALID"), length)
        return tf.maximum(reliability.window_reliability(small, flows), tf.one_hot(length // 2, length)[:, None, None])


def _read_heights(maps, points):
    """Reads float32 [B, h, w, J] at the pixels nearest to float32 [B, J, 2], (x, y) in px: float32 [B, J]."""
    last = tf.cast(tf.shape(maps)[2:0:-1] - 1, tf.float32)  # (x, y)
    places = tf.cast(tf.round(tf.clip_by_value(points, 0.0, last)), tf.int32)
    by_joint = tf.transpose(maps, [0, 3, 1, 2])
    return tf.gather_nd(by_joint, places[..., ::-1], batch_dims=2)
