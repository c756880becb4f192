"""Labelled frames as the pipeline reads them: a window of frames, its map to the network's input, its targets."""

from __future__ import annotations

import threading

import numpy as np

from keras_pose import geometry
from keras_pose.data.clip import HIDDEN


class Samples:
    """The labelled frames of some clips, one after the other, read when asked for.

    Frames are stored reduced to about the network's input size (averaged by a whole factor), which avoids aliasing and
    makes them small enough to be kept in memory, and padded with black at the right and the bottom to one common size,
    so that frames of different clips fit into one batch.

    Args:
      clips: list of `Clip`.
      input_size_hw: (height, width) of the network's input in px.
      offsets: neighbours of each labelled frame, in frames; (0,) is the frame alone. Labelled frames of clips without
        these neighbours are left out (`left_out` counts them).
      cache: whether frames once read stay in memory.
      hidden_weight: factor on the weight of joints that are labelled though hidden.

    Attributes:
      failure: the exception that ended reading inside a pipeline, None so far.
    """

    def __init__(self, clips, input_size_hw, offsets=(0,), cache=True, hidden_weight=1.0):
        self.input_size_hw = tuple(input_size_hw)
        self.offsets = tuple(offsets)
        self.rows = []
        self.left_out = 0
        self.failure = None
        for clip in clips:
            for row in range(clip.num_labelled):
                if not any(self.offsets) or clip.has_neighbours(row):
                    self.rows.append((clip, row))
                else:
                    self.left_out += 1
        if not self.rows:
            raise ValueError("expected at least one labelled frame, received none")
        self.num_joints = self.rows[0][0].joints.shape[1]
        self._crops = {clip.name: geometry.CropTransform.fit(clip.frames.size_hw, input_size_hw) for clip in clips}
        self.stored_size_hw = tuple(np.max([crop.reduction()[0] for crop in self._crops.values()], axis=0).tolist())
        self._hidden_weight = hidden_weight
        self._cache = {} if cache else None
        self._orders = {}
        self._lock = threading.Lock()

    def __len__(self):
        return len(self.rows)

    def read_batch(self, positions):
        """Reads samples.

        Args:
          positions: B positions, 0 to len − 1.

        Returns:
          frames: uint8 [B, T, h, w, 3], reduced and padded to `stored_size_hw`.
          matrices: float32 [B, 3, 3], px of these frames to input px.
          targets: float32 [B, J, 3], (x, y, weight) in input px; zeros where unlabelled.

        Raises:
          ValueError: a frame cannot be read; the message names file and frame.
        """
        return tuple(np.stack(parts) for parts in zip(*(self._read(int(position)) for position in positions)))

    def shuffled(self, seed, indices) -> list[int]:
        """Returns the positions of samples in an endless order: each pass over them its own permutation.

        The order is a function of the seed alone, which is what lets training resume at any step.

        Args:
          seed: int of 0 or more.
          indices: places in the endless order, from 0.
        """
        return [int(self._order(int(seed), i // len(self))[i % len(self)]) for i in indices]

    def _order(self, seed, epoch):
        with self._lock:
            if (seed, epoch) not in self._orders:
                if len(self._orders) > 8:  # batches in flight touch few passes
                    self._orders.pop(min(self._orders))
                generator = np.random.Generator(np.random.PCG64([seed, epoch]))
                self._orders[seed, epoch] = generator.permutation(len(self))
            return self._orders[seed, epoch]

    def _read(self, position):
        sample = self._cache.get(position) if self._cache is not None else None
        if sample is None:
            clip, row = self.rows[position]
            crop = self._crops[clip.name]
            size_hw, shrink = crop.reduction()
            frames = np.zeros((len(self.offsets), *self.stored_size_hw, 3), np.uint8)
            for stored, frame in zip(frames, clip.read_window(row, self.offsets)):
                stored[: size_hw[0], : size_hw[1]] = geometry.resize_by_area(frame, size_hw)
            matrix = (crop.matrix @ np.linalg.inv(shrink)).astype(np.float32)
            sample = frames, matrix, self._targets(clip, row, crop)
            if self._cache is not None:
                self._cache[position] = sample
        return sample

    def _targets(self, clip, row, crop):
        labelled = clip.visibility[row] > 0
        weight = clip.weights[row] * np.where(clip.visibility[row] == HIDDEN, self._hidden_weight, 1.0)
        points = np.where(labelled[:, None], crop.to_input(clip.joints[row]), 0.0)
        return np.concatenate([points, (weight * labelled)[:, None]], -1).astype(np.float32)
