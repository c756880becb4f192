"""Clips of JHMDB at the size of a net's input."""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from keras_pose import geometry
from keras_pose.data.importers.jhmdb import dataset
from keras_pose.data.splits import read_clip_names

_TEST_LIST = "test_upper.txt"


@dataclasses.dataclass(frozen=True)
class RealClip:
    """A clip at the size of the input.

    Args:
      film: title of its film.
      frames: uint8 [T, S, S, 3], RGB.
      joints: float32 [T, 15, 2], px; NaN outside the frame.
    """

    film: str
    frames: np.ndarray
    joints: np.ndarray


def open_clips(folder: str, size_px: int, test: bool, most: int, skip: int = 0, both: bool = False) -> list[RealClip]:
    """Opens clips of JHMDB: one of each film that is not in the test list, or the clips of the test list.

    Args:
      folder: folder of JHMDB with test_upper.txt.
      size_px: height and width of the input.
      test: whether to take the clips of the test list.
      most: the largest number of clips.
      skip: clips to leave out before the first.
      both: whether to read each clip in both directions; else every second one is read backwards.
    """
    listed = read_clip_names(os.path.join(folder, _TEST_LIST))
    held_out = {dataset.find_title(name) for name in listed}
    clips = dataset.read(folder).clips
    if test:
        chosen = [clip for clip in clips if clip.name in listed]
    else:
        first = {clip.group: clip for clip in reversed(clips) if clip.group not in held_out}
        in_order = [first[film] for film in sorted(first)]
        chosen = [in_order[place] for place in np.random.default_rng(0).permutation(len(in_order))]
    chosen = chosen[skip:][:most]
    directions = [(False, True) if both else (place % 2 == 1,) for place in range(len(chosen))]
    return [_read_clip(clip, size_px, backwards) for clip, found in zip(chosen, directions) for backwards in found]


def _read_clip(clip, size_px, backwards):
    crop = geometry.CropTransform.fit(clip.frames.size_hw, (size_px, size_px))
    frames = np.stack([crop.warp(frame) for frame in clip.frames.read(clip.labelled.tolist())])
    joints = crop.to_input(clip.joints)
    step = -1 if backwards else 1
    return RealClip(clip.group, frames[::step], joints[::step])
