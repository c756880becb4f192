"""A net without training whose map is the red of the frame, so that a red blob is its joint; clips of such blobs."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip
from keras_pose.models.pose_net import PoseNet

SIZE = 64  # px, height and width
_STRIDE = 4
_SIGMA_PX = 6.0


def build(height: float = 1.0, floor: float = 0.0) -> PoseNet:
    """Builds the net for one joint.

    Args:
      height: of the map at the middle of a fully red blob.
      floor: added to all pixels of the map.
    """
    frames = keras.Input((SIZE, SIZE, 3), name="frames")
    small = keras.layers.AveragePooling2D(_STRIDE, dtype="float32")(frames)
    head = keras.layers.Conv2D(1, 1, name="heatmaps", dtype="float32")
    model = keras.Model(frames, {"heatmaps": head(small)})
    head.set_weights([np.array([height / 255, 0, 0], np.float32).reshape(1, 1, 3, 1), np.array([floor], np.float32)])
    return PoseNet(model)


def draw(points: Sequence[tuple[float, float, float]], shade: float = 0.0) -> np.ndarray:
    """Draws uint8 [SIZE, SIZE, 3]: red blobs (x, y, height up to 1) in px; `shade` is that of the other colours."""
    y, x = np.mgrid[:SIZE, :SIZE]
    frame = np.full((SIZE, SIZE, 3), (0.0, shade, shade))
    for center_x, center_y, peak in points:
        away = (x - center_x) ** 2 + (y - center_y) ** 2
        frame[..., 0] = np.maximum(frame[..., 0], 255 * peak * np.exp(-away / (2 * _SIGMA_PX**2)))
    return np.rint(frame).astype(np.uint8)


def make_clip(name: str, frames: Sequence[np.ndarray], points: np.ndarray, labelled: Sequence[int], **fields) -> Clip:
    """Makes a clip of frames with float [T, 2] positions of the joint, of which some frames have labels."""
    rows = np.asarray(labelled, int)
    joints = np.asarray(points, np.float32)[rows, None]
    return Clip(name, ArrayFrames(np.stack(frames)), rows, joints, np.full((len(rows), 1), VISIBLE), **fields)


def make_moving_clip(name: str, num_frames: int = 12, labelled: Sequence[int] = (0,), seed: int = 0, **fields) -> Clip:
    """Makes a clip of a blob that walks across the frame."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(14, SIZE - 14, (2, 2))
    points = np.linspace(*ends, num_frames)
    return make_clip(name, [draw([(x, y, 1.0)]) for x, y in points], points, labelled, **fields)
