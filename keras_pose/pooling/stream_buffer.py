"""The heatmaps of the last frames of a stream and the flow between them, and their warps onto one of these frames.

Flow to frames further away is composed from the middle outwards, as in training (see `flow.compose`). Where the maps
of a neighbour are read, the flow from it to the next one is read too; so both lie side by side in one array, and a
neighbour costs one `cv2.remap` (33 µs for 64×64 maps of 7 joints, where maps and flow one after the other take 55).
It rounds positions to 1/32 px.
"""

from __future__ import annotations

import typing

import cv2
import numpy as np

PAST, FUTURE = -1, 1


class Neighbour(typing.NamedTuple):
    """A frame of a window, warped onto the middle one.

    Attributes:
      step: its place from the middle in steps, negative in the past.
      frame: its number.
      warped: float32 [h, w, J + 2]: its maps, which may be overwritten, and two channels of flow, which may not.
      x, y: float32 [h, w], where it was sampled, in px; may lie outside.
    """

    step: int
    frame: int
    warped: np.ndarray
    x: np.ndarray
    y: np.ndarray


class MapWindow:
    """Keeps maps and flow in ring buffers of a fixed size. Frames have numbers from 0 and are put in rising order.

    Args:
      num_steps: neighbours on each side.
      frame_stride: frames from one neighbour to the next.
      size_hw: (h, w) of maps and flow.
      num_joints: J.
      has_future: whether frames after the middle one are neighbours too.

    Attributes:
      num_steps, frame_stride, size_hw, num_joints: as given.
      reach: frames from the middle of the window to its first one.
      lag: frames from the middle of the window to its newest frame.
      num_bytes: size of the buffers.
    """

    def __init__(self, num_steps, frame_stride, size_hw, num_joints, has_future):
        self.num_steps, self.frame_stride = num_steps, frame_stride
        self.size_hw, self.num_joints = tuple(size_hw), num_joints
        self.reach = num_steps * frame_stride
        self.lag = self.reach if has_future else 0
        entry = (*size_hw, num_joints + 2)
        self._rings = {PAST: np.zeros((self.lag + self.reach + 1, *entry), np.float32)}
        if has_future:
            self._rings[FUTURE] = np.zeros((self.reach + 1, *entry), np.float32)
        self._warped = {direction: np.empty(entry, np.float32) for direction in self._rings}
        self._grid = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in size_hw[::-1]))
        self.num_bytes = sum(ring.nbytes for ring in self._rings.values())

    def put_maps(self, frame, maps):
        """Stores float32 [h, w, J], the maps of a frame."""
        for ring in self._rings.values():
            ring[frame % len(ring), ..., :-2] = maps

    def put_flow(self, frame, direction, flow):
        """Stores float32 [h, w, 2], in px, that brings the next neighbour of `frame` in this direction onto it."""
        ring = self._rings[direction]
        for channel in (0, 1):  # both at once take three times as long
            ring[frame % len(ring), ..., channel - 2] = flow[..., channel]

    def entry(self, frame) -> np.ndarray:
        """Returns float32 [h, w, J + 2]: the maps of a frame, and two channels of flow."""
        ring = self._rings[PAST]
        return ring[frame % len(ring)]

    def neighbours(self, middle, direction, last) -> typing.Iterator[Neighbour]:
        """Warps neighbours onto a frame, from the nearest on.

        Args:
          middle: number of the frame.
          direction: PAST or FUTURE.
          last: the newest frame. What is put of a frame is read when the iterator comes to it.

        Yields:
          `Neighbour`, whose arrays are valid until the next one.
        """
        ring = self._rings.get(direction)
        if ring is None:
            return
        (x, y), read = self._grid, ring[middle % len(ring)]
        for step in range(1, self.num_steps + 1):
            frame = middle + direction * step * self.frame_stride
            if not 0 <= frame <= last:
                return
            x, y = x + read[..., -2], y + read[..., -1]
            read = cv2.remap(
                ring[frame % len(ring)],
                x,
                y,
                cv2.INTER_LINEAR,
                dst=self._warped[direction],
                borderMode=cv2.BORDER_REPLICATE,
            )
            yield Neighbour(direction * step, frame, read, x, y)
