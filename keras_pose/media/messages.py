"""What the readers of media say about a file: the category of their warnings, and lists of frames as text."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_RANGES = 8


class MediaWarning(UserWarning):
    """A picture or video is usable, but not whole or not stored as usual; the message names the file."""


def format_frames(positions: Iterable[int]) -> str:
    """Returns frame positions as text, runs as ranges: [3, 7, 8, 9] gives "3, 7 to 9"; at most 8 ranges are listed."""
    runs: list[list[int]] = []
    for position in sorted(positions):
        if runs and position == runs[-1][1] + 1:
            runs[-1][1] = position
        else:
            runs.append([position, position])
    listed = [str(a) if a == b else f"{a} to {b}" for a, b in runs[:_MOST_RANGES]]
    hidden = sum(b - a + 1 for a, b in runs[_MOST_RANGES:])
    return ", ".join(listed) + (f" and {hidden} more" if hidden else "")
