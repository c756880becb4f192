"""What a net would answer about a person whose true joints are known: right only where and how large it looks."""

from __future__ import annotations

import numpy as np

SHARE = 0.5  # the part of its input that a person's joints took in training
SURE = 0.88
UNSURE = 0.35
# A signer's pose of size 1: head, wrists, elbows, shoulders.
POSE = np.array([[0.5, 0.0], [0.1, 1.0], [0.9, 0.9], [0.0, 0.6], [1.0, 0.6], [0.25, 0.3], [0.75, 0.3]])


class SimulatedNet:
    """Answers with true joints and noise if the person is in the region at a familiar size, otherwise at random.

    Args:
      seed: of the noise; the answer for a frame depends only on it, the frame's number and the region.
      heights: factor on all scores; a net that is hard put to it has less than 1.
    """

    def __init__(self, seed: int = 0, heights: float = 1.0) -> None:
        self._seed = seed
        self._heights = heights

    def look(self, number, region, truth):
        """Returns float32 [J, 2] and [J] for the true joints [J, 2] in the frame; None: nobody is there."""
        left, top, width, height = region
        rng = np.random.default_rng((self._seed, number, *np.round(np.abs(region)).astype(int)))
        span = max(width, height)
        inside = truth is not None and (truth >= (left, top)).all() and (truth <= (left + width, top + height)).all()
        off = abs(np.log(np.ptp(truth, axis=0).max() / span / SHARE)) if inside else np.inf
        if off > np.log(2.2):
            joints = rng.uniform((left, top), (left + width, top + height), (len(POSE), 2))
            heights = np.full(len(POSE), UNSURE)
        else:
            joints = truth + rng.normal(0, span * 0.008 * (1 + 4 * off), truth.shape)
            heights = np.full(len(POSE), SURE - 0.45 * max(off - 0.2, 0))
        scores = heights * self._heights + rng.uniform(-0.02, 0.02, len(POSE))
        return joints.astype(np.float32), scores.astype(np.float32)


def walk(num_frames, size_px, start_xy, step_xy, wave=0.15, seed=0):
    """float64 [N, J, 2]: a person of this size who walks and moves the wrists."""
    rng = np.random.default_rng(seed)
    times = np.arange(num_frames)[:, None]
    pose = np.repeat(POSE[None], num_frames, 0)
    pose[:, 1:3, 1] -= wave * (1 + np.sin(times / 5 + rng.uniform(0, 6, 2)))
    return pose * size_px + np.array(start_xy) + times[..., None] * np.array(step_xy)


def run(source, net, truths, frame_size_hw, chunk=1, first=0, track="person"):
    """Predicts a video of one person: returns joints [N, J, 2] and regions [N, 4]; NaN where there is no region.

    Args:
      source: `RegionSource`.
      net: `SimulatedNet`.
      truths: true joints of each frame from `first` on; None: nobody is there.
      frame_size_hw: (height, width) in px.
      chunk: frames that are predicted at once: asked for before any of them is answered.
    """
    frame = np.zeros((*frame_size_hw, 3), np.uint8)
    joints = np.full((len(truths), len(POSE), 2), np.nan)
    regions = np.full((len(truths), 4), np.nan)
    for start in range(0, len(truths), chunk):
        rows = range(start, min(start + chunk, len(truths)))
        asked = {row: source.regions(first + row, frame).get(track) for row in rows}
        for row, region in asked.items():
            if region is not None:
                regions[row] = region
                joints[row], scores = net.look(first + row, region, truths[row])
                source.update(first + row, track, joints[row].astype(np.float32), scores)
    return joints, regions


def errors(joints, truths):
    """float64 [N], the mean distance of the joints in px."""
    return np.linalg.norm(joints - truths, axis=-1).mean(-1)
