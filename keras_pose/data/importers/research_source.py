"""The last step of the importers of research sets: clips and what could not be read become a source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from keras_pose.data import outside_labels
from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.data.label_checks import outside_frame
from keras_pose.data.source import Problem, Source
from keras_pose.skeleton import Skeleton, infer_flip_pairs
from keras_pose.words import count

HIDDEN = "hidden"  # of --outside


def build_source(
    root: str,
    clips: Iterable[Clip],
    skeleton: Skeleton,
    problems: Sequence[Problem] = (),
    notes: Sequence[str] = (),
    outside: str = "error",
    left_out: Sequence[str] = (),
) -> Source:
    """Builds the source of a research set whose labels may lie where the frame cuts a person off.

    Args:
      root: the folder of the set.
      clips: its clips; a row without a labelled joint is left out.
      skeleton: the skeleton of all clips.
      problems: what cannot be read.
      notes: what is unusual.
      outside: "hidden" keeps joints outside the frame; otherwise they are left out, and the summary counts them.
      left_out: further parts of the summary: what was left out and why.

    Raises:
      ValueError: if there is no clip; the message has the first problem.
    """
    kept = []
    num_labelled = 0
    num_outside = 0
    for clip in clips:
        cut_off = outside_frame(clip)
        num_labelled += int((clip.visibility != UNLABELLED).sum())
        if outside != HIDDEN and cut_off.any():
            num_outside += int(cut_off.sum())
            clip = outside_labels.unlabel(clip, cut_off)
        rows = np.flatnonzero((clip.visibility != UNLABELLED).any(-1))
        kept.append(clip if len(rows) == clip.num_labelled else clip.select(rows))
    if not any(clip.num_labelled for clip in kept):
        first = f": {problems[0].message}" if problems else ""
        raise ValueError(f"{root}: no labelled frame can be read ({count(len(problems), 'problem')}){first}")
    parts = list(left_out)
    if num_outside:
        parts.append(
            f"{num_outside} of {num_labelled} labelled joints lie outside their frame, where the set extrapolates "
            "them, and are not used (--outside=hidden uses them)"
        )
    return Source(kept, skeleton, problems=tuple(problems), notes=tuple(notes), name=root, summary="; ".join(parts))


def make_skeleton(name: str, joints: Sequence[str], edges: Sequence[tuple[str, str]]) -> Skeleton:
    """Returns a skeleton whose flip pairs follow from the sides in its names.

    Args:
      name: name of the set.
      joints: names of the joints in the order of its arrays.
      edges: pairs of names; `*_shoulder` stands for the joint of either side.
    """
    lines = []
    for first, second in edges:
        sides = ("right_", "left_") if "*_" in first + second else ("",)
        lines += [(first.replace("*_", side), second.replace("*_", side)) for side in sides]
    return Skeleton(name, tuple(joints), infer_flip_pairs(tuple(joints)), tuple(lines))
