"""Projects of DeepLabCut with a changed config.yaml."""

from __future__ import annotations

import os
import random

import yaml

from tests.fuzz import accounting
from tests.fuzz.changes import raw, tables, trees
from tests.fuzz.targets import deeplabcut_project as project

_TAGS = (
    "corner2move2: !!python/tuple\n- 50\n- 50\n",
    "other: !!python/object/apply:os.getcwd []\n",
    "Task: twice\n",
    "bodyparts: MULTI!\n",
    "scorer:\n",
    "anchor: &a [*a]\n",
    "identity: null\nindividuals:\n- one\n",
    "date: 2024-13-45\n",
    "time: 12:30:99\n",
    "big: 0o777777777777777777777777777\n",
    "set: !!set {a, b}\n",
    "bin: !!binary !!\n",
)


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes the tree, the text or the bytes of config.yaml; the tables stay as they are."""
    project.write(folder, rng)
    entries: list = []
    for clip in project.CLIPS:
        rows = project.table(clip)
        entries += project.entries_of(clip, rows)
        with open(project.table_path(folder, clip), "wb") as file:
            file.write(tables.to_text(random.Random(0), rows, []))
    kind = rng.choice(("tree", "tree", "tree", "line", "text", "bytes"))
    tree = project.config()
    if kind == "tree":
        for _ in range(rng.randrange(1, 4)):
            tree = trees.change_tree(rng, tree, log)
    data = yaml.safe_dump(tree, sort_keys=False, allow_unicode=bool(rng.randrange(2))).encode("utf-8", "replace")
    if kind == "line":
        data += rng.choice(_TAGS).encode()
        log.append(data.decode("utf-8", "replace")[-40:])
    elif kind == "text":
        data = raw.change_text(rng, data, log)
    elif kind == "bytes":
        data = raw.change_bytes(rng, data, log)
    with open(os.path.join(folder, "config.yaml"), "wb") as file:
        file.write(data)
    harmless = kind == "text" and log[-1] in raw.HARMLESS_TEXTS
    return accounting.read_and_check(folder, folder, entries, must_read=harmless)
