"""Engines of runs whose net sees single frames: heatmaps, pooled or not, and positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from keras_pose.inference.calibrated import make_pose
from keras_pose.inference.engine import Engine, Region, Track, View, view_fitted
from keras_pose.inference.graphs import FrameGraphs
from keras_pose.inference.pooled_track import Pooled, PooledTrack, PoolingParts
from keras_pose.inference.pose_model import FramePose

_DECODED_AT_ONCE = 16
_CUT_MEMORY = 26  # decoded frames whose changes `SceneCuts` remembers, and the one before them


class PooledEngine(Engine):
    """A heatmap net or a flowing net.

    Args:
      parts: `PoolingParts` of the net.
      graphs: `FrameGraphs` of its net for single frames.
      input_size_hw: (height, width) of its input in px.
    """

    def __init__(self, parts: PoolingParts, graphs: FrameGraphs, input_size_hw: tuple[int, int]) -> None:
        self._parts = parts
        self._graphs = graphs
        self._input_size_hw = input_size_hw
        self.reach = parts.open_buffer().reach
        self.lag_frames = self.reach
        self.memory = _CUT_MEMORY if parts.find_cuts else 0

    def view(self, frame: np.ndarray, region: Region | None = None) -> View:
        """See `Engine.view`."""
        return view_fitted(frame, region, self._input_size_hw)

    def run(self, views: Sequence[View]) -> list[Any]:
        """See `Engine.run`; returns the maps, float32 [h, w, J]."""
        return list(np.asarray(self._graphs.run_net(np.stack([view.image for view in views]))))

    def single_poses(self, views: Sequence[View], outputs: Sequence[Any]) -> list[tuple[np.ndarray, np.ndarray]]:
        """See `Engine.single_poses`."""
        decoded = np.asarray(self._graphs.decode(np.stack(outputs)))
        return [(view.to_frame(joints[:, :2]), joints[:, 2]) for view, joints in zip(views, decoded)]

    def open_track(self) -> Track:
        """See `Engine.open_track`."""
        return PooledTrack(self._parts, keep=True)

    def finish(self, pooled: Sequence[Pooled]) -> list[FramePose]:
        """See `Engine.finish`."""
        poses = []
        for start in range(0, len(pooled), _DECODED_AT_ONCE):
            chunk = pooled[start : start + _DECODED_AT_ONCE]
            decoded = np.asarray(self._graphs.decode_modes(np.stack([each.maps for each in chunk])))
            poses += [make_pose(each.number, each.view, joints) for each, joints in zip(chunk, decoded)]
        return poses


class PositionsEngine(Engine):
    """A net that predicts positions, without a temporal step. Dense layers round by the batch, so each frame is alone.

    Args:
      predict_fitted: function of uint8 [1, h, w, 3] of the size of the input to joints [1, J, 2] in px of it and
        scores [1, J].
      input_size_hw: (height, width) of its input in px.
    """

    def __init__(
        self, predict_fitted: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], input_size_hw: tuple[int, int]
    ) -> None:
        self._predict_fitted = predict_fitted
        self._input_size_hw = input_size_hw

    def view(self, frame: np.ndarray, region: Region | None = None) -> View:
        """See `Engine.view`."""
        return view_fitted(frame, region, self._input_size_hw)

    def run(self, views: Sequence[View]) -> list[Any]:
        """See `Engine.run`; returns float32 [J, 3], (x, y) in px of the input and the score."""
        outputs = []
        for view in views:
            joints, scores = self._predict_fitted(view.image[None])
            outputs.append(np.concatenate([joints[0], scores[0][:, None]], axis=-1))
        return outputs

    def single_poses(self, views: Sequence[View], outputs: Sequence[Any]) -> list[tuple[np.ndarray, np.ndarray]]:
        """See `Engine.single_poses`."""
        return [(view.to_frame(output[:, :2]), output[:, 2]) for view, output in zip(views, outputs)]

    def open_track(self) -> Track:
        """See `Engine.open_track`."""
        return _PassingTrack()

    def finish(self, pooled: Sequence[Any]) -> list[FramePose]:
        """See `Engine.finish`."""
        return [make_pose(*each) for each in pooled]


class _PassingTrack(Track):
    """No temporal step: what comes in goes out."""

    def push(self, number: int, view: View, output: Any) -> Iterator[Any]:
        if output is not None:
            yield number, view, output

    def end_scene(self) -> Iterator[Any]:
        return iter(())

    def restart(self) -> None:
        pass
