"""The folder that shards are written to: which are there, and whether they are those of this source and these settings.

`plan.json` is there from the beginning, `shards.json` when all shards are written. A shard is finished when its index
is there. Both are written atomically, so a folder is whole at any moment.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from typing import Any

from keras_pose import files, locks
from keras_pose.data import shard_files

PLAN = "plan.json"
_SHARD = re.compile(r"frames-\d{5,}-of-\d{5,}(\.tfrecord|\.index\.npz)")


def is_finished(folder: str) -> bool:
    """Whether the folder holds all its shards."""
    return os.path.exists(os.path.join(folder, shard_files.DESCRIPTION))


def begin(folder: str, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Begins a folder, or goes on with one.

    Args:
      folder: the folder, which exists and is locked.
      plan: "settings", "skeleton", "clips" and what else shards.json says about the source.

    Returns:
      The plan to go on with: that which is in the folder, if there is one.

    Raises:
      ValueError: if the folder holds shards of other data or settings, or other files; the message says what differs.
    """
    for name in os.listdir(folder):
        if name.startswith(".writing-"):  # what a killed process was writing
            with contextlib.suppress(OSError):
                os.remove(os.path.join(folder, name))
    before = _read_plan(folder)
    if before is None:
        others = sorted(name for name in os.listdir(folder) if name != locks.FILE_NAME)
        if others:
            raise ValueError(f"--out_dir: expected a new folder or shards, received {folder}, which holds {others[0]}")
        files.write_json(os.path.join(folder, PLAN), plan)
        return dict(plan)
    difference = find_difference(before, plan)
    if difference:
        raise ValueError(f"--out_dir: {folder} holds shards of other data or settings: {difference}")
    foreign = [name for name in os.listdir(folder) if not _is_own(name)]
    if foreign:
        raise ValueError(f"--out_dir: expected only shards in {folder}, found {foreign[0]}")
    return before


def find_difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Returns the first difference of two plans in words; empty if there is none."""
    there = before["settings"]
    here = now["settings"]
    changed = [
        f"--{name}={there.get(name, 'unused')} there, {here.get(name, 'unused')} now"
        for name in {**there, **here}
        if there.get(name) != here.get(name)
    ]
    if changed:
        return "; ".join(changed)
    if before["skeleton"] != now["skeleton"]:
        return "the joints, their pairs or their edges differ"
    old = {clip["name"]: clip for clip in before["clips"]}
    new = {clip["name"]: clip for clip in now["clips"]}
    for name in {**old, **new}:
        if (name in old) != (name in new):
            return f"clip {name} is {'new' if name in new else 'gone'}"
        if old[name] != new[name]:
            return f"the labels, the pictures or the video of clip {name} have changed"
    return "" if list(old) == list(new) else "the clips have another order"


def is_written(folder: str, name: str) -> bool:
    """Whether a shard is finished: its index is there, and the shard has the size that the index states."""
    path = os.path.join(folder, name)
    index = os.path.join(folder, shard_files.index_name(name))
    if not os.path.exists(index) or not os.path.exists(path):
        return False
    with contextlib.suppress(ValueError, OSError, KeyError):
        return int(files.read_arrays(index)["bytes"]) == os.path.getsize(path)
    return False


def finish(folder: str, plan: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Writes shards.json when all shards are there; returns its content."""
    entries = []
    for name in names:
        path = os.path.join(folder, shard_files.index_name(name))
        index = files.read_arrays(path, "the index of a shard")
        with open(path, "rb") as file:
            digest = shard_files.digest_bytes(file.read())
        entry = {"file": name, "bytes": int(index["bytes"]), "sha256": str(index["sha256"]), "index_sha256": digest}
        entries.append({**entry, "frames": len(index["offset"]), "labelled": len(index["label_clip"])})
    description = {"version": shard_files.VERSION, **plan, "shards": entries}
    description["digest"] = shard_files.digest_description(description)
    files.write_json(os.path.join(folder, shard_files.DESCRIPTION), description)
    with contextlib.suppress(FileNotFoundError):
        os.remove(os.path.join(folder, PLAN))
    return description


def _read_plan(folder):
    if is_finished(folder):
        found = shard_files.read_description(folder)
        with contextlib.suppress(FileNotFoundError):  # a process was killed before it removed it
            os.remove(os.path.join(folder, PLAN))
        return found
    path = os.path.join(folder, PLAN)
    if not os.path.exists(path):
        return None
    plan = files.read_json(path)
    if not isinstance(plan, dict) or not {"settings", "skeleton", "clips"} <= set(plan):
        raise ValueError(f"{path}: expected the plan of shards that `keras-pose prepare` wrote")
    return plan


def _is_own(name):
    return name in (PLAN, shard_files.DESCRIPTION) or name.startswith(".") or _SHARD.fullmatch(name) is not None
