"""What one reading of a video tells about its frames: thumbnails, and whether neighbouring predictions agree.

Frames are reduced before flow is estimated: labels are chosen, not measured. Memory holds two frames at a time and a
thumbnail of 768 bytes for each predicted frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import cv2
import numpy as np

from keras_pose.flow import estimators, opencv
from keras_pose.inference.scene_cuts import SceneCuts
from keras_pose.labelling import moved_points

THUMBNAIL_PX = 16
_FLOW_SIDE_PX = 192
_FARTHEST_NEIGHBOUR = 5  # frames; farther ones are no neighbours
_LARGEST_DISTANCE = 0.1  # of the frame's longer side; beyond that, wrong is wrong


@dataclasses.dataclass(frozen=True, eq=False)
class FrameLooks:
    """What the pictures of N predicted frames tell.

    Args:
      thumbnails: uint8 [N, 16, 16, 3]; 0 for frames that could not be decoded.
      disagreement: float32 [N], the distance between joints that flow moves to a neighbouring frame and the joints
        predicted there, as a fraction of the frame's longer side: the mean over joints, of the neighbour that
        disagrees more; NaN without neighbours.
    """

    thumbnails: np.ndarray
    disagreement: np.ndarray


def look_at(
    numbered: Iterable[tuple[int, np.ndarray | None]],
    frames: np.ndarray,
    joints: np.ndarray,
    flow: str = "dis_fast",
    progress: Callable[[], None] | None = None,
) -> FrameLooks:
    """Looks at the predicted frames of a video once, in order.

    Args:
      numbered: (number, uint8 [H, W, 3] or None if it does not decode) of frames in rising order, at least of `frames`.
      frames: int64 [N], the numbers of the predicted frames, rising.
      joints: float32 [N, P, J, 2], the predictions in px of the frame; NaN: not there.
      flow: name of the flow estimator (`flow.names`).
      progress: called after each predicted frame.

    Raises:
      ValueError: if the video ends before the last predicted frame.
    """
    looker = _Looker(frames, joints, flow)
    rows = {int(number): row for row, number in enumerate(frames)}
    seen = -1
    for number, frame in numbered:
        if number in rows:
            seen = rows[number]
            looker.look(seen, frame)
            if progress is not None:
                progress()
        if seen == len(frames) - 1:
            break
    if seen < len(frames) - 1:
        raise ValueError(f"expected the frames that were predicted, up to {int(frames[-1])}; the video ends before")
    return looker.looks


class _Looker:
    """Fills `looks` frame by frame."""

    def __init__(self, frames, joints, flow):
        count = len(frames)
        self.looks = FrameLooks(
            np.zeros((count, THUMBNAIL_PX, THUMBNAIL_PX, 3), np.uint8), np.full(count, np.nan, np.float32)
        )
        self._frames = frames
        self._joints = joints
        self._estimate = estimators.open_estimator(flow)
        self._cuts = SceneCuts()
        self._last = None  # (row, reduced frame) of the last predicted frame

    def look(self, row, frame):
        """Looks at the frame of a row; None: it could not be decoded."""
        if frame is None:
            self._last = None
            self._cuts.restart()
            return
        size = (THUMBNAIL_PX, THUMBNAIL_PX)
        self.looks.thumbnails[row] = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        reduced = reduce_frame(frame)
        is_cut = self._cuts.is_cut(reduced)
        if self._last is not None and not is_cut and self._are_neighbours(self._last, row, reduced):
            self._compare(*self._last, row, reduced, frame.shape[:2])
        self._last = (row, reduced)

    def _are_neighbours(self, last, row, reduced):
        return (
            self._frames[row] - self._frames[last[0]] <= _FARTHEST_NEIGHBOUR
            and last[1].shape == reduced.shape
            and min(reduced.shape) >= opencv.MIN_SIDE_PX
        )

    def _compare(self, before, grey_before, row, grey, size_hw):
        """Moves the joints of the frame before to this one, and compares them with the joints predicted here."""
        moved = moved_points.move_points(self._joints[before], self._estimate(grey_before, grey), size_hw)
        distance = np.linalg.norm(moved - self._joints[row], axis=-1) / max(size_hw)  # [P, J]
        if np.isfinite(distance).any():
            value = np.nanmean(np.minimum(distance, _LARGEST_DISTANCE))
            for place in (before, row):
                self.looks.disagreement[place] = np.fmax(self.looks.disagreement[place], value)


def reduce_frame(frame: np.ndarray, side_px: int = _FLOW_SIDE_PX) -> np.ndarray:
    """Returns uint8 [h, w]: a frame uint8 [H, W, 3] in grey, its longer side reduced to `side_px` if it is longer."""
    height, width = frame.shape[:2]
    scale = min(1.0, side_px / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return opencv.to_grey(frame if scale == 1 else cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
