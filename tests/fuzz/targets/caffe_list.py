"""Lists of caffe-heatmap with changed fields, lines or bytes."""

from __future__ import annotations

import os
import random

from tests.fuzz import numbered
from tests.fuzz.accounting import Entry, number_in, read_and_check
from tests.fuzz.changes import raw, tables

_CLIPS = {"one": (30, 31, 32), "two": (35, 36)}
_JOINTS = 3
_ODD_FIELDS = (
    "",
    "0",
    "1,2",
    "a,b,c,d,e,f",
    "nan,nan,1,2,3,4",
    "-1,-1,5,5,6,6",
    "-1,5,5,5,6,6",
    "1,2,3,4,5,6,7,8",
    "1,2;3,4;5,6",
    "1e9,1,2,2,3,3",
    "inf,1,2,2,3,3",
    "1_0,1,2,2,3,3",
    ",,1,2,3,4",
    ",",
    "one/none.png",
    "two/35.png",
    "one\\30.png",
    "..",
    "%d[*].png",
    "é.png",
    "#",
)


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes a list of two folders of pictures."""
    lines = []
    for clip, numbers in _CLIPS.items():
        os.makedirs(os.path.join(folder, clip))
        for number in numbers:
            with open(os.path.join(folder, clip, f"{number}.png"), "wb") as file:
                file.write(numbered.picture(number))
            points = ",".join(f"{(number * 7 + i * 11) % 40 + 1.5:g}" for i in range(2 * _JOINTS))
            lines.append([f"{clip}/{number}.png", points, "0,64,0,48,1", "1"])
    kind = rng.choice(("fields", "fields", "fields", "text", "bytes"))
    for _ in range(rng.randrange(1, 4) if kind == "fields" else 0):
        lines = _change(rng, lines, log)
    data = "".join(" ".join(fields) + "\n" for fields in lines).encode("utf-8", "replace")
    known = kind == "fields"
    if kind == "text":
        data = raw.change_text(rng, data, log)
        known = log[-1] in raw.HARMLESS_TEXTS
    elif kind == "bytes":
        data = raw.change_bytes(rng, data, log)
    path = os.path.join(folder, "list.txt")
    with open(path, "wb") as file:
        file.write(data)
    moved = kind == "text" and known and log[-1] == "blank lines"
    entries = [_entry(n + moved, fields) for n, fields in enumerate(lines, 1)]
    entries = [entry for entry in entries if entry]
    return read_and_check(path, folder, entries if known else None, must_read=kind == "text" and known)


def _change(rng, lines, log):
    lines = [list(fields) for fields in lines]
    at = rng.randrange(len(lines))
    what = rng.choice(("field", "field", "field", "coordinate", "coordinate", "drop", "double", "shorten", "swap"))
    fields = lines[at]
    place = rng.randrange(len(fields)) if fields else 0
    if what == "field" and fields:
        fields[place] = rng.choice(_ODD_FIELDS)
    elif what == "coordinate" and len(fields) > 1:
        cells = fields[1].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(tables.ODD_CELLS[:20]).strip()
        fields[1] = ",".join(cells)
    elif what == "drop" and len(lines) > 1:
        del lines[at]
    elif what == "double":
        lines.insert(rng.randrange(len(lines) + 1), list(fields))
    elif what == "shorten":
        lines[at] = fields[:place]
    else:
        lines.reverse()
    log.append(f"{what} {place} of line {at + 1}: {' '.join(fields)[:80]}")
    return lines


def _entry(number, fields):
    """The entry of a line; None for a blank one."""
    fields = " ".join(fields).split()
    if not fields or (
        len(fields) == 4 and not any(c.strip(",").lower() not in ("", "nan") for c in fields[1].split(","))
    ):
        return None
    place = f"list.txt:{number}"
    known = {f"{clip}/{n}.png": n for clip, numbers in _CLIPS.items() for n in numbers}
    name = fields[0].replace("\\", "/")
    cells = fields[1].split(",") if len(fields) == 4 else []
    values = [number_in(cell) for cell in cells]
    if len(values) != 2 * _JOINTS:
        return Entry(place, known.get(name), {}, None)
    joints = {}
    unsure = set()
    for joint in range(_JOINTS):
        x, y = values[2 * joint : 2 * joint + 2]
        if x is None or y is None or min(x, y) < 0:
            unsure.add(f"joint_{joint}")
        else:
            joints[f"joint_{joint}"] = (x, y)
    return Entry(place, known.get(name), joints, frozenset(unsure))
