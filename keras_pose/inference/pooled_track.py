"""The temporal step of nets with heatmaps: cuts, flow, pooling; streams and the analysis of videos share it.

Regions may move between frames. Maps are pooled in px of the input, and flow is estimated between what the net saw, so
a region that moves is as a camera that moves. The pose is mapped back with the region of its own frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_pose.flow import estimators, names, opencv
from keras_pose.inference.engine import Track, View
from keras_pose.inference.pose_model import CENTRED
from keras_pose.inference.scene_cuts import SceneCuts
from keras_pose.models.pose_net import PoseNet
from keras_pose.pooling.accumulators import open_accumulator
from keras_pose.pooling.stream_buffer import StreamBuffer
from keras_pose.pooling.stream_pooling import StreamPooling

_NO_IMAGE = np.empty((0, 0, 3), np.uint8)
EstimateFlow = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Pooled(NamedTuple):
    """The pooled maps of a frame.

    Attributes:
      number: number of the frame.
      view: what the net saw of it.
      maps: float32 [h, w, J], valid until the next.
    """

    number: int
    view: View
    maps: np.ndarray


class PoolingParts:
    """A net taken apart into its net for single frames and what pools its maps. The weights are read here, once.

    Args:
      model: flowing net or heatmap net of `models.factory`.
      num_joints: J.
      input_size_hw: (height, width) of its input in px.
      frame_stride: frames from one neighbour to the next.
      flow: name of the flow estimator, or a function, see `StreamingPredictor`.
      mode: one of `pose_model.MODES`.
      find_cuts: whether to look for cuts.
      num_within: neighbours on each side that are not too far away in time (see `pooling.reach`); None: all.

    Attributes:
      net: the `PoseNet` for single frames.
      num_neighbours: neighbours on each side; 0 if nothing is pooled.
      find_cuts: whether tracks look for cuts.

    Raises:
      ValueError: for an unknown estimator, or another net.
    """

    def __init__(
        self,
        model: keras.Model,
        num_joints: int,
        input_size_hw: tuple[int, int],
        frame_stride: int,
        flow: str | EstimateFlow,
        mode: str = CENTRED,
        find_cuts: bool = True,
        num_within: int | None = None,
    ) -> None:
        self.net, self._pooling, self.num_neighbours = _split(PoseNet(model))
        self.find_cuts = find_cuts and self.num_neighbours > 0
        stride = self.net.heatmap_stride()
        self._maps_hw = (input_size_hw[0] // stride, input_size_hw[1] // stride)
        self._num_joints = num_joints
        self._frame_stride = frame_stride
        self._num_within = num_within if self.num_neighbours else None
        self._has_future = mode == CENTRED
        self._estimate_flow: EstimateFlow | None = None
        self._grey = False
        if self.num_neighbours:
            self._estimate_flow, self._grey = (flow, False) if callable(flow) else _open_flow(flow, input_size_hw)

    def open_buffer(self) -> StreamBuffer:
        """Makes the buffer of a track."""
        return StreamBuffer(
            self.num_neighbours,
            self._frame_stride,
            self._maps_hw,
            self._num_joints,
            has_future=self._has_future,
            num_within=self._num_within,
        )

    def open_pooling(self, buffer: StreamBuffer, parallel: bool) -> StreamPooling | None:
        """Makes the pooling of a track; None if nothing is pooled."""
        if self._estimate_flow is None:
            return None
        accumulator = open_accumulator(self._pooling, buffer)
        return StreamPooling(buffer, accumulator, self._estimate_flow, self._grey, parallel)


class PooledTrack(Track):
    """Pools the maps of one track.

    Args:
      parts: `PoolingParts` of the model.
      parallel: whether a thread estimates flow while the net runs (see `push_with`). Results are the same.
      keep: whether the maps that it yields stay valid.

    Attributes:
      lag_frames: how many frames late a pose comes.
      buffer_bytes: size of all kept maps and flow; it does not grow.
    """

    def __init__(self, parts: PoolingParts, parallel: bool = False, keep: bool = False) -> None:
        self._keep = keep
        buffer = parts.open_buffer()
        self.lag_frames = buffer.lag
        self.buffer_bytes = buffer.num_bytes
        self._pooling = parts.open_pooling(buffer, parallel)
        self._cuts = SceneCuts() if parts.find_cuts else None
        self._views: dict[int, View] = {}  # of the frames that wait, by place in the scene
        self._scene_start = 0
        self._next = 0

    def push(self, number: int, view: View, output: Any) -> Iterator[Pooled]:
        """See `Track.push`; `output` are the maps, float32 [h, w, J]."""
        return self.push_with(number, view, None if output is None else lambda: output)

    def push_with(self, number: int, view: View, find_maps: Callable[[], np.ndarray] | None) -> Iterator[Pooled]:
        """Takes the next view as `push` does, but calls the net itself, so that flow can be estimated beside it.

        Args:
          number: number of its frame.
          view: what the net sees.
          find_maps: function that returns the maps, float32 [h, w, J]; None: the frame is not needed.
        """
        is_cut = self._cuts is not None and self._cuts.is_cut(opencv.to_grey(view.image))
        if is_cut or number != self._next or find_maps is None:
            yield from self.end_scene()
            self._scene_start = number
            self._next = number
        if find_maps is None:
            return
        place = number - self._scene_start
        self._next = number + 1
        if self._pooling is None:
            yield Pooled(number, view, find_maps())
            return
        self._pooling.begin(place, view.image)
        self._views[place] = view._replace(image=_NO_IMAGE)  # it need not stay in memory
        for middle, maps in self._pooling.finish(place, find_maps()):
            yield self._pooled(middle, maps)

    def end_scene(self) -> Iterator[Pooled]:
        """See `Track.end_scene`."""
        if self._pooling is not None:
            for middle, maps in self._pooling.end(self._next - self._scene_start):
                yield self._pooled(middle, maps)
        self._views.clear()
        self._scene_start = self._next

    def restart(self) -> None:
        """See `Track.restart`."""
        self._scene_start = 0
        self._next = 0
        if self._cuts is not None:
            self._cuts.restart()

    def _pooled(self, middle, maps):
        kept = np.array(maps) if self._keep else maps
        return Pooled(self._scene_start + middle, self._views.pop(middle), kept)


def _split(net):
    """Returns the net for single frames, the pooling layer or None, and the number of neighbours on each side."""
    pooling = net.pooling()
    if pooling is None:
        if net.sees_window() or not net.predicts_heatmaps():
            raise ValueError(f"model {net.model.name!r}: expected a flowing net or a heatmap net for single frames")
        return net, None, 0
    return net.frame_net(), pooling, net.num_neighbours() if pooling.reads_neighbours else 0


def _open_flow(name, size_hw):
    """Returns the estimator, and whether it takes grey frames; the one in TensorFlow takes colours, as in training."""
    estimate_flow = estimators.open_estimator(name)
    grey = name != names.IN_GRAPH
    # Estimate once, so that its graph is built here.
    black = np.zeros(size_hw if grey else (*size_hw, 3), np.uint8)
    estimate_flow(black, black)
    return estimate_flow, grey
