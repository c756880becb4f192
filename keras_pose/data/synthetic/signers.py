"""Synthetic signers: clips whose joints, visibility and optical flow are known exactly, without a download."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.data.source import Source
from keras_pose.data.synthetic.signer_clip import SPLITS, SignerClip
from keras_pose.data.synthetic.staging import SKELETON

__all__ = ["SKELETON", "SPLITS", "SignerClip", "SignerFrames", "generate", "open_signers"]


def generate(
    split: str, index: int, num_frames: int = 16, size_hw: tuple[int, int] = (128, 128), version: int = 1
) -> SignerClip:
    """Generates a clip; see `SignerClip`."""
    return SignerClip(split, index, num_frames, size_hw, version)


class SignerFrames:
    """Frames of a signer clip (a `Frames`), drawn when they are first read.

    Args:
      split, index, num_frames, size_hw: as for `SignerClip`.
      cache: returns the frames of a clip for these arguments and `version`; the clips of a source share it.
      version: as for `SignerClip`.
    """

    def __init__(
        self,
        split: str,
        index: int,
        num_frames: int,
        size_hw: tuple[int, int],
        cache: Callable[..., np.ndarray],
        version: int = 1,
    ) -> None:
        self.version = version
        self.split = split
        self.index = index
        self.num_frames = num_frames
        self.size_hw = (int(size_hw[0]), int(size_hw[1]))
        self._cache = cache

    def read(self, indices: Iterable[int]) -> np.ndarray:
        """Returns uint8 RGB [T, H, W, 3], the frames at these 0-based positions in this order."""
        return self._cache(self.split, self.index, self.num_frames, self.size_hw, self.version)[list(indices)]


def open_signers(
    split: str,
    num_clips: int,
    num_frames: int = 16,
    size_hw: tuple[int, int] = (128, 128),
    label_every: int = 1,
    max_cached_bytes: int = 1 << 29,
    version: int = 1,
) -> Source:
    """Opens a set of signers, with a label for every frame or for one frame in `label_every`.

    Args:
      split: one of `SPLITS`.
      num_clips: number of clips: the first of the split.
      num_frames: frames per clip.
      size_hw: (height, width) of a frame in px.
      label_every: frames from one labelled frame to the next; the first one is at position `label_every // 2`.
      max_cached_bytes: memory for drawn clips; those unread for longest are dropped first.
      version: version of the signers, see `versions`.

    Returns:
      `Source` of clips named `signers-<split>-<number>`; the name of the version takes the place of `signers`.

    Raises:
      ValueError: for an unknown split or version, no clips, no labelled frames, or frames below 16 px.
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
    clips = [_open_clip(split, index, num_frames, size_hw, version, cache) for index in range(num_clips)]
    return Source([clip.select(labelled) for clip in clips], SKELETON)


def _open_clip(split, index, num_frames, size_hw, version, cache):
    signer = generate(split, index, num_frames, size_hw, version)
    frames = SignerFrames(split, index, num_frames, size_hw, cache, version)
    return Clip(signer.name, frames, np.arange(num_frames), signer.joints, signer.visibility)


def _draw_frames(split, index, num_frames, size_hw, version):
    return generate(split, index, num_frames, size_hw, version).frames
