"""Pooling of a window one neighbour after the other, as `TemporalPooling` pools a whole one."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from keras_pose.flow import reliability


def open_pooling(layer, window):
    """Opens the pooling of a layer.

    Args:
      layer: `TemporalPooling`, built.
      window: `MapWindow`.
    """
    num_frames = 2 * window.num_steps + 1
    if layer.kind == "parametric":
        return LinearPooling(layer.weight, layer.bias, window.size_hw)
    if layer.kind == "sum":
        weights = np.full((num_frames, window.num_joints), 1 / num_frames)
        return LinearPooling(weights, np.zeros(window.num_joints), window.size_hw)
    return LayerPooling(layer, window)


class LinearPooling:
    """Weighted sums of maps (the kinds sum and parametric): each neighbour is added as it comes, none is kept.

    Args:
      weights: float32 [T, J], row T // 2 the current frame.
      bias: float32 [J].
      size_hw: (h, w) of the maps.
    """

    def __init__(self, weights, bias, size_hw):
        self._weights, self._bias = np.asarray(weights, np.float32), np.asarray(bias, np.float32)
        # One row of an image each, so that whole arrays are multiplied; the two channels of flow stay what they are.
        self._rows = np.stack([self._row(weight, size_hw[1]) for weight in self._weights])
        self._bias_row = self._row(self._bias, size_hw[1])
        self._sum = np.zeros((size_hw[0], self._rows.shape[1]), np.float32)
        self._product = np.empty_like(self._sum)

    def put_image(self, frame, image):
        """Takes no interest in frames."""

    def begin(self):
        """Begins a new window."""
        self._sum[:] = self._bias_row
        self._absent = np.ones(len(self._rows), bool)

    def add(self, neighbour):
        """Adds a `Neighbour`; its maps are weighted in place, which is quicker by 3 % of all that a neighbour costs."""
        place = neighbour.step + len(self._rows) // 2
        self._absent[place] = False
        maps = neighbour.warped.reshape(self._sum.shape)
        maps *= self._rows[place]
        self._sum += maps

    def finish(self, frame, entry) -> np.ndarray:
        """Adds the current frame with its weight and that of all neighbours that do not exist.

        Args:
          frame: its number.
          entry: float32 [h, w, J + 2], its maps and two more channels.

        Returns:
          float32 [h, w, J], valid until the next window.
        """
        weight = self._weights[self._absent].sum(axis=0)
        np.multiply(entry.reshape(self._sum.shape), self._row(weight, entry.shape[1]), out=self._product)
        self._sum += self._product
        return self._sum.reshape(entry.shape)[..., :-2]

    @staticmethod
    def _row(weight, width):
        return np.tile(np.append(weight, np.ones(2, np.float32)), width)


class LayerPooling:
    """Any kind: keeps the warped maps of a window and runs the layer on all of them.

    Args:
      layer: `TemporalPooling`.
      window: `MapWindow`.
    """

    def __init__(self, layer, window):
        num_frames, size_hw = 2 * window.num_steps + 1, window.size_hw
        self._maps = np.zeros((1, num_frames, *size_hw, window.num_joints), np.float32)
        self._valid = np.zeros((1, num_frames), np.float32)
        self._middle = num_frames // 2
        self._recent = None
        if layer.kind == "data_dependent":
            self._recent = np.zeros((window.lag + window.reach + 1, *size_hw, 3), np.float32)
        self._images = np.zeros((1, num_frames, *size_hw, 3), np.float32)
        self._flows = np.zeros((1, num_frames, *size_hw, 2), np.float32)
        self._pool = _make_graph(layer)

    def put_image(self, frame, image):
        """Keeps a frame, uint8 [H, W, 3], averaged to the size of the maps, where the pooling looks at frames."""
        if self._recent is not None:
            height, width = self._recent.shape[1:3]
            stride = image.shape[0] // height
            means = image.reshape(height, stride, width, stride, 3).mean(axis=(1, 3), dtype=np.float32)
            self._recent[frame % len(self._recent)] = means

    def begin(self):
        """Begins a new window."""
        self._valid[:] = 0

    def add(self, neighbour):
        """Adds a `Neighbour`."""
        place = self._middle + neighbour.step
        self._maps[0, place] = neighbour.warped[..., :-2]
        self._put_image(place, neighbour.frame)
        height, width = neighbour.x.shape
        self._flows[0, place, ..., 0] = neighbour.x - np.arange(width, dtype=np.float32)
        self._flows[0, place, ..., 1] = neighbour.y - np.arange(height, dtype=np.float32)[:, None]
        self._valid[0, place] = 1

    def finish(self, frame, entry) -> np.ndarray:
        """As that of `LinearPooling`."""
        self._maps[0, self._middle] = entry[..., :-2]
        self._put_image(self._middle, frame)
        self._valid[0, self._middle] = 1
        return self._pool(self._maps, self._valid, self._images, self._flows).numpy()

    def _put_image(self, place, frame):
        if self._recent is not None:
            self._images[0, place] = self._recent[frame % len(self._recent)]


def _make_graph(layer):
    @tf.function
    def pool(maps, valid, images, flows):
        trust = tf.ones_like(maps[..., 0])
        if layer.kind == "data_dependent":
            trust = reliability.of_window(images, flows)
        return layer([maps, valid, trust])[0]

    return pool
