"""Flow and moving textures for tests, and composition of flow by loops."""

from __future__ import annotations

import cv2
import numpy as np


def smooth_flow(seed, amplitude_px=6.0, size_hw=(40, 48)):
    """float32 [h, w, 2], smooth random flow of at most `amplitude_px`."""
    noise = np.random.default_rng(seed).standard_normal((*size_hw, 2)).astype(np.float32)
    flow = cv2.GaussianBlur(noise, (0, 0), 5)
    return flow / np.abs(flow).max() * np.float32(amplitude_px)


def sample_by_loops(values, flow):
    """values(p + flow(p)), bilinear, borders clamped: float32 [h, w, C], pixel by pixel."""
    height, width, _ = values.shape
    result = np.empty_like(values)
    for y in range(height):
        for x in range(width):
            at_x = np.clip(x + flow[y, x, 0], 0, width - 1)
            at_y = np.clip(y + flow[y, x, 1], 0, height - 1)
            left = min(int(at_x), width - 2)
            top = min(int(at_y), height - 2)
            a = at_x - left
            b = at_y - top
            upper = values[top, left] * (1 - a) + values[top, left + 1] * a
            lower = values[top + 1, left] * (1 - a) + values[top + 1, left + 1] * a
            result[y, x] = upper * (1 - b) + lower * b
    return result


def compose_by_loops(first, second):
    """first(p) + second(p + first(p))."""
    return first + sample_by_loops(second, first)


def shifted_texture(shift_xy, size_hw=(128, 128), seed=0):
    """(target, source), uint8 [H, W, 3], with target(p) = source(p + shift)."""
    margin = 20
    height, width = size_hw
    noise = np.random.default_rng(seed).standard_normal((height + 2 * margin, width + 2 * margin, 3))
    texture = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 2)
    texture = ((texture - texture.min()) / np.ptp(texture) * 255).astype(np.uint8)
    x = margin + shift_xy[0]
    y = margin + shift_xy[1]
    return texture[y : y + height, x : x + width], texture[margin : margin + height, margin : margin + width]
