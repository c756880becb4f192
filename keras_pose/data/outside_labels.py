"""What to do with joints that are labelled outside their frame.

A tool that follows or extrapolates a skeleton writes positions of joints that the frame cuts off. Such a position is no
mistake of typing, but nothing in the picture shows it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from keras_pose.data.clip import HIDDEN, UNLABELLED, Clip
from keras_pose.data.label_checks import outside_frame


def change_outside(clips: Sequence[Clip], choice: str) -> tuple[list[Clip], list[str], list[str]]:
    """Applies `unlabel` or `hidden` to the joints outside their frames.

    Args:
      clips: clips.
      choice: "unlabel" or "hidden"; "error" changes nothing.

    Returns:
      The clips; a message for each row that was left out because all its joints lie outside (`unlabel`); and a note
      with the number of joints and their share, if there are any.
    """
    if choice == "error":
        return list(clips), [], []
    changed = []
    skipped = []
    num_labelled = sum(int((clip.visibility != UNLABELLED).sum()) for clip in clips)
    num_outside = 0
    for clip in clips:
        outside = outside_frame(clip)
        if outside.any():
            num_outside += int(outside.sum())
            clip = hide(clip, outside) if choice == "hidden" else unlabel(clip, outside)
            empty = outside.any(-1) & (clip.visibility == UNLABELLED).all(-1)
            skipped += [f"{clip.origins[row]}: all its joints lie outside the frame" for row in np.flatnonzero(empty)]
            clip = clip.select(np.flatnonzero(~empty)) if empty.any() else clip
        changed.append(clip)
    if not num_outside:
        return changed, [], []
    what = "are not used" if choice == "unlabel" else "count as hidden"
    share = f"{100 * num_outside / num_labelled:.1f} %"
    note = f"{num_outside} of {num_labelled} labelled joints ({share}) lie outside their frame and {what}"
    return changed, skipped, [f"{note} (--outside={choice})"]


def unlabel(clip: Clip, which: np.ndarray) -> Clip:
    """Returns the clip without the labels of joints `which`, bool [N, J]."""
    joints = np.where(which[..., None], np.float32(np.nan), clip.joints)
    return dataclasses.replace(clip, joints=joints, visibility=np.where(which, UNLABELLED, clip.visibility))


def hide(clip: Clip, which: np.ndarray) -> Clip:
    """Returns the clip with the joints `which`, bool [N, J], marked as hidden."""
    return dataclasses.replace(clip, visibility=np.where(which, HIDDEN, clip.visibility))
