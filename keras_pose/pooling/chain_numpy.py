"""`chain` in NumPy and OpenCV, one neighbour of a stream at a time: a third of the time of the layer on the window.

The equations are those of `chain`. The message of the past is sent as soon as its last frame is there; that of the
future begins at the frame that comes last. Arrays are [J·h, w], the maps of the joints below each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np

from keras_pose.pooling.stream_buffer import Neighbour, StreamBuffer

MESSAGE_FLOOR = 1e-4
RESULT_FLOOR = 1e-3


class ChainWeights(NamedTuple):
    """The weights of a chain, with the symbols of `chain`.

    Attributes:
      kernels: float32 [2, J, k, k], K, each with the sum 1; 0 the past, 1 the future.
      messages: float32 [2, J], α.
      epsilon: float32 [J], ε.
      evidence: float32 [J], γ.
      memory: float32 [J], λ.
      current: float32 [J], g.
      sigma_px: width of the Gaussians in heatmap px.
      readout: float32 [J, k, k], what the result is correlated with; None: nothing.
    """

    kernels: np.ndarray
    messages: np.ndarray
    epsilon: np.ndarray
    evidence: np.ndarray
    memory: np.ndarray
    current: np.ndarray
    sigma_px: float
    readout: np.ndarray | None = None


class ChainAccumulator:
    """Pools with messages along time; see `accumulators.Accumulator`.

    Args:
      weights: `ChainWeights`.
      buffer: `StreamBuffer` that the neighbours come from.
    """

    def __init__(self, weights: ChainWeights, buffer: StreamBuffer) -> None:
        height, width = buffer.size_hw
        num_joints = buffer.num_joints
        self._weights = weights
        self._kernels = np.ascontiguousarray(weights.kernels, np.float32)
        self._shape = (num_joints, height, width)
        self._reach = buffer.num_neighbours
        self._epsilon = weights.epsilon.astype(np.float32)[:, None, None]
        # What each frame says, by its place in the window, as logarithms.
        self._said = np.zeros((2 * self._reach + 1, num_joints * height, width), np.float32)
        self._evidence = _as_column(weights.evidence, height)
        self._memory = _as_column(weights.memory, height)
        self._belief = np.zeros((num_joints * height, width), np.float32)
        self._sent = np.zeros((2, num_joints * height, width), np.float32)
        self._farthest = [0, 0]
        self._is_sent = [False, False]

    def put_image(self, frame: int, image: np.ndarray) -> None:
        """Does nothing: messages do not depend on frames."""

    def begin(self) -> None:
        """Starts a new window."""
        self._farthest = [0, 0]
        self._is_sent = [False, False]

    def add(self, neighbour: Neighbour) -> None:
        """Adds a neighbour."""
        side = int(neighbour.place > 0)
        self._read(neighbour.place, neighbour.warped)
        self._farthest[side] = abs(neighbour.place)
        if self._farthest[side] == self._reach:
            self._send(side)

    def finish(self, frame: int, entry: np.ndarray) -> np.ndarray:
        """See `Accumulator.finish`."""
        if self._farthest == [0, 0]:
            return entry[..., :-2]
        log_map = self._read(0, entry) * _as_column(self._weights.current, self._shape[1])
        for side in (0, 1):
            if self._farthest[side]:
                if not self._is_sent[side]:
                    self._send(side)
                log_message = cv2.log(self._sent[side] + np.float32(RESULT_FLOOR))
                log_map += log_message * _as_column(self._weights.messages[side], self._shape[1])
        relative = _relative(log_map.reshape(self._shape))
        relative *= 2 * math.pi * self._weights.sigma_px**2 / relative.sum(axis=(1, 2), keepdims=True)
        if self._weights.readout is not None:
            _correlate(relative, self._weights.readout, self._sent[0].reshape(self._shape))
            relative = self._sent[0].reshape(self._shape)
        return np.moveaxis(relative, 0, -1)

    def _read(self, place, entry):
        """Puts the logarithm of a frame's maps [h, w, J + 2] where its place is; returns it."""
        said = self._said[place + self._reach]
        joints = said.reshape(self._shape)
        np.maximum(np.moveaxis(entry[..., :-2], -1, 0), 0, out=joints)
        joints += self._epsilon
        return cv2.log(said, said)

    def _send(self, side):
        """Sends the messages of a side from its outermost frame to the middle."""
        message = self._sent[side]
        direction = 1 if side else -1
        for away in range(self._farthest[side], 0, -1):
            np.multiply(self._said[direction * away + self._reach], self._evidence, out=self._belief)
            # A constant message, which the outermost frame has, would be divided out again.
            if away < self._farthest[side]:
                message += np.float32(MESSAGE_FLOOR)
                self._belief += cv2.log(message) * self._memory
            belief = _relative(self._belief.reshape(self._shape))
            _correlate(belief, self._kernels[side], message.reshape(self._shape))
        self._is_sent[side] = True


def _correlate(planes, kernels, result):
    """Correlates each of [J, h, w] with its kernel of [J, k, k], with 0 outside."""
    for plane, kernel, found in zip(planes, kernels, result):
        cv2.filter2D(plane, cv2.CV_32F, kernel, dst=found, borderType=cv2.BORDER_CONSTANT)


def _relative(logs):
    """exp of [J, h, w] after the largest value of each joint was subtracted; changes its argument."""
    logs -= logs.max(axis=(1, 2), keepdims=True)
    flat = logs.reshape(-1, logs.shape[-1])
    cv2.exp(flat, flat)
    return logs


def _as_column(values: Iterable[float], height: int) -> np.ndarray:
    return np.repeat(np.asarray(values, np.float32), height)[:, None]
