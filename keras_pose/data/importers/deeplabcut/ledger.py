"""Keeps count of what was read from a DeepLabCut project and what was not, and says it in one line."""

from __future__ import annotations

import collections
import dataclasses

from keras_pose.words import count, shorten_list

_TO_READ = "; to read them: "
_TO_USE = "; to use neighbouring frames: "


@dataclasses.dataclass
class Ledger:
    """The account of a project.

    Args:
      name: the project, for messages.
      notes: messages about data that is unusual but usable, with all details.
      left_out: {(reason, how to read them): names of the sessions that were not read}.
      without_video: {(reason, how to use it): names of the sessions that were read without a video}.
      lost: {what was left out of sessions that were read: number}.
      differences: {what else the user should know: names of the sessions}.
      remedies: {what was lost: how to read it}.
    """

    name: str
    notes: list[str] = dataclasses.field(default_factory=list)
    left_out: dict[tuple[str, str], list[str]] = dataclasses.field(default_factory=dict)
    without_video: dict[tuple[str, str], list[str]] = dataclasses.field(default_factory=dict)
    differences: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    lost: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    remedies: dict[str, str] = dataclasses.field(default_factory=dict)

    def leave_out(self, session: str, reason: str, remedy: str = "") -> None:
        """Records a session that is not read."""
        self.left_out.setdefault((reason, remedy), []).append(session)

    def miss_video(self, session: str, reason: str, remedy: str = "") -> None:
        """Records a session that is read without its video."""
        self.without_video.setdefault((reason, remedy), []).append(session)

    def differ(self, session: str, what: str) -> None:
        """Records something that the user should know about a session."""
        self.differences.setdefault(what, []).append(session)

    def lose(self, what: str, number: int, remedy: str = "") -> None:
        """Records a number of labels that are not read."""
        if number:
            self.lost[what] += number
            self.remedies[what] = remedy

    def summarize(self, num_read: int, num_frames: int) -> str:
        """Returns the line; empty if everything was read as it is.

        Args:
          num_read: number of sessions that were read.
          num_frames: number of their labelled frames.
        """
        if not (self.left_out or self.without_video or self.differences or self.lost):
            return ""
        num_sessions = num_read + sum(map(len, self.left_out.values()))
        without = sum(map(len, self.without_video.values()))
        line = (
            f"{self.name}: read {num_read} of {count(num_sessions, 'session')} ({count(num_frames, 'labelled frame')})"
        )
        line += f", {without} without video" if without else ""
        clauses = [_clause(f"{len(names)} left out", names, *why, _TO_READ) for why, names in self.left_out.items()]
        if len(self.without_video) == 1:  # the number is in the line already
            why, names = next(iter(self.without_video.items()))
            line = _clause(line, names, *why, _TO_USE)
        else:
            clauses += [
                _clause(f"{len(names)} without video", names, *why, _TO_USE)
                for why, names in self.without_video.items()
            ]
        for what, number in self.lost.items():
            remedy = self.remedies[what]
            clauses.append(f"left out {number} {what}{_TO_READ if remedy else ''}{remedy}")
        clauses += [f"{what} ({shorten_list(names)})" for what, names in self.differences.items()]
        return " ".join("; ".join([line, *clauses]).split())


def _clause(what, names, reason, remedy, lead):
    return f"{what} ({shorten_list(names)}), because {reason}" + (lead + remedy if remedy else "")
