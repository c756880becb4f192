"""Pools of frames whose labels are known but not used until a frame is chosen."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

import numpy as np

from keras_pose.data import selection, splits
from keras_pose.data.clip import Clip
from keras_pose.data.config import DataConfig
from keras_pose.data.synthetic import signers
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True, eq=False)
class PoolClip:
    """A clip of a pool.

    Args:
      clip: with the true labels of all frames that can be chosen.
      numbers: int64 [N], rising numbers of the frames that are predicted: those, and perhaps their neighbours.
      pictures: uint8 [N, H, W, 3], these frames.
      rows: int64 [N], the row of each frame in `clip`; -1: it cannot be chosen.
    """

    clip: Clip
    numbers: np.ndarray
    pictures: np.ndarray
    rows: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Pool:
    """A pool, and what a net that learns from it is tested on.

    Args:
      clips: clips to choose frames from.
      test: labelled clips of other people.
      skeleton: the joints.
    """

    clips: list[PoolClip]
    test: list[Clip]
    skeleton: Skeleton

    def __len__(self) -> int:
        return sum(int((clip.rows >= 0).sum()) for clip in self.clips)

    def places(self) -> list[tuple[int, int]]:
        """Returns (clip, row of its labels) of all frames that can be chosen."""
        return [(c, int(row)) for c, clip in enumerate(self.clips) for row in clip.rows if row >= 0]

    def select(self, places: Sequence[tuple[int, int]]) -> list[Clip]:
        """Returns the clips with only the labels of these frames."""
        rows: dict[int, list[int]] = {}
        for clip, row in places:
            rows.setdefault(clip, []).append(row)
        return [self.clips[clip].clip.select(sorted(chosen)) for clip, chosen in sorted(rows.items())]


def open_signers(
    size_px: int, long_clips: int, long_frames: int, short_clips: int, short_frames: int, test_clips: int
) -> Pool:
    """Opens a pool as real ones are: a few signers fill most of the video time, many others appear for a moment.

    Args:
      size_px: side of the frames.
      long_clips: number of clips that fill the pool with frames like each other.
      long_frames: frames of each.
      short_clips: number of the other clips.
      short_frames: frames of each.
      test_clips: number of test clips, of signers who are not in the pool; two frames of each are tested.
    """
    size_hw = (size_px, size_px)
    long = signers.open_signers("train", long_clips, long_frames, size_hw).clips if long_clips else []
    others = signers.open_signers("train", long_clips + short_clips, short_frames, size_hw).clips[long_clips:]
    test = signers.open_signers("test", test_clips, 16, size_hw, label_every=8).clips
    return Pool([_with_all_frames(clip) for clip in [*long, *others]], test, signers.SKELETON)


def open_project(path: str, test_clips: str) -> Pool:
    """Opens a labelled project: only its labelled frames can be chosen; their neighbours are predicted, too.

    Args:
      path: folder of the project.
      test_clips: file of the names of the clips that are kept for testing.
    """
    source = selection.open_data(path, DataConfig(source=path))
    test = splits.select_clips(source.clips, splits.read_clip_names(os.path.join(path, test_clips)))
    held_out = {clip.session for clip in test}
    clips = [clip for clip in source.clips if clip.session not in held_out]
    return Pool([_with_neighbours(clip) for clip in clips], test, source.skeleton)


def _with_all_frames(clip):
    numbers = clip.labelled.astype(np.int64)
    return PoolClip(clip, numbers, clip.frames.read(numbers), np.arange(len(numbers)))


def _with_neighbours(clip):
    wanted = {}
    for row in range(clip.num_labelled):
        places, exists = clip.window(row, (-1, 0, 1))
        wanted.update({place: -1 for place, there in zip(places, exists) if there and place not in wanted})
    wanted.update({int(number): row for row, number in enumerate(clip.labelled)})
    numbers = sorted(wanted)
    pictures = np.concatenate([clip.frames.read([number]) for number in numbers])
    return PoolClip(clip, np.array(numbers, np.int64), pictures, np.array([wanted[n] for n in numbers], np.int64))
