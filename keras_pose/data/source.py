"""The form that every source of data is read into: clips that share a skeleton, with problems and notes."""

from __future__ import annotations

import dataclasses

from keras_pose.data.clip import Clip
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Problem:
    """A label that an importer could not read. Validation reports or removes it.

    Args:
      clip: name of the clip.
      row: position among the labels of that clip; None if the label is not among them.
      message: begins with the place of the label (`file:row`).
      joint: position of the only joint that the message concerns; None if it concerns the whole row.
    """

    clip: str
    row: int | None
    message: str
    joint: int | None = None


@dataclasses.dataclass(frozen=True)
class Source:
    """Clips that share a skeleton, with messages about their labels.

    Args:
      clips: the clips.
      skeleton: the skeleton of all clips.
      skipped: a message for each row that was left out.
      problems: unreadable labels that are still in the clips; `validation.validate` resolves them.
      notes: messages about data that is unusual but usable.
      name: the name or path that the user gave.
      summary: one line on how much was read and what was left out with the reasons and the way to read it, shown
        before training; empty if everything was read.
    """

    clips: list[Clip]
    skeleton: Skeleton
    skipped: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""
    summary: str = ""
