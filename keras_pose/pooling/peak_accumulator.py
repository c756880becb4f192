"""Pooling of peaks, one neighbour of a stream at a time: of each map, only the pixels around its peak are kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from keras_pose.pooling.stream_buffer import Neighbour, StreamBuffer

# With two pixels on each side of a peak, `heatmaps.decode_subpixel` sees all that it looks at, at borders too.
CROP_PX = 5


class PeakAccumulator:
    """Keeps the surroundings of peaks, and pools them; see `accumulators.Accumulator`.

    Args:
      pool: function of crops float32 [1, T, c, c, J], their left upper corners float32 [1, T, J, 2] in px of the map
        and the frames that exist, bool [1, T], to pooled maps float32 [h, w, J].
      buffer: `StreamBuffer` that the neighbours come from.
    """

    def __init__(self, pool: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray], buffer: StreamBuffer) -> None:
        height, width = buffer.size_hw
        num_joints = buffer.num_joints
        num_frames = 2 * buffer.num_neighbours + 1
        self._pool = pool
        self._middle = num_frames // 2
        self._size = (min(CROP_PX, height), min(CROP_PX, width))
        self._limits = (height - self._size[0], width - self._size[1])
        self._planes = np.zeros((num_joints, height, width), np.float32)
        self._crops = np.zeros((1, num_frames, *self._size, num_joints), np.float32)
        self._corners = np.zeros((1, num_frames, num_joints, 2), np.float32)
        self._present = np.zeros((1, num_frames), bool)

    def put_image(self, frame: int, image: np.ndarray) -> None:
        """Does nothing: peaks do not depend on frames."""

    def begin(self) -> None:
        """Starts a new window."""
        self._present[:] = False

    def add(self, neighbour: Neighbour) -> None:
        """Adds a neighbour."""
        self._read(self._middle + neighbour.place, neighbour.warped)

    def finish(self, frame: int, entry: np.ndarray) -> np.ndarray:
        """See `Accumulator.finish`."""
        if not self._present.any():
            return entry[..., :-2]
        self._read(self._middle, entry)
        return self._pool(self._crops, self._corners, self._present)

    def _read(self, place, entry):
        """Keeps the surroundings of the peaks of a frame's maps, [h, w, J + 2]."""
        np.copyto(self._planes, np.moveaxis(entry[..., :-2], -1, 0))
        peaks = self._planes.reshape(len(self._planes), -1).argmax(axis=1)
        height, width = self._size
        for joint, peak in enumerate(peaks):
            row, column = divmod(int(peak), self._planes.shape[2])
            top = min(max(row - height // 2, 0), self._limits[0])
            left = min(max(column - width // 2, 0), self._limits[1])
            crop = self._planes[joint, top : top + height, left : left + width]
            self._crops[0, place, ..., joint] = crop
            self._corners[0, place, joint] = (left, top)
        self._present[0, place] = True
