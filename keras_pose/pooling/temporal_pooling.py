"""The layer that pools the heatmaps of a window: neighbours, warped to the current frame, become one map per joint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose.autograph import without_autograph
from keras_pose.pooling import kinds
from keras_pose.pooling.stream_buffer import StreamBuffer


@keras.saving.register_keras_serializable("keras_pose")
class TemporalPooling(keras.layers.Layer):
    """Pools the maps of a window of frames, each joint on its own; the current frame is the middle one.

    New layers of the kinds none, parametric and data_dependent return the current frame's maps exactly; all kinds but
    those with weights of frames return them for a frame without neighbours. The layer computes in float32 under any
    policy: 16 bits would round away the differences of maps that pooling depends on.

    Args:
      kind: one of `names.POOLINGS`; the modules that `kinds` lists have their equations.
      sigma_px: width (standard deviation) in heatmap px of the Gaussians that the net is trained on. Only the kinds
        that make new maps read it.

    Call arguments:
      inputs: list of two or three tensors.

        - maps: float [B, T, h, w, J], finite; T odd and static, J static for the kinds with weights.
        - valid: bool or float [B, T], whether the clip has that frame; the middle one always counts as valid.
        - reliability: float [B, T, h, w], 0 to 1, how reliable the flow is. Read only if `needs_reliability`; without
          it all flow counts as reliable.

    Returns:
      float32 [B, h, w, J].

    Raises:
      ValueError: for an unknown kind, a sigma that is not positive, a dtype other than float32, or maps without an odd,
        static number of frames.

    Example:

    >>> maps, valid = tf.random.uniform([2, 11, 32, 32, 7]), tf.ones([2, 11])
    >>> TemporalPooling("sum")([maps, valid]).shape
    TensorShape([2, 32, 32, 7])
    """

    def __init__(self, kind: str = "parametric", sigma_px: float = 1.5, dtype: str = "float32", **kwargs: Any) -> None:
        pooling = kinds.open_kind(kind)
        if not sigma_px > 0:
            raise ValueError(f"TemporalPooling: expected sigma_px above 0, received {sigma_px}")
        super().__init__(dtype=dtype, **kwargs)
        if self.compute_dtype != "float32":
            raise ValueError(f"TemporalPooling: expected the dtype float32, received {self.compute_dtype}")
        self.kind = kind
        self.sigma_px = sigma_px
        self._pooling = pooling

    @property
    def learns(self) -> bool:
        """Whether the kind has weights."""
        return self._pooling.learns

    @property
    def reads_neighbours(self) -> bool:
        """Whether anything but the current frame counts."""
        return self._pooling.reads_neighbours

    @property
    def needs_reliability(self) -> bool:
        """Whether the kind reads how reliable the flow is."""
        return self._pooling.needs_reliability

    @property
    def weighs_frames(self) -> bool:
        """Whether the kind has learned a weight of each frame and joint, see `frame_weights`."""
        return self._pooling.weighs_frames

    @property
    def loss(self) -> str:
        """Name of the loss that the kind learns from; `training.targets` has the losses."""
        return self._pooling.loss

    def build(self, input_shape: Sequence[tuple]) -> None:
        maps = tuple(input_shape[0])
        if len(maps) != 5 or not maps[1] or maps[1] % 2 == 0:
            raise ValueError(f"TemporalPooling: expected maps [B, T, h, w, J] with T odd and known, received {maps}")
        if self.learns and maps[4] is None:
            raise ValueError(f"TemporalPooling {self.kind}: expected maps with J known, received {maps}")
        self._pooling.add_weights(self, maps[1], maps[4])
        super().build(input_shape)

    @without_autograph
    def call(self, inputs: Sequence[tf.Tensor]) -> tf.Tensor:
        maps, valid = inputs[:2]
        reliability = tf.cast(inputs[2], tf.float32) if len(inputs) > 2 else None
        return self._pooling.pool(self, tf.cast(maps, tf.float32), tf.cast(valid, tf.bool), reliability)

    def pool_alone(self, maps: tf.Tensor, num_frames: int) -> tf.Tensor:
        """Pools frames without neighbours, faster than a window of which only the middle frame exists.

        Args:
          maps: float32 [B, h, w, J].
          num_frames: T, with which the layer was built.

        Returns:
          float32 [B, h, w, J].
        """
        return self._pooling.pool_alone(self, maps, num_frames)

    def linear_weights(self, num_frames: int, num_joints: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Returns what the pooling multiplies maps by, so that maps can be added up one after the other.

        Args:
          num_frames: T.
          num_joints: J.

        Returns:
          weights float32 [T, J], row T // 2 the current frame, and bias float32 [J]; None if the pooling is not a
          weighted sum of maps. The weight of a frame that does not exist belongs to the current frame.
        """
        return self._pooling.linear_weights(self, num_frames, num_joints)

    def open_accumulator(self, buffer: StreamBuffer) -> Any:
        """Opens what pools the windows of a stream faster than the layer; see `PoolingKind.open_accumulator`."""
        return self._pooling.open_accumulator(self, buffer)

    def frame_weights(self) -> np.ndarray:
        """Returns the learned weight of each frame's map.

        For data_dependent: the weights of neighbours as certain as the current frame, with reliable flow.

        Returns:
          float32 [T, J], row T // 2 the current frame.

        Raises:
          ValueError: for a kind without weights of frames, or before the layer is built.
        """
        if not (self.weighs_frames and self.built):
            weighing = [name for name, kind in kinds.KINDS.items() if kind.weighs_frames]
            state = f"kind {self.kind}" if self.built else "one that is not built"
            raise ValueError(f"expected a built layer of the kinds {' or '.join(weighing)}, received {state}")
        return self._pooling.frame_weights(self)

    def compute_output_shape(self, input_shape: Sequence[tuple]) -> tuple:
        batch, _, height, width, joints = input_shape[0]
        return (batch, height, width, joints)

    def get_config(self) -> dict:
        return {**super().get_config(), "kind": self.kind, "sigma_px": self.sigma_px}
