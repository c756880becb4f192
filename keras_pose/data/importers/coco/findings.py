"""What an importer of COCO files found: bad entries, annotations that are left out on purpose, and notes.

Every annotation is counted once: read, bad, or left out for a reason. The summary tells all of it in one line, however
many annotations there are.
"""

from __future__ import annotations

import collections

from keras_pose.data.source import Problem
from keras_pose.words import count

_SHOWN_PLACES = 3


class Findings:
    """Collects what is wrong or unusual in one file.

    Args:
      path: the file, named at the start of each message.

    Attributes:
      problems: a `Problem` for each bad entry, and for each bad joint of a label that was read.
      notes: messages about unusual data.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._bad: collections.Counter[str] = collections.Counter()
        self._left_out: dict[str, list[str]] = {}

    def add_bad(self, kind: str, place: str, message: str, clip: str = "", annotations: int = 1) -> None:
        """Adds a bad entry that is in no clip.

        Args:
          kind: words that follow the number of such annotations in the summary.
          place: the entry, for example `annotation 3`.
          message: what was expected, and what was received.
          clip: name of the clip that the entry would belong to.
          annotations: number of annotations that are lost with it; 0 for an entry without labels.
        """
        self.problems.append(Problem(clip, None, f"{self.path}: {place}: {message}"))
        self._bad[kind] += annotations

    def leave_out(self, reason: str, place: str) -> None:
        """Counts an annotation that is left out on purpose; `reason` follows the number in the summary."""
        self._left_out.setdefault(reason, []).append(place)

    def add_note(self, message: str) -> None:
        """Adds a note about the file."""
        self.notes.append(f"{self.path}: {message}")

    def skipped(self) -> tuple[str, ...]:
        """Returns one message for each reason, with the first three annotations."""
        messages = []
        for reason, places in self._left_out.items():
            more = f" and {len(places) - _SHOWN_PLACES:,} more" if len(places) > _SHOWN_PLACES else ""
            messages.append(f"{self.path}: {', '.join(places[:_SHOWN_PLACES])}{more}: {reason}")
        return tuple(messages)

    def summary(self, num_read: int, num_annotations: int, num_images: int) -> str:
        """Returns one line: how many annotations were read, and how many were not for which reason."""
        counts = [(number, kind) for kind, number in self._bad.items() if number]
        counts += [(len(places), reason) for reason, places in self._left_out.items()]
        num_joints = sum(problem.joint is not None for problem in self.problems)
        if not counts and not num_joints:
            return ""
        joints = f" (without {count(num_joints, 'invalid joint')})" if num_joints else ""
        reasons = ", ".join(f"{number} {reason}" for number, reason in counts)
        left_out = f"; left out: {reasons}" if reasons else ""
        read = f"read {num_read} of {count(num_annotations, 'annotation')} in {count(num_images, 'image')}"
        return f"{self.path}: {read}{joints}{left_out}"
