"""Reads boxes of people from a text file of the MOT challenge (motchallenge.net/instructions).

One box a line: frame, id, left, top, width, height, confidence, …; further columns are ignored. Frames, ids and px
count from 1. Lines with the confidence 0 mark boxes that do not count.
"""

from __future__ import annotations

import math
import os

from keras_pose import files
from keras_pose.tracking.boxes import BoxTrack, make_tracks
from keras_pose.tracking.regions import Region

_COLUMNS = "frame, id, left, top, width, height"
_SHOWN_CHARACTERS = 80


def read_mot(path: str | os.PathLike[str]) -> list[BoxTrack]:
    """Reads the boxes of a file; the name of a person is the id in the file.

    Raises:
      ValueError: for a line that is no box, or a second box of an id in a frame; the message names file and line.
      OSError: if the file cannot be read.
    """
    entries: dict[str, dict[int, Region]] = {}
    for number, line in enumerate(files.read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        frame, name, box, counts = _read_line(line, f"{os.fspath(path)}:{number}")
        if not counts:
            continue
        boxes = entries.setdefault(name, {})
        if frame in boxes:
            raise ValueError(
                f"{os.fspath(path)}:{number}: expected one box for each id in a frame, received another box of id "
                f"{name} in frame {frame + 1}"
            )
        boxes[frame] = box
    return make_tracks(entries)


def _read_line(line, place):
    """Returns (frame from 0, name, box with px from 0, whether it counts)."""
    shown = line.strip()
    shown = repr(shown if len(shown) <= _SHOWN_CHARACTERS else shown[:_SHOWN_CHARACTERS] + "…")
    try:
        values = [float(part) for part in line.replace(",", " ").split()]
    except ValueError:
        values = []
    if len(values) < 6 or not all(map(math.isfinite, values[:6])):
        raise ValueError(f"{place}: expected numbers {_COLUMNS}, separated by commas, received {shown}")
    frame, name, left, top, width, height = values[:6]
    if frame < 1 or frame != int(frame):
        raise ValueError(f"{place}: expected the number of a frame, from 1, in the first column, received {frame:g}")
    if name < 0 or name != int(name):
        raise ValueError(
            f"{place}: expected the id of a person, a whole number from 0, in the second column, received {name:g}; "
            "files of detections have no ids: track the people first"
        )
    if width <= 0 or height <= 0:
        raise ValueError(f"{place}: expected a width and a height above 0, received {width:g} and {height:g}")
    counts = len(values) < 7 or values[6] != 0
    return int(frame) - 1, str(int(name)), (left - 1, top - 1, width, height), counts
