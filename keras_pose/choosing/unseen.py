"""The frames that a net has not trained on, by groups, and the folds of cross-fitting."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Collection, Sequence

import numpy as np

from keras_pose import shipped
from keras_pose.data.clip import Clip
from keras_pose.data.selection import DataSplit
from keras_pose.runs.parts import PhasesConfig
from keras_pose.runs.run_directory import RunDirectory, read_split

VALIDATION = "validation"
_FOLD = "training, fold"
MIN_GROUPS = 5  # fewer say nothing about other groups (`evaluation.resampling`)


@dataclasses.dataclass(frozen=True)
class Part:
    """Clips, and a net that has not trained on their groups.

    Args:
      net: folder of the net's run.
      clips: the clips, with the labelled frames that have neighbours.
      source: what they are, for people.
    """

    net: str
    clips: tuple[Clip, ...]
    source: str


def name_fold(number: int) -> str:
    """Returns the source of the part that the net of a fold has not seen; folds count from 0."""
    return f"{_FOLD} {number + 1}"


def is_fold(part: Part) -> bool:
    """Whether the net of a fold predicts a part, not the net of the run."""
    return part.source.startswith(_FOLD)


def groups_of(clips: Sequence[Clip]) -> list[str]:
    """Returns the groups of clips that have labelled frames with neighbours, in the order of the clips."""
    return list(dict.fromkeys(clip.group for clip in with_neighbours(clips)))


def with_neighbours(clips: Sequence[Clip]) -> list[Clip]:
    """Returns the clips with only those labelled frames that have neighbours; clips without any are left out."""
    kept = []
    for clip in clips:
        rows = [row for row in range(clip.num_labelled) if clip.has_neighbours(row)]
        if rows:
            kept.append(clip.select(rows))
    return kept


def trained_groups(start: str, split: DataSplit) -> set[str]:
    """Returns the groups of this run's data that another run trained on, by its split.json.

    Args:
      start: folder of the other run.
      split: the clips of this run.
    """
    run = RunDirectory(shipped.find(start))
    sessions = set(read_split(run)["train"]) if os.path.exists(run.split) else set()
    return {clip.group for clip in [*split.train, *split.validation] if clip.session in sessions}


def unseen_of_start(start: str, split: DataSplit) -> list[Part]:
    """Returns the clips that the run of `--init_from` has not trained on; never test clips.

    Args:
      start: folder of that run.
      split: the clips of this run.
    """
    seen = trained_groups(start, split)
    found = {VALIDATION: split.validation, "training, not trained on by the net of --init_from": split.train}
    parts = {name: [clip for clip in clips if clip.group not in seen] for name, clips in found.items()}
    return [Part(start, tuple(with_neighbours(clips)), name) for name, clips in parts.items() if with_neighbours(clips)]


def unseen_of_frame_net(frame_net: str, split: DataSplit) -> list[Part]:
    """Returns the validation clips whose groups the run's own single-frame net has not trained on.

    Args:
      frame_net: folder of the single-frame net's run.
      split: the clips of this run.
    """
    seen = {clip.group for clip in split.train}
    clips = with_neighbours([clip for clip in split.validation if clip.group not in seen])
    return [Part(frame_net, tuple(clips), VALIDATION)] if clips else []


def groups_to_fold(known: Collection[str], split: DataSplit, phases: PhasesConfig) -> list[str]:
    """Returns the training groups to divide into folds; none if there are enough unseen groups, or no folds.

    Args:
      known: the groups that are unseen without folds.
      split: the clips of the run.
      phases: the flags of the choice.
    """
    groups = [group for group in groups_of(split.train) if group not in known]
    if len(set(known)) >= phases.choice_groups or phases.choice_folds < 2 or len(groups) < 2:
        return []
    return groups


def fold_groups(groups: Collection[str], folds: int) -> list[set[str]]:
    """Divides groups into folds of nearly equal numbers; the same groups are always divided alike.

    Args:
      groups: names of the groups.
      folds: number of folds; at most as many as there are groups are made.
    """
    ordered = sorted(set(groups), key=lambda group: hashlib.sha256(group.encode()).digest())
    count = min(folds, len(ordered))
    return [set(ordered[number::count]) for number in range(count)]


def thin_out(parts: Sequence[Part], most: int) -> list[Part]:
    """Keeps at most so many labelled frames, spread over all groups.

    Args:
      parts: clips and their nets.
      most: number of frames to keep.
    """
    by_group: dict[str, list[tuple[int, int, int]]] = {}
    for p, part in enumerate(parts):
        for c, clip in enumerate(part.clips):
            by_group.setdefault(clip.group, []).extend((p, c, row) for row in range(clip.num_labelled))
    if sum(map(len, by_group.values())) <= most:
        return list(parts)
    share = _fair_share([len(places) for places in by_group.values()], most)
    kept: dict[tuple[int, int], list[int]] = {}
    for places in by_group.values():
        count = min(share, len(places))
        for i in np.linspace(0, len(places) - 1, count).round().astype(int).tolist():
            kept.setdefault(places[i][:2], []).append(places[i][2])
    thinned = []
    for p, part in enumerate(parts):
        clips = [clip.select(sorted(kept[p, c])) for c, clip in enumerate(part.clips) if (p, c) in kept]
        if clips:
            thinned.append(dataclasses.replace(part, clips=tuple(clips)))
    return thinned


def _fair_share(sizes, most):
    """The largest number of frames that each group may have so that all together have at most `most`, 1 or more."""
    share = 1
    while sum(min(size, share + 1) for size in sizes) <= most:
        share += 1
    return share
