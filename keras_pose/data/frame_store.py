"""Frames reduced to about the size of the net's input, and the flow between them. Both are kept in memory.

The cache is bounded: if less than a tenth of the memory is free, nothing more is kept, and frames that are not there
are read again in each pass.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from keras_pose import geometry
from keras_pose.data import frame_cuts
from keras_pose.data.clip import Clip
from keras_pose.data.free_memory import has_room
from keras_pose.flow.composition_numpy import resize_flow

# The grid of the flow is coarser than the stored frames by this factor, about like the heatmaps that it warps.
FLOW_STRIDE = geometry.HEATMAP_STRIDE
_CHUNK = 32  # frames that are decoded at a time
_LOOK_EVERY = 64 << 20  # bytes that are kept from one look at the free memory to the next


class CacheWarning(UserWarning):
    """No more frames are kept in memory."""


class FrameStore:
    """Reads frames of clips through a cache.

    Frames are averaged by a whole factor to about the size of the net's input. This avoids aliasing and makes them
    small enough to keep. If a clip has a region, only its surroundings are stored (`frame_cuts`).

    Args:
      input_size_hw: (height, width) of the net's input in px.
      cache: whether to keep frames and flow in memory.
      estimate_flow: function (target, source) of uint8 [h, w, 3] to float32 [h, w, 2] px; None: there is no flow.
      has_memory: function that returns whether more may be kept in memory.
    """

    def __init__(
        self,
        input_size_hw: Sequence[int],
        cache: bool = True,
        estimate_flow: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
        has_memory: Callable[[], bool] = has_room,
    ) -> None:
        height, width = input_size_hw
        self._input_size_hw = (height, width)
        # By clip and position, and by clip, target and source; None without a cache.
        self._frames: dict | None = {} if cache else None
        self._flows: dict | None = {} if cache else None
        self._estimate_flow = estimate_flow
        self._cuts: dict[str, tuple[frame_cuts.FrameCut, tuple[int, int]]] = {}  # with the size of stored frames
        self._lock = threading.Lock()
        self._has_memory = has_memory
        self._kept = 0  # bytes
        self._look_at = 0  # bytes at which to look at the memory again
        self._full = False

    @property
    def has_flow(self) -> bool:
        """Whether flow can be estimated."""
        return self._estimate_flow is not None

    def crop(self, clip: Clip) -> geometry.CropTransform:
        """Returns the map from frames of a clip, or of its region in them, to the net's input."""
        return self._cut(clip)[0].crop

    def _cut(self, clip):
        """The part of its frames that is stored, and the (height, width) px that it is stored in."""
        if clip.name not in self._cuts:
            crop = geometry.CropTransform.fit(clip.frames.size_hw, self._input_size_hw, clip.region)
            cut = frame_cuts.around_input(crop) if clip.region else frame_cuts.whole_frame(crop)
            self._cuts[clip.name] = cut, cut.reduced_size_hw()
        return self._cuts[clip.name]

    def stored_size_hw(self, clip: Clip) -> tuple[int, int]:
        """Returns (height, width) of the stored frames of a clip in px."""
        return self._cut(clip)[1]

    def grid_matrix(self, clip: Clip, size_hw: tuple[int, int]) -> np.ndarray:
        """Returns float32 [3, 3], px of the stored frames of a clip, scaled to `size_hw`, to input px."""
        return self._cut(clip)[0].grid_matrix(size_hw)

    def flow_size_hw(self, clip: Clip) -> tuple[int, int]:
        """Returns (height, width) of the stored flow of a clip, in px of its grid."""
        height, width = self.stored_size_hw(clip)
        return max(1, round(height / FLOW_STRIDE)), max(1, round(width / FLOW_STRIDE))

    def read(self, clip: Clip, positions: Sequence[int], read_ahead: Collection[int] = ()) -> list[np.ndarray]:
        """Reads frames.

        Args:
          clip: the clip.
          positions: positions in the clip.
          read_ahead: positions that will be needed next. If there is a cache, they are read along, in rising order:
            to go back in a video means to decode it again.

        Returns:
          List of uint8 [h, w, 3], reduced.

        Raises:
          ValueError: if a frame cannot be read; the message names file and frame.
        """
        if self._frames is None:
            return list(self._reduce(clip, clip.frames.read(positions)))
        with self._lock:
            lacking = [p for p in positions if (clip.name, p) not in self._frames]
            if lacking and not self._full:
                self._load(clip, sorted({*positions, *read_ahead}))
                lacking = [p for p in positions if (clip.name, p) not in self._frames]
            if not lacking:
                return [self._frames[clip.name, p] for p in positions]
        return list(self._reduce(clip, clip.frames.read(positions)))

    def _load(self, clip, positions):
        missing = [p for p in positions if (clip.name, p) not in self._frames]
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            for position, frame in zip(chunk, self._reduce(clip, clip.frames.read(chunk))):
                if not self._keep(frame.nbytes):
                    return
                self._frames[clip.name, position] = frame

    def _keep(self, size):
        """Whether so many bytes more may be kept; they count as kept then."""
        if not self._full and self._kept >= self._look_at:
            self._look_at = self._kept + _LOOK_EVERY
            self._full = not self._has_memory()
            if self._full:
                warnings.warn(
                    f"the cache of frames is full ({self._kept / 1e9:.1f} GB; less than a tenth of the memory is free):"
                    " other frames are read again in each pass (--nocache keeps none)",
                    CacheWarning,
                    stacklevel=2,
                )
        if not self._full:
            self._kept += size
        return not self._full

    def _reduce(self, clip, frames):
        cut, size_hw = self._cut(clip)
        return (geometry.resize_by_area(cut.take(frame), size_hw) for frame in frames)

    def flow(self, clip: Clip, target: int, source: int, frames: Mapping[int, np.ndarray]) -> np.ndarray:
        """Estimates the flow between two frames of a clip; with a cache only once.

        Args:
          clip: the clip.
          target, source: positions in the clip.
          frames: stored frames by position; both must be there.

        Returns:
          float32 [h, w, 2] of `flow_size_hw`, (dx, dy) in px of that grid: target(p) = source(p + flow(p)).

        Raises:
          ValueError: if the store has no estimator of flow.
        """
        if self._estimate_flow is None:
            raise ValueError("expected a store with an estimator of flow, received none")
        key = clip.name, target, source
        flow = self._flows.get(key) if self._flows is not None else None
        if flow is None:
            flow = resize_flow(self._estimate_flow(frames[target], frames[source]), self.flow_size_hw(clip))
            if self._flows is not None and self._keep(flow.nbytes):
                self._flows[key] = flow
        return flow
