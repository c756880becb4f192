"""Frames with a red and a green dot, and a net that sees them: its maps are known without training."""

from __future__ import annotations

import keras
import numpy as np

from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("dots", ("left", "right"), (("left", "right"),))


def dot_net(size_hw, kernel=None):
    """A net whose maps are the red and the green channel at a quarter of the size."""
    frames = keras.Input((*size_hw, 3), name="frames")
    x = keras.layers.AveragePooling2D(4)(frames)
    kernel = np.array([[[[1, 0], [0, 1], [0, 0]]]], np.float32) / 255 if kernel is None else kernel
    layer = keras.layers.Conv2D(2, kernel.shape[0], padding="same", use_bias=False, name="heatmaps")
    model = keras.Model(frames, {"heatmaps": layer(x)})
    layer.set_weights([kernel])
    return model


def dots(size_hw, red_xy, green_xy, sigma_px):
    """uint8 [H, W, 3] with a red and a green Gaussian dot."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    frame = np.zeros((*size_hw, 3))
    for channel, (cx, cy) in enumerate((red_xy, green_xy)):
        frame[..., channel] = 250 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma_px**2))
    return frame.round().astype(np.uint8)
