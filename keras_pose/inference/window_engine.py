"""The engine of models that predict frames from their whole windows: exports, and nets that see windows at once.

Frames are predicted in chunks with the neighbours of the chunk, so that each frame is sent once or twice, not once for
each window. Chunks end at multiples of `CHUNK`, so they are the same wherever an analysis is resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from keras_pose.inference.calibrated import make_pose
from keras_pose.inference.engine import Engine, Region, Track, View, longer_side, view_fitted
from keras_pose.inference.pose_model import FramePose

CHUNK = 32  # frames that are predicted at once

PredictChunk = Callable[[list[np.ndarray], int, int], tuple[np.ndarray, np.ndarray]]


class WindowEngine(Engine):
    """Predicts chunks of frames in the temporal step; frames are left as they are unless there is a region.

    Args:
      predict_chunk: function of consecutive frames of one size, a list of uint8 [H, W, 3], and two places in the list,
        to the joints float32 [N, J, 2] in px and the scores float32 [N, J] of the N frames between these places.
      input_size_hw: (height, width) in px that regions are fitted to.
      reach: frames from the middle of a window to its first one; 0 for single frames.
      predict_single: as `predict_chunk`, for one frame without neighbours.
    """

    def __init__(
        self,
        predict_chunk: PredictChunk,
        input_size_hw: tuple[int, int],
        reach: int,
        predict_single: PredictChunk | None = None,
    ) -> None:
        self._predict_chunk = predict_chunk
        self._predict_single = predict_single or predict_chunk
        self._input_size_hw = input_size_hw
        self.reach = reach
        self.lag_frames = reach + CHUNK - 1

    def view(self, frame: np.ndarray, region: Region | None = None) -> View:
        """See `Engine.view`."""
        if region is None:
            return View(frame, None, longer_side(frame, None))
        return view_fitted(frame, region, self._input_size_hw)

    def run(self, views: Sequence[View]) -> list[Any]:
        """See `Engine.run`: nothing is known of a frame without its neighbours."""
        return [True] * len(views)

    def single_poses(self, views: Sequence[View], outputs: Sequence[Any]) -> list[tuple[np.ndarray, np.ndarray]]:
        """See `Engine.single_poses`."""
        poses = []
        for view in views:
            joints, scores = self._predict_single([view.image], 0, 1)
            poses.append((view.to_frame(joints[0]), scores[0]))
        return poses

    def open_track(self) -> Track:
        """See `Engine.open_track`."""
        return _ChunkTrack(self._predict_chunk, self.reach)

    def finish(self, pooled: Sequence[FramePose]) -> list[FramePose]:
        """See `Engine.finish`."""
        return list(pooled)


class _ChunkTrack(Track):
    """Keeps the frames of a chunk and their neighbours."""

    def __init__(self, predict_chunk: PredictChunk, reach: int) -> None:
        self._predict_chunk = predict_chunk
        self._reach = reach
        self._views: list[View] = []  # of the frames that are still needed
        self._first = 0  # number of the first of them
        self._done = 0  # number of the first frame whose pose has not been predicted

    def push(self, number: int, view: View, output: Any) -> Iterator[FramePose]:
        end = self._first + len(self._views)
        if output is None or number != end:
            yield from self.end_scene()
            self._first = number
            self._done = number
        if output is None:
            return
        self._views.append(view)
        ready = number + 1 - self._reach
        if ready % CHUNK == 0 and ready > self._done:
            yield from self._predict(ready)
            unneeded = max(0, self._done - self._reach - self._first)
            del self._views[:unneeded]
            self._first += unneeded

    def end_scene(self) -> Iterator[FramePose]:
        end = self._first + len(self._views)
        while self._done < end:
            yield from self._predict(min((self._done // CHUNK + 1) * CHUNK, end))
        self._views.clear()
        self._first = end

    def restart(self) -> None:
        self._first = 0
        self._done = 0

    def _predict(self, end):
        first = max(self._first, self._done - self._reach)
        last = min(self._first + len(self._views), end + self._reach)
        images = [view.image for view in self._views[first - self._first : last - self._first]]
        joints, scores = self._predict_chunk(images, self._done - first, end - first)
        for number, points, heights in zip(range(self._done, end), joints, scores):
            decoded = np.concatenate([points, heights[:, None]], axis=-1)
            yield make_pose(number, self._views[number - self._first], decoded)
        self._done = end
