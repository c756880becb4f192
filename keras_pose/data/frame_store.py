"""Frames reduced to about the network's input size, and the flow between them, kept in memory once read."""

from __future__ import annotations

import threading

import numpy as np

from keras_pose import geometry
from keras_pose.flow.composition_numpy import resize_flow

# Flow is kept on a grid so much coarser than the stored frames: about that of the heatmaps it will warp.
FLOW_STRIDE = geometry.HEATMAP_STRIDE
_CHUNK = 32


class FrameStore:
    """Reads frames of clips through a cache.

    Frames are averaged by a whole factor to about the network's input size, which avoids aliasing and makes them small
    enough to be kept.

    Args:
      input_size_hw: (height, width) of the network's input in px.
      cache: whether what was once read stays in memory.
      estimate_flow: function (target, source) of uint8 [h, w, 3] to float32 [h, w, 2], or None where none is needed.
    """

    def __init__(self, input_size_hw, cache=True, estimate_flow=None):
        self._input_size_hw = tuple(input_size_hw)
        self._frames = {} if cache else None
        self._flows = {} if cache else None
        self._estimate_flow = estimate_flow
        self._sizes = {}
        self._lock = threading.Lock()

    @property
    def has_flow(self) -> bool:
        return self._estimate_flow is not None

    def crop(self, clip) -> geometry.CropTransform:
        """Returns the map from frames of a clip to the network's input."""
        if clip.name not in self._sizes:
            crop = geometry.CropTransform.fit(clip.frames.size_hw, self._input_size_hw)
            self._sizes[clip.name] = crop, crop.reduction()[0]
        return self._sizes[clip.name][0]

    def stored_size_hw(self, clip) -> tuple[int, int]:
        """(height, width) of the stored frames of a clip in px."""
        self.crop(clip)
        return self._sizes[clip.name][1]

    def flow_size_hw(self, clip) -> tuple[int, int]:
        """(height, width) of the stored flow of a clip."""
        return tuple(max(1, round(side / FLOW_STRIDE)) for side in self.stored_size_hw(clip))

    def read(self, clip, positions, soon=()) -> list:
        """Reads frames.

        Args:
          clip: `Clip`.
          positions: positions in the clip.
          soon: positions that will be asked for next: with a cache they are read along, in rising order, since going
            back in a video means decoding it again.

        Returns:
          List of uint8 [h, w, 3], reduced.

        Raises:
          ValueError: a frame cannot be read; the message names file and frame.
        """
        if self._frames is None:
            return list(self._reduced(clip, clip.frames.read(positions)))
        with self._lock:
            if any((clip.name, p) not in self._frames for p in positions):
                self._load(clip, sorted({*positions, *soon}))
            return [self._frames[clip.name, p] for p in positions]

    def _load(self, clip, positions):
        missing = [p for p in positions if (clip.name, p) not in self._frames]
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            for position, frame in zip(chunk, self._reduced(clip, clip.frames.read(chunk))):
                self._frames[clip.name, position] = frame

    def _reduced(self, clip, frames):
        size_hw = self.stored_size_hw(clip)
        return (geometry.resize_by_area(frame, size_hw) for frame in frames)

    def flow(self, clip, target, source, frames) -> np.ndarray:
        """Estimates flow between two frames of a clip, once.

        Args:
          clip: `Clip`.
          target, source: positions in the clip.
          frames: dict of position to stored frame, holding both.

        Returns:
          float32 [h, w, 2] of `flow_size_hw`, (dx, dy) in px of that grid: target(p) = source(p + flow(p)).
        """
        key = clip.name, target, source
        flow = self._flows.get(key) if self._flows is not None else None
        if flow is None:
            flow = resize_flow(self._estimate_flow(frames[target], frames[source]), self.flow_size_hw(clip))
            if self._flows is not None:
                self._flows[key] = flow
        return flow
