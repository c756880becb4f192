"""The invertible transform between frame, input and heatmap.

Points are (x, y) in pixels, with pixel centres at integers; sizes are (height, width). Scaling by s maps x to
(x + 0.5)·s − 0.5. A heatmap of stride k is the input scaled by 1/k. All maps are affine: 3×3 matrices in float64 that
act on column vectors (x, y, 1).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

HEATMAP_STRIDE = 4  # input px per heatmap px, of all presets
_SAME_PX = 1e-6  # a map that differs less from the identity moves nothing


def scaling(scale_x: float, scale_y: float | None = None) -> np.ndarray:
    """Returns float64 [3, 3]: maps x to (x + 0.5)·scale_x − 0.5, and y likewise (scale_y defaults to scale_x)."""
    scale_y = scale_x if scale_y is None else scale_y
    return np.array(
        [[scale_x, 0.0, 0.5 * scale_x - 0.5], [0.0, scale_y, 0.5 * scale_y - 0.5], [0.0, 0.0, 1.0]], np.float64
    )


def translation(x: float, y: float) -> np.ndarray:
    """Returns float64 [3, 3]: shifts by (x, y) px."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]], np.float64)


def invert(matrix: np.ndarray) -> np.ndarray:
    """Returns the inverse of a 3×3 affine matrix, float64 [3, 3]; its determinant must not be 0.

    In closed form: `np.linalg.inv` may ask for threads, and waits for them for milliseconds if the cores are in use.
    """
    (a, b, x), (c, d, y) = matrix[:2].tolist()
    determinant = a * d - b * c
    a, b, c, d = d / determinant, -b / determinant, -c / determinant, a / determinant
    return np.array([[a, b, -a * x - b * y], [c, d, -c * x - d * y], [0.0, 0.0, 1.0]], np.float64)


def transform_points(points: npt.ArrayLike, matrix: np.ndarray) -> np.ndarray:
    """Applies a 3×3 affine matrix to points [..., 2]; returns float32, NaN stays NaN."""
    points = np.asarray(points, np.float64)
    return (points @ matrix[:2, :2].T + matrix[:2, 2]).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class CropTransform:
    """Maps a frame (or a region of it) to the input of the net, and back.

    Args:
      matrix: float64 [3, 3], frame px to input px, invertible.
      frame_size_hw: (height, width) of the frame in px.
      input_size_hw: (height, width) of the input in px.

    Raises:
      ValueError: for a matrix that is not an invertible affine map, or sizes below 1 px.
    """

    matrix: np.ndarray
    frame_size_hw: tuple[int, int]
    input_size_hw: tuple[int, int]

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix, np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or not np.allclose(matrix[2], (0, 0, 1)):
            raise ValueError(f"matrix: expected a finite affine map [3, 3], received {self.matrix!r}")
        if abs(np.linalg.det(matrix)) < 1e-12:
            raise ValueError(f"matrix: expected an invertible map, received determinant {np.linalg.det(matrix):g}")
        for name in ("frame_size_hw", "input_size_hw"):
            object.__setattr__(self, name, _checked_size(name, getattr(self, name)))
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def fit(
        cls,
        frame_size_hw: tuple[int, int],
        input_size_hw: tuple[int, int],
        region: Sequence[float] | None = None,
    ) -> CropTransform:
        """Fits a whole region into the input: centred, with one scale for both axes; the rest is border.

        Args:
          frame_size_hw: (height, width) of the frame in px.
          input_size_hw: (height, width) of the input in px.
          region: (left, top, width, height) in frame px, of its edges, not of pixel centres; None: the whole frame.
            Parts of a region outside the frame show border.

        Raises:
          ValueError: for sizes below 1 px or a region without area.
        """
        frame_size_hw = _checked_size("frame_size_hw", frame_size_hw)
        input_size_hw = _checked_size("input_size_hw", input_size_hw)
        left, top, width, height = region if region is not None else (0, 0, frame_size_hw[1], frame_size_hw[0])
        if not (width > 0 and height > 0 and all(map(math.isfinite, (left, top, width, height)))):
            raise ValueError(f"region: expected (left, top, width, height) with an area, received {region}")
        scale = min(input_size_hw[0] / height, input_size_hw[1] / width)
        shift_x = (input_size_hw[1] - scale * width) / 2
        shift_y = (input_size_hw[0] - scale * height) / 2
        matrix = translation(shift_x, shift_y) @ scaling(scale) @ translation(-left, -top)
        return cls(matrix, frame_size_hw, input_size_hw)

    @property
    def scale(self) -> float:
        """Input px per frame px (the geometric mean over both axes)."""
        return float(math.sqrt(abs(np.linalg.det(self.matrix[:2, :2]))))

    def to_input(self, points: npt.ArrayLike) -> np.ndarray:
        """Maps frame px [..., 2] to input px, float32; NaN stays NaN."""
        return transform_points(points, self.matrix)

    def to_frame(self, points: npt.ArrayLike) -> np.ndarray:
        """Maps input px [..., 2] to frame px, float32; NaN stays NaN."""
        return transform_points(points, invert(self.matrix))

    def to_heatmap(self, points: npt.ArrayLike, stride: float) -> np.ndarray:
        """Maps frame px [..., 2] to heatmap px, float32; the heatmap is `stride` times smaller than the input."""
        return transform_points(points, scaling(1 / stride) @ self.matrix)

    def reduction(self) -> tuple[tuple[int, int], np.ndarray]:
        """Finds the size to which a frame is reduced before it is resampled, so that it does not alias.

        Returns:
          (height, width) of the reduced frame: that of the frame divided by a whole number, the largest that keeps the
          frame at least as fine as the input. And float64 [3, 3], frame px to reduced px.
        """
        frame_height, frame_width = self.frame_size_hw
        factor = max(1, int(1 / self.scale + 1e-6))
        height = max(1, frame_height // factor)
        width = max(1, frame_width // factor)
        return (height, width), scaling(width / frame_width, height / frame_height)

    def warp(self, frame: np.ndarray) -> np.ndarray:
        """Resamples a frame to the input: bilinear, after averaging if it shrinks by 2 or more; the border is black.

        Args:
          frame: uint8 [H, W, 3] of `frame_size_hw`.

        Returns:
          uint8 [h, w, 3] of `input_size_hw`.

        Raises:
          ValueError: if the frame has another size.
        """
        if tuple(frame.shape[:2]) != self.frame_size_hw:
            raise ValueError(f"frame: expected size {self.frame_size_hw}, received {tuple(frame.shape[:2])}")
        size_hw, shrink = self.reduction()
        reduced = resize_by_area(frame, size_hw)
        matrix = self.matrix @ invert(shrink)
        height, width = self.input_size_hw
        if size_hw == self.input_size_hw and np.abs(matrix - np.eye(3)).max() < _SAME_PX:
            return np.array(reduced)  # a fifth of the time of resampling it
        return cv2.warpAffine(reduced, matrix[:2], (width, height), flags=cv2.INTER_LINEAR)


def resize_by_area(frame: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """Shrinks uint8 [H, W, 3] to `size_hw` by averaging; returns the same array if it already has that size."""
    if tuple(frame.shape[:2]) == tuple(size_hw):
        return frame
    height, width = size_hw
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)


def _checked_size(name, size_hw):
    size = tuple(int(v) for v in size_hw)
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"{name}: expected (height, width) of at least 1 px, received {size}")
    return size
