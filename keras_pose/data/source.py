"""What every source of data becomes: clips that share a skeleton, and what is to be said about them."""

from __future__ import annotations

import dataclasses

from keras_pose.data.clip import Clip
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Problem:
    """A label that an importer could not read as it stands; validation decides what becomes of it.

    Args:
      clip: str, name of the clip.
      row: int, position among the labels of that clip; None where the label could not be kept at all.
      message: str, begins with where the label stands (`file:row`).
    """

    clip: str
    row: int | None
    message: str


@dataclasses.dataclass(frozen=True)
class Source:
    """Clips that share a skeleton, and what is to be said about them.

    Args:
      clips: list of `Clip`.
      skeleton: `Skeleton` of all of them.
      skipped: rows that could not be used and were left out, one message each.
      problems: `Problem`s of labels that are still there; `validation.validate` resolves them.
      notes: messages about what is unusual and yet usable.
      name: str, what the user called the source.
    """

    clips: list[Clip]
    skeleton: Skeleton
    skipped: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""
