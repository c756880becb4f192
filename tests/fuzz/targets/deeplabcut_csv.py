"""Projects of DeepLabCut with a changed table as CSV."""

from __future__ import annotations

import random

from tests.fuzz import accounting
from tests.fuzz.changes import raw, tables
from tests.fuzz.targets import deeplabcut_project as project


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes the table of one clip, most often by its cells, sometimes by its bytes."""
    project.write(folder, rng)
    chosen = rng.choice(list(project.CLIPS))
    columns = rng.choice((1, 3))
    entries: list = []
    known = True
    for clip in project.CLIPS:
        rows = project.table(clip, columns)
        data = tables.to_text(random.Random(0), rows, [])
        if clip == chosen:
            kind = rng.choice(("table",) * 4 + ("text", "bytes", "none"))
            if kind == "table":
                for _ in range(rng.randrange(1, 4)):
                    rows = tables.change_table(rng, rows, log)
                data = tables.to_text(rng, rows, log)
            elif kind == "text":
                data = raw.change_text(rng, data, log)
                known = log[-1] in raw.HARMLESS_TEXTS
            elif kind == "bytes":
                data = raw.change_bytes(rng, data, log)
                known = False
        entries += project.entries_of(clip, rows)
        with open(project.table_path(folder, clip), "wb") as file:
            file.write(data)
    harmless = bool(log) and log[-1] in raw.HARMLESS_TEXTS
    if harmless:  # a blank line before the table moves its rows
        entries = [accounting.Entry(e.names[0], e.picture, e.joints, e.unsure, e.clip) for e in entries]
    if kind == "none" or rng.randrange(4) == 0:
        entries = project.change_surroundings(rng, folder, entries, log)
        harmless = False
    return accounting.read_and_check(folder, folder, entries if known else None, must_read=harmless)
