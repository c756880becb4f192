"""Clips whose frames show a bright spot, and a "net" that reads its maps from the brightness.

So what the net sees, and how its errors behave in time, can be chosen exactly.
"""

from __future__ import annotations

import numpy as np

from keras_pose.data.clip import VISIBLE, ArrayFrames, Clip

SIZE = 64
STRIDE = 4
NUM_FRAMES = 7
NUM_JOINTS = 7


def predict_maps(frames):
    """Maps float32 [F, 16, 16, 7]: the brightness of frames [F, 64, 64, 3], alike for each joint."""
    cells = np.asarray(frames)[..., 0].reshape(-1, SIZE // STRIDE, STRIDE, SIZE // STRIDE, STRIDE)
    return np.repeat(cells.mean(axis=(2, 4))[..., None] / 255, NUM_JOINTS, axis=-1).astype(np.float32)


def still_clips(count, noise_px=6.0, seed=0):
    """Clips of a spot that stays; the net sees it at a new wrong place in each frame, so neighbours help."""
    rng = np.random.default_rng(seed)
    truth = [np.tile(rng.uniform(24, 40, 2), (NUM_FRAMES, 1)) for _ in range(count)]
    return [_clip(i, path, path + rng.normal(0, noise_px, path.shape)) for i, path in enumerate(truth)]


def jumping_clips(count, seed=0):
    """Clips of a spot that jumps; the net sees it where it is, so neighbours mislead."""
    rng = np.random.default_rng(seed)
    paths = [rng.uniform(10, 54, (NUM_FRAMES, 2)) for _ in range(count)]
    return [_clip(i, path, path) for i, path in enumerate(paths)]


def _clip(number, truth, seen):
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    distances = [(x - px) ** 2 + (y - py) ** 2 for px, py in seen]
    bright = np.stack([255 * np.exp(-distance / (2 * 6.0**2)) for distance in distances])
    labelled = np.arange(2, NUM_FRAMES - 2)
    joints = np.repeat(truth[labelled, None], NUM_JOINTS, axis=1)
    frames = ArrayFrames(np.repeat(bright[..., None], 3, axis=-1).astype(np.uint8))
    return Clip(f"clip{number}", frames, labelled, joints, np.full(joints.shape[:2], VISIBLE), frame_rate=25.0)
