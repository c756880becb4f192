"""A run's net and the labelled frames that are shown, as the net takes them.

Letters in shapes: N frames, T frames of a window, H W input, h w heatmap, J joints, M modes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.data.clip import Clip
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

_BATCH = 8


@dataclasses.dataclass(frozen=True)
class ShownFrames:
    """Some labelled frames.

    Attributes:
      positions: N positions in the samples.
      window: what `augment.map_to_input` returns for them.
      frames: uint8 [N, H, W, 3], the frames as the net sees them.
      truth: float32 [N, J, 2], input px; NaN if unlabelled.
    """

    positions: tuple[int, ...]
    window: dict
    frames: np.ndarray
    truth: np.ndarray


class ShownNet:
    """A run's net with the frames that it is shown on.

    Args:
      model: the net with its weights.
      config: configuration of the run.
      skeleton: its joints.
      clips: labelled clips.

    Attributes:
      model, config, skeleton: as given.
      net: `PoseNet` of the model.
      samples: the labelled frames of the clips.
    """

    def __init__(self, model: keras.Model, config: TrainConfig, skeleton: Skeleton, clips: Sequence[Clip]) -> None:
        self.model = model
        self.config = config
        self.skeleton = skeleton
        self.net = PoseNet(model)
        self.samples = Samples(
            clips, config.model.input_size_hw, config.offsets, cache=False, estimate_flow=config.open_flow()
        )
        self._run = tf.function(self._outputs, reduce_retracing=True, autograph=False)

    def spread(self, count: int) -> tuple[int, ...]:
        """Returns at most `count` positions of samples, spread evenly."""
        return tuple(np.unique(np.linspace(0, len(self.samples) - 1, count).astype(int)).tolist())

    def read(self, positions: Sequence[int]) -> ShownFrames:
        """Reads frames.

        Raises:
          ValueError: if a frame cannot be read; the message names it.
        """
        batch = self.samples.read_batch(positions)
        window = augment.map_to_input(batch, self.config.model.input_size_hw)
        # Keras 3 refuses a mixture of tensors and arrays.
        window = {name: tf.convert_to_tensor(value) for name, value in window.items()}
        frames = window["frames"][:, len(self.samples.offsets) // 2].numpy()
        targets = batch["targets"]
        truth = np.where(targets[..., 2:] > 0, targets[..., :2], np.nan)
        return ShownFrames(tuple(positions), window, np.clip(np.round(frames), 0, 255).astype(np.uint8), truth)

    def predict(self, shown: ShownFrames) -> dict[str, np.ndarray]:
        """Returns the net's outputs by name, with the weights that it has now."""
        return {name: np.asarray(value) for name, value in self._run(shown.window).items()}

    def batches(self, positions: Sequence[int]) -> Iterator[tuple[ShownFrames, dict[str, np.ndarray]]]:
        """Yields frames and the net's outputs for them, batch by batch."""
        for start in range(0, len(positions), _BATCH):
            shown = self.read(positions[start : start + _BATCH])
            yield shown, self.predict(shown)

    def decode_modes(self, maps: np.ndarray, max_modes: int = 4, least: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
        """Returns the maxima of maps [N, h, w, J]: float32 [N, J, M, 2], input px, and heights [N, J, M]."""
        points, heights = self.net.codec().decode_modes(maps, max_modes, least)
        return np.asarray(points), np.asarray(heights)

    def place_of(self, position: int) -> tuple[Clip, int]:
        """Returns the clip of a sample and the row of its labels."""
        return self.samples.rows[position]

    def _outputs(self, window: dict) -> Any:
        return self.model(self.net.select_inputs(window), training=False)
