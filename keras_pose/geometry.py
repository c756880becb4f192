"""One invertible transform between frame, network input and heatmap, with one pixel convention.

Points are (x, y) in pixels, pixel centres at integers; sizes are (height, width). Scaling by s maps x to
(x + 0.5)·s − 0.5, mirroring in width W maps x to (W − 1) − x. A heatmap of stride k is the input scaled by 1/k.
All maps are affine and are kept as 3×3 matrices in float64 that act on column vectors (x, y, 1).
"""

from __future__ import annotations

import dataclasses
import math

import cv2
import numpy as np

HEATMAP_STRIDE = 4  # input px per heatmap px, of all presets


def scaling(scale_x, scale_y=None) -> np.ndarray:
    """Returns float64 [3, 3]: x to (x + 0.5)·scale_x − 0.5, and y likewise (scale_y defaults to scale_x)."""
    scale_y = scale_x if scale_y is None else scale_y
    return np.array(
        [[scale_x, 0.0, 0.5 * scale_x - 0.5], [0.0, scale_y, 0.5 * scale_y - 0.5], [0.0, 0.0, 1.0]], np.float64
    )


def mirroring(width) -> np.ndarray:
    """Returns float64 [3, 3]: x to (width − 1) − x."""
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float64)


def translation(x, y) -> np.ndarray:
    """Returns float64 [3, 3]: a shift by (x, y) px."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]], np.float64)


def rotation(degrees, center_xy) -> np.ndarray:
    """Returns float64 [3, 3]: a turn about `center_xy`; positive degrees turn x towards y (clockwise on a screen)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]], np.float64)
    x, y = center_xy
    return translation(x, y) @ turn @ translation(-x, -y)


def transform_points(points, matrix) -> np.ndarray:
    """Applies a 3×3 affine matrix to points [..., 2]; float32 out, NaN stays NaN."""
    points = np.asarray(points, np.float64)
    return (points @ matrix[:2, :2].T + matrix[:2, 2]).astype(np.float32)


@dataclasses.dataclass(frozen=True)
class CropTransform:
    """Maps a frame (or a region of it) onto the network's input, and back.

    Args:
      matrix: float64 [3, 3], frame px to input px, invertible.
      frame_size_hw: (height, width) of the frame in px.
      input_size_hw: (height, width) of the network's input in px.

    Raises:
      ValueError: for a matrix that is no invertible affine map, or sizes below 1 px.
    """

    matrix: np.ndarray
    frame_size_hw: tuple[int, int]
    input_size_hw: tuple[int, int]

    def __post_init__(self):
        matrix = np.asarray(self.matrix, np.float64)
        if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or not np.allclose(matrix[2], (0, 0, 1)):
            raise ValueError(f"matrix: expected a finite affine map [3, 3], received {self.matrix!r}")
        if abs(np.linalg.det(matrix)) < 1e-12:
            raise ValueError(f"matrix: expected an invertible map, received determinant {np.linalg.det(matrix):g}")
        for name in ("frame_size_hw", "input_size_hw"):
            object.__setattr__(self, name, _checked_size(name, getattr(self, name)))
        object.__setattr__(self, "matrix", matrix)

    @classmethod
    def fit(cls, frame_size_hw, input_size_hw, region=None) -> CropTransform:
        """Fits a region whole into the input: one scale for both axes, centred, the rest is border.

        Args:
          frame_size_hw: (height, width) of the frame in px.
          input_size_hw: (height, width) of the input in px.
          region: (left, top, width, height) in frame px, edges not centres; the whole frame by default. A region
            that reaches outside the frame sees border there.

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

    def then(self, matrix, input_size_hw=None) -> CropTransform:
        """Returns this transform followed by `matrix` (input px to new input px), as augmentation uses it."""
        return CropTransform(matrix @ self.matrix, self.frame_size_hw, input_size_hw or self.input_size_hw)

    @property
    def scale(self) -> float:
        """Input px per frame px (the geometric mean over both axes)."""
        return float(math.sqrt(abs(np.linalg.det(self.matrix[:2, :2]))))

    def to_input(self, points) -> np.ndarray:
        """Frame px [..., 2] to input px, float32; NaN stays NaN."""
        return transform_points(points, self.matrix)

    def to_frame(self, points) -> np.ndarray:
        """Input px [..., 2] to frame px, float32; NaN stays NaN."""
        return transform_points(points, np.linalg.inv(self.matrix))

    def to_heatmap(self, points, stride) -> np.ndarray:
        """Frame px [..., 2] to heatmap px of a map `stride` times smaller than the input."""
        return transform_points(points, scaling(1 / stride) @ self.matrix)

    def from_heatmap(self, points, stride) -> np.ndarray:
        """Heatmap px [..., 2] to frame px."""
        return transform_points(points, np.linalg.inv(scaling(1 / stride) @ self.matrix))

    def reduction(self) -> tuple[tuple[int, int], np.ndarray]:
        """Finds the smallest size a frame may be reduced to before it is resampled, so that nothing aliases.

        Returns:
          (height, width) of the reduced frame, the frame divided by a whole factor (1: not reduced), and float64
          [3, 3], frame px to reduced px.
        """
        factor = max(1, int(1 / self.scale + 1e-6))
        height, width = (max(1, size // factor) for size in self.frame_size_hw)
        return (height, width), scaling(width / self.frame_size_hw[1], height / self.frame_size_hw[0])

    def warp(self, frame, border=0) -> np.ndarray:
        """Resamples a frame onto the input: bilinear, averaged first where it shrinks by 2 or more.

        Args:
          frame: uint8 [H, W, 3] of `frame_size_hw`.
          border: value outside the frame.

        Returns:
          uint8 [h, w, 3] of `input_size_hw`.

        Raises:
          ValueError: where the frame has another size.
        """
        if tuple(frame.shape[:2]) != self.frame_size_hw:
            raise ValueError(f"frame: expected size {self.frame_size_hw}, received {tuple(frame.shape[:2])}")
        size_hw, shrink = self.reduction()
        matrix = self.matrix @ np.linalg.inv(shrink)
        height, width = self.input_size_hw
        return cv2.warpAffine(
            resize_by_area(frame, size_hw),
            matrix[:2],
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderValue=[border] * 3,
        )


def resize_by_area(frame, size_hw) -> np.ndarray:
    """Shrinks uint8 [H, W, 3] to `size_hw` by averaging; the same array where it has that size already."""
    if tuple(frame.shape[:2]) == tuple(size_hw):
        return frame
    return cv2.resize(frame, tuple(size_hw)[::-1], interpolation=cv2.INTER_AREA)


def _checked_size(name, size_hw):
    size = tuple(int(v) for v in size_hw)
    if len(size) != 2 or min(size) < 1:
        raise ValueError(f"{name}: expected (height, width) of at least 1 px, received {size}")
    return size
