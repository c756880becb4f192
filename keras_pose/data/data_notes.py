"""What is said about a source of data before it is used: what was left out and what is unusual.

The terminal shows the beginning of long lists, a file in the run or evaluation the whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from keras_pose import files
from keras_pose.data.source import Source

FILE_NAME = "data_notes.txt"
TEST_FILE_NAME = "test_data_notes.txt"  # for the source of --test_data
_LEFT_OUT_SHOWN = 20
_NOTES_SHOWN = 5


def echo_data_problems(source: Source, echo: Callable[[str], None], path: str = "") -> None:
    """Shows what is missing from a source, which labels were left out, and the notes on its data.

    Long lists are cut.

    Args:
      source: the source.
      echo: function that shows a line of text.
      path: file to write the whole list to; empty: none.
    """
    left_out, notes = list(source.skipped), list(source.notes)
    if source.summary:
        echo(f"warning: {source.summary}")
    for message in left_out[:_LEFT_OUT_SHOWN]:
        echo(f"left out: {message}")
    for message in notes[:_NOTES_SHOWN]:
        echo(f"note: {message}")
    hidden = [
        f"{count} more {what}"
        for count, what in (
            (len(left_out) - _LEFT_OUT_SHOWN, f"labels left out ({len(left_out)} in all)"),
            (len(notes) - _NOTES_SHOWN, "notes on the data"),
        )
        if count > 0
    ]
    if path:
        write_data_notes(source, path)
    if hidden:
        echo(f"… and {', '.join(hidden)}" + (f"; the whole list: {path}" if path else ""))


def add_lines(path: str, lines: Sequence[str]) -> None:
    """Adds lines to a file of notes, which need not exist; a line that is there already is not repeated."""
    before = files.read_text(path).splitlines() if os.path.exists(path) else []
    new = [line for line in lines if line not in before]
    if new:
        files.write_text(path, "\n".join([*before, *new]) + "\n")


def write_data_notes(source: Source, path: str) -> None:
    """Writes all that there is to say about a source; removes an older list if there is nothing."""
    lines = [f"data: {source.name}"] if source.name else []
    lines += [f"warning: {source.summary}"] if source.summary else []
    lines += [f"left out: {message}" for message in source.skipped]
    lines += [f"note: {message}" for message in source.notes]
    if not (source.summary or source.skipped or source.notes):
        if os.path.exists(path):
            os.remove(path)
        return
    files.write_text(path, "\n".join(lines) + "\n")
