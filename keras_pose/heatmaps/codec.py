"""The heatmap codec as one object: what a net's stride and the width of its Gaussians mean, in both directions.

Everything that turns joints into maps or maps into joints asks a `HeatmapCodec`, so that the stride is applied in one
place. Letters in shapes: h w heatmap, J joints, M modes, ... any leading axes (B batch, T frames).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import tensorflow as tf

from keras_pose.heatmaps import decode, modes, render


@dataclasses.dataclass(frozen=True)
class HeatmapCodec:
    """Encodes joints as Gaussian maps and decodes maps to joints, in px of the network's input.

    Args:
      stride: input px per heatmap px.
      sigma_px: standard deviation of a joint's Gaussian in heatmap px; only `encode` reads it.

    Raises:
      ValueError: if stride or sigma is not positive.

    Example:

    >>> codec = HeatmapCodec(stride=4, sigma_px=1.5)
    >>> maps = codec.encode(tf.constant([[[25.5, 17.5, 1.0]]]), (16, 16))  # [1, 16, 16, 1]
    >>> points, scores = codec.decode(maps)  # [[[25.5, 17.5]]], [[1.0]]
    """

    stride: float
    sigma_px: float = 1.5

    def __post_init__(self) -> None:
        for name in ("stride", "sigma_px"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: expected a number above 0, received {getattr(self, name)}")

    def encode(self, targets: tf.Tensor, heatmap_size_hw: Sequence) -> tf.Tensor:
        """Renders a Gaussian of peak 1 for each joint; see `render.render_heatmaps`.

        Args:
          targets: float32 [..., J, 3], (x, y, weight) in input px. A joint of weight 0 has an empty map.
          heatmap_size_hw: (height, width) of the maps in heatmap px, integers or scalar tensors.

        Returns:
          float32 [..., h, w, J].
        """
        return render.render_heatmaps(targets, heatmap_size_hw, self.stride, self.sigma_px)

    def decode(self, heatmaps: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds the highest point of each map to a fraction of a pixel; see `decode.decode_subpixel`.

        Args:
          heatmaps: float [..., h, w, J].

        Returns:
          points: float32 [..., J, 2], (x, y) in input px.
          scores: float32 [..., J], the height of the map there.
        """
        points, scores = decode.decode_subpixel(heatmaps)
        return render.heatmap_to_input(points, float(self.stride)), scores

    def decode_modes(
        self, heatmaps: tf.Tensor, max_modes: int = 3, min_height: float = 0.1
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Finds the several answers that one map can hold, such as the left and the right hand; see `modes.find_modes`.

        Args:
          heatmaps: float [..., h, w, J].
          max_modes: M, the largest number of modes to return, the highest first.
          min_height: lower maxima are left out; above 0.

        Returns:
          points: float32 [..., J, M, 2], (x, y) in input px, 0 if there is no such mode.
          scores: float32 [..., J, M], the height of each mode, 0 if there is none.

        Raises:
          ValueError: if `max_modes` or `min_height` is out of range.
        """
        points, heights = modes.find_modes(heatmaps, max_modes, min_height)
        points = render.heatmap_to_input(points, float(self.stride))
        return tf.where(heights[..., None] > 0, points, 0.0), heights
