"""The splits of JHMDB into training and test clips, by name; `layout` says which files they are in."""

from __future__ import annotations

import collections
import csv
import os
import re
from collections.abc import Iterable

from keras_pose.data.clip import TEST, TRAIN
from keras_pose.data.importers.names import list_folder
from keras_pose.data.splits import read_clip_names

_FOLDERS = {"splits": "", "sub_splits": "sub"}
_FILE = re.compile(r"(.+)_test_split_?(\d+)\.txt")
_LIST = re.compile(r"(train|test)_(.+)\.txt")
_TABLE = "clips.csv"
_PARTS = {"1": TRAIN, "2": TEST}  # 0: not used


def read_splits(root: str) -> dict[str, dict[str, str]]:
    """Returns {name of the split: {clip: "train" or "test"}}; those of all clips come first.

    If the table has a column `clean`, every split also exists as `<name>-clean`, without training clips that are not 1
    there.

    Args:
      root: the folder of the data set.

    Raises:
      ValueError: for a line that is not `<clip>.avi <0, 1 or 2>`, a list without names, or a table without clips.
    """
    found: dict[str, dict[str, str]] = {}
    for folder, prefix in _FOLDERS.items():
        found.update(_read_folder(os.path.join(root, folder), prefix))
    rows = _read_table(os.path.join(root, _TABLE))
    for name, parts in (*_splits_of_table(rows).items(), *_read_lists(root).items()):
        found.setdefault(name, parts)
    clean = {row["clip"]: row["clean"] == "1" for row in rows if row.get("clean")}
    if clean:  # test clips stay, or figures would not compare
        for name, parts in list(found.items()):
            kept = {clip: part for clip, part in parts.items() if part == TEST or clean.get(clip, False)}
            found[f"{name}-clean"] = kept
    return found


def find_missing(root: str, split: str, actions: Iterable[str]) -> list[str]:
    """Returns the files that a split of the folders lacks for some actions, as paths from the data set's folder."""
    for folder, prefix in _FOLDERS.items():
        number = split[len(prefix) :]
        names = list_folder(os.path.join(root, folder))
        present = [match for match in map(_FILE.fullmatch, names) if match]
        if split.startswith(prefix) and number.isdigit() and present:
            mark = "_" if "_test_split_" in present[0][0] else ""
            there = {match[1] for match in present if match[2] == number}
            return [f"{folder}/{action}_test_split{mark}{number}.txt" for action in actions if action not in there]
    return []


def _read_folder(folder, prefix):
    found: dict[str, dict[str, str]] = collections.defaultdict(dict)
    for name in list_folder(folder):
        match = _FILE.fullmatch(name)
        if match:
            found[f"{prefix}{match[2]}"].update(_read_file(os.path.join(folder, name), match[1]))
    return dict(sorted(found.items()))


def _read_file(path, action):
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().splitlines()
    found = {}
    for number, line in enumerate(lines, 1):
        clip, _, value = line.strip().rpartition(" ")
        if line.strip() and (not clip or value not in ("0", *_PARTS)):
            raise ValueError(f"{path}:{number}: expected `<clip>.avi <0, 1 or 2>`, found {line.strip()!r}")
        if value in _PARTS:
            found[f"{action}/{os.path.splitext(clip.strip())[0]}"] = _PARTS[value]
    return found


def _read_table(path):
    if not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if rows and not rows[0].get("clip"):
        raise ValueError(f"{path}: expected a column clip, found {', '.join(map(str, rows[0]))}")
    return rows


def _splits_of_table(rows):
    names = [name for name in (rows[0] if rows else {}) if name and re.fullmatch(r"split\d+", name)]
    return {name[5:]: {row["clip"]: row[name] for row in rows if row[name] in (TRAIN, TEST)} for name in names}


def _read_lists(root):
    found: dict[str, dict[str, str]] = collections.defaultdict(dict)
    for name in list_folder(root):
        match = _LIST.fullmatch(name)
        if match:
            found[match[2]].update(dict.fromkeys(read_clip_names(os.path.join(root, name)), match[1]))
    return dict(sorted(found.items()))
