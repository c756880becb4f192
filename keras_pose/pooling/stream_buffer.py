"""The heatmaps of the last frames of a stream and the flow between them, and their warps onto one of these frames.

Flow to frames further away is composed from the middle outwards, as in training (see `flow.composition_numpy`). The
maps of a neighbour and the flow from it to the next neighbour are read at the same places. So both lie side by side in
one array, and a neighbour costs one `cv2.remap`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator

import numpy as np

from keras_pose.flow import composition_numpy

PAST = -1
FUTURE = 1


class Neighbour(typing.NamedTuple):
    """A frame of a window, warped onto the middle one.

    Attributes:
      place: its place from the middle: −1 is the neighbour before it, 1 the one after it.
      frame: its number.
      warped: float32 [h, w, J + 2]: its maps, and two channels of flow.
      flow_x, flow_y: float32 [h, w], the flow that it was warped by, in px.
    """

    place: int
    frame: int
    warped: np.ndarray
    flow_x: np.ndarray
    flow_y: np.ndarray


class StreamBuffer:
    """Keeps maps and flow in ring buffers of a fixed size. Frames have numbers from 0 and come in rising order.

    Args:
      num_neighbours: neighbours on each side.
      frame_stride: frames from one neighbour to the next.
      size_hw: (h, w) of maps and flow.
      num_joints: J.
      has_future: whether frames after the middle one are neighbours too.
      num_within: neighbours on each side that are not too far away in time (see `reach`); None: all. The others count
        as missing.

    Attributes:
      num_neighbours, frame_stride, size_hw, num_joints: as given.
      num_within: as given, or `num_neighbours`.
      reach: frames from the middle of the window to its first one.
      lag: frames from the middle of the window to its newest frame.
      num_bytes: size of the buffers.
    """

    def __init__(
        self,
        num_neighbours: int,
        frame_stride: int,
        size_hw: tuple[int, int],
        num_joints: int,
        has_future: bool,
        num_within: int | None = None,
    ) -> None:
        self.num_neighbours = num_neighbours
        self.frame_stride = frame_stride
        self.size_hw = (size_hw[0], size_hw[1])
        self.num_joints = num_joints
        self.num_within = num_neighbours if num_within is None else num_within
        self.reach = self.num_within * frame_stride
        self.lag = self.reach if has_future else 0
        entry = (*self.size_hw, num_joints + 2)
        self._rings = {PAST: np.zeros((self.lag + self.reach + 1, *entry), np.float32)}
        if self.lag:
            self._rings[FUTURE] = np.zeros((self.reach + 1, *entry), np.float32)
        self._warped = {direction: np.empty(entry, np.float32) for direction in self._rings}
        self.num_bytes = sum(ring.nbytes for ring in self._rings.values())

    def put_maps(self, frame: int, maps: np.ndarray) -> None:
        """Stores float32 [h, w, J], the maps of a frame."""
        for ring in self._rings.values():
            ring[frame % len(ring), ..., :-2] = maps

    def put_flow(self, frame: int, direction: int, flow: np.ndarray) -> None:
        """Stores float32 [h, w, 2], in px, that brings the next neighbour of `frame` in this direction onto it."""
        ring = self._rings[direction]
        for channel in (0, 1):  # assigning both at once takes three times as long
            ring[frame % len(ring), ..., channel - 2] = flow[..., channel]

    def entry(self, frame: int) -> np.ndarray:
        """Returns float32 [h, w, J + 2]: the maps of a frame, and two channels of flow."""
        ring = self._rings[PAST]
        return ring[frame % len(ring)]

    def neighbours(self, middle: int, direction: int, last: int) -> Iterator[Neighbour]:
        """Warps neighbours onto a frame, from the nearest outwards.

        Args:
          middle: number of the frame.
          direction: PAST or FUTURE.
          last: the newest frame. What is put for a frame is read when the iterator comes to it.

        Yields:
          `Neighbour`, whose arrays are valid until the next one.
        """
        ring = self._rings.get(direction)
        if ring is None:
            return
        onward = ring[middle % len(ring)]
        flow_x = onward[..., -2]
        flow_y = onward[..., -1]
        for step in range(1, self.num_within + 1):
            frame = middle + direction * step * self.frame_stride
            if not 0 <= frame <= last:
                return
            entry = ring[frame % len(ring)]
            warped, next_x, next_y = composition_numpy.carry(entry, flow_x, flow_y, self._warped[direction])
            yield Neighbour(direction * step, frame, warped, flow_x, flow_y)
            flow_x = next_x
            flow_y = next_y
