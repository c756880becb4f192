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
    """

    clip: str
    row: int | None
    message: str


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
    """

    clips: list[Clip]
    skeleton: Skeleton
    skipped: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    name: str = ""
