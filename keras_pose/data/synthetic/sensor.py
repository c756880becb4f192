"""What a camera adds to a picture: soft focus, uneven light, changes of exposure and noise; uses integers only."""

from __future__ import annotations

import numpy as np

from keras_pose.data.synthetic.draws import uniform


class Sensor:
    """A camera, drawn once per clip. Call `expose` on the frames in their order.

    Args:
      rng: draws the camera, and then the noise of each frame.
      size_hw: (height, width) in px.
      lasting_light: whether up to two shadows lie on the picture for the whole clip, and some pictures are dim.
    """

    def __init__(self, rng: np.random.Generator, size_hw: tuple[int, int], lasting_light: bool = False) -> None:
        self._soft = bool(rng.random() < 0.5)
        self._noise_strength = int(rng.integers(1, 8))
        self._flicker = int(rng.integers(0, 5))
        self._gain = self._uneven_gain(rng, size_hw)
        if lasting_light:
            self._gain = (self._gain * self._shade(rng, size_hw)).astype(np.int32)
        self._rng = rng

    @staticmethod
    def _shade(rng, size_hw):
        """Draws float32 [H, W], 0.25 to 1: a dim room in one of three clips, and soft round shadows."""
        height, width = size_hw
        shade = np.full(size_hw, uniform(rng, 0.4, 0.8) if rng.random() < 0.33 else 1.0, np.float32)
        for _ in range(int(rng.integers(0, 3))):
            x = (np.arange(width, dtype=np.float32) / np.float32(width) - np.float32(rng.random())) / np.float32(
                uniform(rng, 0.15, 0.4)
            )
            y = (np.arange(height, dtype=np.float32) / np.float32(height) - np.float32(rng.random())) / np.float32(
                uniform(rng, 0.15, 0.4)
            )
            inside = np.clip(1 - x * x - (y * y)[:, None], 0, 1)
            shade *= 1 - np.float32(uniform(rng, 0.3, 0.7)) * inside
        return shade

    @staticmethod
    def _uneven_gain(rng, size_hw):
        height, width = size_hw
        slope_x = uniform(rng, -0.2, 0.2)
        slope_y = uniform(rng, -0.2, 0.1)
        level = uniform(rng, 0.75, 1.15)
        x = np.arange(width, dtype=np.float32) / np.float32(width) - np.float32(0.5)
        y = np.arange(height, dtype=np.float32)[:, None] / np.float32(height) - np.float32(0.5)
        return (256 * (np.float32(level) + x * np.float32(slope_x) + y * np.float32(slope_y))).astype(np.int32)

    def expose(self, frame: np.ndarray) -> np.ndarray:
        """Returns the frame as this camera records it: uint8 [H, W, 3] in and out."""
        light = frame.astype(np.int32)
        if self._soft:
            light[:, 1:-1] = (light[:, :-2] + 2 * light[:, 1:-1] + light[:, 2:] + 2) >> 2
            light[1:-1] = (light[:-2] + 2 * light[1:-1] + light[2:] + 2) >> 2
        # Exposure and uneven light, in 256ths.
        exposure = 256 + int(self._rng.integers(-self._flicker, self._flicker + 1))
        light = (light * ((self._gain * exposure) >> 8)[..., None]) >> 8
        # Noise: the sum of two uniform draws per value.
        grain = np.frombuffer(self._rng.bytes(2 * light.size), np.int8).reshape(2, *light.shape)
        light += ((grain[0].astype(np.int16) + grain[1]) * np.int16(self._noise_strength)) >> 6
        return np.clip(light, 0, 255).astype(np.uint8)
