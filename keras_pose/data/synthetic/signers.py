"""Synthetic signers: clips whose joints, visibility and optical flow are known exactly, without a download."""

from __future__ import annotations

import functools

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.data.source import Source
from keras_pose.data.synthetic.signer_clip import SPLITS, SignerClip
from keras_pose.data.synthetic.staging import SKELETON

__all__ = ["SKELETON", "SPLITS", "SignerClip", "SignerFrames", "generate", "open_signers"]


def generate(split, index, num_frames=16, size_hw=(128, 128)) -> SignerClip:
    """Generates a clip; see `SignerClip`."""
    return SignerClip(split, index, num_frames, size_hw)


class SignerFrames:
    """`Frames` of a signer clip, drawn when read and kept by a cache that the clips of a source share."""

    def __init__(self, split, index, num_frames, size_hw, cache):
        self.split, self.index, self.num_frames, self.size_hw = split, index, num_frames, tuple(size_hw)
        self._cache = cache

    def read(self, indices):
        return self._cache(self.split, self.index, self.num_frames, self.size_hw)[list(indices)]


def open_signers(
    split, num_clips, num_frames=16, size_hw=(128, 128), label_every=1, max_cached_bytes=1 << 29
) -> Source:
    """Opens a set of signers with every frame labelled, or one in `label_every`.

    Args:
      split: one of `SPLITS`.
      num_clips: how many clips, the first of the split.
      num_frames: frames a clip.
      size_hw: (height, width) in px.
      label_every: frames from one labelled frame to the next; the first one stands in the middle of that many.
      max_cached_bytes: how much memory drawn clips may keep; the longest unread ones are dropped first.

    Returns:
      `Source` of clips named `signers-<split>-<number>`.

    Raises:
      ValueError: for an unknown split, no clips, no labelled frames or too small frames.
    """
    if not 1 <= label_every <= 2 * num_frames - 1:
        raise ValueError(
            f"label_every: expected 1 to {2 * num_frames - 1} for {num_frames} frames, received {label_every}"
        )
    if num_clips < 1:
        raise ValueError(f"num_clips: expected at least 1, received {num_clips}")
    kept = max(int(max_cached_bytes // (num_frames * size_hw[0] * size_hw[1] * 3)), 1)
    cache = functools.lru_cache(maxsize=kept)(_draw_frames)
    labelled = np.arange(label_every // 2, num_frames, label_every)
    clips = [_open_clip(split, index, num_frames, size_hw, cache) for index in range(num_clips)]
    return Source([clip.select(labelled) for clip in clips], SKELETON)


def _open_clip(split, index, num_frames, size_hw, cache):
    signer = generate(split, index, num_frames, size_hw)
    frames = SignerFrames(split, index, num_frames, size_hw, cache)
    return Clip(signer.name, frames, np.arange(num_frames), signer.joints, signer.visibility)


def _draw_frames(split, index, num_frames, size_hw):
    return generate(split, index, num_frames, size_hw).frames
