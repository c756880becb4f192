"""Labelled frames as the pipeline reads them: a window of frames, its map to the net's input, its targets.

Letters: B samples, T frames of the window, h w stored frames, h' w' grid of the flow, J joints.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from keras_pose import geometry
from keras_pose.data.clip import HIDDEN, Clip
from keras_pose.data.drawing_order import EndlessOrder
from keras_pose.data.frame_store import FrameStore
from keras_pose.flow.composition_numpy import compose
from keras_pose.pooling.reach import keep_offsets


class Samples:
    """The labelled frames of some clips, one after the other, read when they are needed.

    Stored frames are padded with black at the right and the bottom to a common size, so that frames of different clips
    fit into one batch.

    Args:
      clips: the clips.
      input_size_hw: (height, width) of the net's input in px.
      offsets: T offsets of the window's frames from the labelled frame in its middle, or `TimedOffsets`, which follow
        from the frame rate of each clip; (0,) is the frame alone.
      cache: whether to keep frames and flow in memory.
      hidden_weight: factor on the weight of joints that are hidden but labelled.
      estimate_flow: function (target, source) of uint8 [h, w, 3] to float32 [h, w, 2] px; None: no flow is read.
      shares: {name of a source (`Clip.source`): how often it is drawn, the sum 1}; None: all samples equally often.
      store: what keeps frames and flow; None: a new one.

    Attributes:
      rows: (clip, row of its labels) of each sample.
      input_size_hw, offsets: as given.
      num_joints: J.
      stored_size_hw: (height, width) that stored frames are padded to, in px.
      flow_size_hw: (height, width) that flow is padded to, in px of its grid; None without flow.
      failure: the exception that ended reading inside a pipeline; None so far.

    Raises:
      ValueError: if there is no labelled frame, or the offsets do not have 0 in their middle.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        input_size_hw: Sequence[int],
        offsets: Sequence[int] = (0,),
        cache: bool = True,
        hidden_weight: float = 1.0,
        estimate_flow: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
        shares: Mapping[str, float] | None = None,
        store: FrameStore | None = None,
    ) -> None:
        self.input_size_hw = tuple(input_size_hw)
        self.offsets = keep_offsets(offsets)
        self.rows = [(clip, row) for clip in clips for row in range(clip.num_labelled)]
        if not self.rows:
            raise ValueError("expected at least one labelled frame, received none")
        if len(self.offsets) % 2 == 0 or self.offsets[len(self.offsets) // 2] != 0:
            raise ValueError(f"offsets: expected an odd number of them with 0 in the middle, received {self.offsets}")
        self.failure: Exception | None = None
        self.num_joints = self.rows[0][0].joints.shape[1]
        self._store = store or FrameStore(input_size_hw, cache, estimate_flow)
        self.stored_size_hw = _largest(map(self._store.stored_size_hw, clips))
        self.flow_size_hw = _largest(map(self._store.flow_size_hw, clips)) if self._store.has_flow else None
        self._hidden_weight = hidden_weight
        self._all_windows: dict[str, set[int]] = {}  # positions of the frames of all windows, by clip
        self._order = EndlessOrder(_by_source(self.rows, shares))

    def __len__(self) -> int:
        return len(self.rows)

    def with_clips(self, clips: Sequence[Clip], shares: Mapping[str, float] | None = None) -> Samples:
        """Returns the samples of other clips, which share the frames that are in memory.

        Args:
          clips: the clips; those of one name have the same frames.
          shares: see the class.
        """
        return Samples(
            clips, self.input_size_hw, self.offsets, hidden_weight=self._hidden_weight, shares=shares, store=self._store
        )

    def crop(self, clip: Clip) -> geometry.CropTransform:
        """Returns the map from frames of a clip to the net's input."""
        return self._store.crop(clip)

    def frame_scales(self, positions: Iterable[int]) -> np.ndarray:
        """Returns float32 [B], the frame px per input px of the samples at B positions in `rows`."""
        return np.array([1 / self.crop(self.rows[position][0]).scale for position in positions], np.float32)

    @property
    def num_without_neighbours(self) -> int:
        """Number of labelled frames that have no neighbours (separate images).

        Their windows repeat the frame, and `valid` is 1 for the frame itself only.
        """
        return sum(not clip.has_neighbours(row) for clip, row in self.rows)

    def read_batch(self, positions: Iterable[int]) -> dict[str, np.ndarray]:
        """Reads samples.

        Args:
          positions: B positions in `rows`.

        Returns:
          "frames": uint8 [B, T, h, w, 3], reduced and padded to `stored_size_hw`.
          "matrices": float32 [B, 3, 3], px of these frames to input px.
          "targets": float32 [B, J, 3], (x, y, weight) in input px; zeros for unlabelled joints.
          "valid": float32 [B, T], 1 if that frame of the window exists, 0 if another frame stands in for it.
          And if flow is read:
          "flows": float32 [B, T, h', w', 2], the flow that maps frame t of the window to the middle frame, in px of a
            grid of `flow_size_hw`; composed of the flows between consecutive frames of the window, zero if `valid` is
            0.
          "flow_matrices": float32 [B, 3, 3], px of that grid to input px.

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        samples = [self._read(int(position)) for position in positions]
        return {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}

    def shuffled_positions(self, seed: int, indices: Iterable[int]) -> list[int]:
        """Returns the positions of samples in an endless order, in which each pass is a permutation of its own.

        The order is a function of the seed alone, so training can resume at any step. See `EndlessOrder`.

        Args:
          seed: 0 or more.
          indices: places in the endless order, from 0.
        """
        return self._order.positions(int(seed), indices)

    def _read(self, position):
        # Read the frames of the window.
        clip, row = self.rows[position]
        places, valid = clip.window(row, self.offsets)
        frames = dict(zip(places, self._read_frames(clip, row, places)))
        # Pad them to the common size.
        size_hw = self._store.stored_size_hw(clip)
        window = np.zeros((len(places), *self.stored_size_hw, 3), np.uint8)
        for stored, place in zip(window, places):
            stored[: size_hw[0], : size_hw[1]] = frames[place]
        crop = self._store.crop(clip)
        sample = {
            "frames": window,
            "matrices": self._store.grid_matrix(clip, size_hw),
            "targets": self._targets(clip, row, crop),
            "valid": valid.astype(np.float32),
        }
        if self._store.has_flow:
            sample["flows"] = self._read_flows(clip, places, valid, frames)
            sample["flow_matrices"] = self._store.grid_matrix(clip, self._store.flow_size_hw(clip))
        return sample

    def _read_frames(self, clip, row, places):
        if not any(self.offsets) or not clip.has_neighbours(row):
            return self._store.read(clip, places)
        if clip.name not in self._all_windows:
            rows = [r for r in range(clip.num_labelled) if clip.has_neighbours(r)]
            self._all_windows[clip.name] = {place for r in rows for place in clip.window(r, self.offsets)[0]}
        return self._store.read(clip, places, self._all_windows[clip.name])

    def _read_flows(self, clip, places, valid, frames):
        """Returns float32 [T, h', w', 2], composed from the middle frame outwards."""
        height, width = self._store.flow_size_hw(clip)
        flows = np.zeros((len(places), *(self.flow_size_hw or ()), 2), np.float32)
        middle = len(places) // 2
        for direction in (-1, 1):
            # A side ends at its first missing neighbour.
            whole_side = range(middle + direction, middle + direction * (middle + 1), direction)
            side = list(itertools.takewhile(lambda t: valid[t], whole_side))
            # Compose the flow to frame t from the flow to the frame before it and the flow between the two.
            onwards = (self._store.flow(clip, places[t - direction], places[t], frames) for t in side)
            for t, flow in zip(side, itertools.accumulate(onwards, compose)):
                flows[t, :height, :width] = flow
        return flows

    def _targets(self, clip, row, crop):
        """Returns float32 [J, 3], (x, y, weight) in input px."""
        labelled = clip.visibility[row] > 0
        weight = clip.weights[row] * np.where(clip.visibility[row] == HIDDEN, self._hidden_weight, 1.0)
        points = np.where(labelled[:, None], crop.to_input(clip.joints[row]), 0.0)
        return np.concatenate([points, (weight * labelled)[:, None]], -1).astype(np.float32)


def _by_source(rows, shares):
    """Returns [(share, positions of the samples)] of each source that is drawn."""
    if shares is None or len(shares) < 2:
        return [(1.0, np.arange(len(rows)))]
    sources = np.array([clip.source for clip, _ in rows])
    return [(share, np.flatnonzero(sources == name)) for name, share in shares.items() if share > 0]


def _largest(sizes_hw):
    return tuple(np.max(list(sizes_hw), axis=0).tolist())
