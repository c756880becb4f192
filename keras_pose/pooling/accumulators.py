"""Pooling of a window one neighbour at a time, with the result of the `TemporalPooling` layer on the whole window."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from keras_pose.pooling.stream_buffer import Neighbour, StreamBuffer
from keras_pose.pooling.temporal_pooling import TemporalPooling
from keras_pose.pooling.traced_once import TracedOnce
from keras_pose.pooling.windows import pool_window


class Accumulator(Protocol):
    """Pools the window of one frame after the other."""

    def put_image(self, frame: int, image: np.ndarray) -> None:
        """Takes a new frame of the stream, uint8 [H, W, 3] or [H, W]."""

    def begin(self) -> None:
        """Starts a new window."""

    def add(self, neighbour: Neighbour) -> None:
        """Adds a neighbour, whose arrays it does not change and does not keep."""

    def finish(self, frame: int, entry: np.ndarray) -> np.ndarray:
        """Adds the current frame with its own weight and the weight of all neighbours that do not exist.

        Args:
          frame: its number.
          entry: float32 [h, w, J + 2], its maps and two more channels.

        Returns:
          float32 [h, w, J], valid until the next window.
        """


def open_accumulator(layer: TemporalPooling, buffer: StreamBuffer) -> Accumulator:
    """Opens the fastest accumulator for a pooling layer, which must be built."""
    weights = layer.linear_weights(2 * buffer.num_neighbours + 1, buffer.num_joints)
    if weights is not None:
        return LinearAccumulator(*weights, buffer.size_hw)
    return layer.open_accumulator(buffer) or LayerAccumulator(layer, buffer)


class LinearAccumulator:
    """Weighted sums of maps: adds each neighbour as it comes and keeps none.

    Args:
      weights: float32 [T, J], row T // 2 the current frame.
      bias: float32 [J].
      size_hw: (h, w) of the maps.
    """

    def __init__(self, weights: np.ndarray, bias: np.ndarray, size_hw: tuple[int, int]) -> None:
        self._weights = np.asarray(weights, np.float32)
        # A row of the maps for each frame, so that whole arrays are multiplied. The two channels of flow are unused.
        self._rows = np.stack([_as_row(weight, size_hw[1]) for weight in self._weights])
        self._bias_row = _as_row(np.asarray(bias, np.float32), size_hw[1])
        self._sum = np.zeros((size_hw[0], self._rows.shape[1]), np.float32)
        self._product = np.empty_like(self._sum)
        self._absent = np.ones(len(self._rows), bool)

    def put_image(self, frame: int, image: np.ndarray) -> None:
        """Does nothing: weights do not depend on frames."""

    def begin(self) -> None:
        """Starts a new window."""
        self._sum[:] = self._bias_row
        self._absent[:] = True

    def add(self, neighbour: Neighbour) -> None:
        """Adds a neighbour."""
        place = neighbour.place + len(self._rows) // 2
        self._absent[place] = False
        self._add_weighted(neighbour.warped, self._rows[place])

    def finish(self, frame: int, entry: np.ndarray) -> np.ndarray:
        """See `Accumulator.finish`."""
        weight = self._weights[self._absent].sum(axis=0)
        self._add_weighted(entry, _as_row(weight, entry.shape[1]))
        return self._sum.reshape(entry.shape)[..., :-2]

    def _add_weighted(self, entry, row):
        np.multiply(entry.reshape(self._sum.shape), row, out=self._product)
        self._sum += self._product


class LayerAccumulator:
    """Any kind: keeps the warped maps of a window and runs the layer on all of them.

    Args:
      layer: `TemporalPooling`, built.
      buffer: `StreamBuffer` that the neighbours come from.
    """

    def __init__(self, layer: TemporalPooling, buffer: StreamBuffer) -> None:
        num_frames = 2 * buffer.num_neighbours + 1
        size_hw = buffer.size_hw
        self._middle = num_frames // 2
        self._maps = np.zeros((1, num_frames, *size_hw, buffer.num_joints), np.float32)
        self._valid = np.zeros((1, num_frames), np.float32)
        self._images = np.zeros((1, num_frames, *size_hw, 3), np.float32)
        self._flows = np.zeros((1, num_frames, *size_hw, 2), np.float32)
        # The latest frames, averaged to the size of the maps, if the pooling looks at frames.
        self._recent = None
        if layer.needs_reliability:
            self._recent = np.zeros((buffer.lag + buffer.reach + 1, *size_hw, 3), np.float32)
        self._pool = TracedOnce(lambda *window: pool_window(layer, *window)[0])

    def put_image(self, frame: int, image: np.ndarray) -> None:
        """Keeps a frame, uint8 [H, W, 3], if the pooling looks at frames."""
        if self._recent is not None:
            height, width = self._recent.shape[1:3]
            stride = image.shape[0] // height
            means = image.reshape(height, stride, width, stride, 3).mean(axis=(1, 3), dtype=np.float32)
            self._recent[frame % len(self._recent)] = means

    def begin(self) -> None:
        """Starts a new window."""
        self._valid[:] = 0

    def add(self, neighbour: Neighbour) -> None:
        """Adds a neighbour."""
        place = self._middle + neighbour.place
        self._put(place, neighbour.frame, neighbour.warped)
        self._flows[0, place, ..., 0] = neighbour.flow_x
        self._flows[0, place, ..., 1] = neighbour.flow_y

    def finish(self, frame: int, entry: np.ndarray) -> np.ndarray:
        """See `Accumulator.finish`."""
        self._put(self._middle, frame, entry)
        return self._pool(self._maps, self._valid, self._images, self._flows)

    def _put(self, place, frame, entry):
        self._maps[0, place] = entry[..., :-2]
        self._valid[0, place] = 1
        if self._recent is not None:
            self._images[0, place] = self._recent[frame % len(self._recent)]


def _as_row(weight, width):
    return np.tile(np.append(weight, np.ones(2, np.float32)), width)
