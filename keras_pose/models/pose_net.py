"""A net that can be asked what it is: the one place that knows the names of its inputs, outputs and layers."""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.models import folded_norms
from keras_pose.pooling.temporal_pooling import TemporalPooling

FRAME_NET = "heatmap_net"  # the layer of a flowing net that is its net for single frames
HEATMAPS = "heatmaps"
FRAME_HEATMAPS = "frame_heatmaps"  # output of a pooling net: the maps of the frame alone
JOINTS = "joints"


class PoseNet:
    """Answers questions about a `keras.Model` of this package.

    Args:
      model: any net of `models.factory`.

    Attributes:
      model: the `keras.Model`.

    Raises:
      ValueError: if the model has neither heatmaps nor joints among its outputs.
    """

    def __init__(self, model: keras.Model) -> None:
        outputs = model.output
        if not isinstance(outputs, dict) or not {HEATMAPS, JOINTS} & set(outputs):
            raise ValueError(
                f"model {model.name!r}: expected an output named '{HEATMAPS}' or '{JOINTS}', received {outputs}"
            )
        self.model = model

    def predicts_heatmaps(self) -> bool:
        """Whether the net predicts maps; otherwise it predicts positions."""
        return HEATMAPS in self.model.output

    def main_output(self) -> str:
        """Returns the name of the output that predictions are taken from."""
        return HEATMAPS if self.predicts_heatmaps() else JOINTS

    def output_names(self) -> list[str]:
        """Returns the names of all outputs; each is trained against the same joints."""
        return list(self.model.output_names)

    def output_shape(self) -> tuple:
        """Returns the shape of the main output without the batch: (h, w, J) or (J, 2), None if unknown."""
        return tuple(self.model.output[self.main_output()].shape[1:])

    def heatmap_stride(self) -> int:
        """Returns the input px per heatmap px.

        Raises:
          ValueError: if the net has no heatmaps.
        """
        if not self.predicts_heatmaps():
            raise ValueError(f"model {self.model.name!r}: expected an output named '{HEATMAPS}', received {JOINTS}")
        height = self._frames().shape[-3]
        map_height = self.model.output[HEATMAPS].shape[-3]
        # If the size of the input is unknown, the graph does not know the stride.
        return HEATMAP_STRIDE if height is None else height // map_height

    def codec(self, sigma_px: float = 1.5) -> HeatmapCodec:
        """Returns the codec of the net's heatmaps."""
        return HeatmapCodec(self.heatmap_stride(), sigma_px)

    def decode(self, output: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Reads joints from the main output.

        Args:
          output: float [..., h, w, J] or [..., J, 2].

        Returns:
          points: float32 [..., J, 2], (x, y) in input px.
          scores: float32 [..., J], height of the map at the joint; NaN if the net predicts positions.
        """
        if self.predicts_heatmaps():
            return self.codec().decode(output)
        points = tf.cast(output, tf.float32)
        return points, tf.fill(tf.shape(points)[:-1], float("nan"))

    def input_size_hw(self) -> tuple:
        """Returns (height, width) of the frames that the net takes, in px; None for a side of any size."""
        return tuple(self._frames().shape[-3:-1])

    def sees_window(self) -> bool:
        """Whether the net takes windows of frames [B, T, H, W, 3]; otherwise single frames [B, H, W, 3]."""
        return len(self._frames().shape) == 5

    def num_neighbours(self) -> int:
        """Returns the neighbours on each side of the frame that the net sees: (T − 1) / 2, 0 for single frames."""
        return self._frames().shape[1] // 2 if self.sees_window() else 0

    def select_inputs(self, window: dict) -> tf.Tensor | dict:
        """Picks from a window what the net takes: the middle frame, or the tensors that its inputs name.

        Args:
          window: "frames" float32 [B, T, H, W, 3], "valid" float32 [B, T] and, if there is flow, "flows".
        """
        if not self.sees_window():
            return window["frames"][:, window["frames"].shape[1] // 2]
        return {name: window[name] for name in self._input_names()}

    @tf.autograph.experimental.do_not_convert
    def training_pair(self, window: dict, targets: tf.Tensor) -> tuple:
        """Makes of (window, targets) what Keras trains on: inputs, and the same targets for each output."""
        return self.select_inputs(window), dict.fromkeys(self.output_names(), targets)

    def pooling(self) -> TemporalPooling | None:
        """Returns the layer that pools the maps of a window; None if the net does not pool."""
        return self.model.get_layer(HEATMAPS) if self._has_frame_net() else None

    def frame_net(self) -> PoseNet:
        """Returns the net for single frames inside a pooling net; any other net itself."""
        return PoseNet(self.model.get_layer(FRAME_NET)) if self._has_frame_net() else self

    def freeze_frame_net(self, frozen: bool) -> None:
        """Freezes or unfreezes the net for single frames inside a pooling net; recompile the model afterwards.

        Batch norms that are folded stay frozen, in any net (`folded_norms`).
        """
        if self._has_frame_net():
            self.model.get_layer(FRAME_NET).trainable = not frozen
        folded_norms.freeze(self.model)

    def freeze_pooling(self, frozen: bool) -> None:
        """Freezes or unfreezes the weights of the layer that pools, if there is one; recompile afterwards."""
        pooling = self.pooling()
        if pooling is not None:
            pooling.trainable = not frozen

    def _has_frame_net(self):
        return any(layer.name == FRAME_NET for layer in self.model.layers)

    def _input_names(self):
        return [tensor.name.split(":")[0] for tensor in self.model.inputs]

    def _frames(self):
        return next(tensor for tensor in self.model.inputs if tensor.name.startswith("frames"))
