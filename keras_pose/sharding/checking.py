"""Reads shards from end to end and compares their checksums."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from keras_pose import console
from keras_pose.data import shard_files

_SHOWN = 20


def check(folder: str, num_workers: int = 1, echo: Callable[[str], None] = console.show) -> int:
    """Checks all files of a folder of shards.

    Args:
      folder: the folder.
      num_workers: shards that are read at the same time.
      echo: function that shows a line of text.

    Returns:
      The number of faults; each is shown with file and record (the first 20).

    Raises:
      ValueError, OSError: if shards.json is missing or damaged.
    """
    if not os.path.isfile(os.path.join(folder, shard_files.DESCRIPTION)):
        raise ValueError(f"--check: expected a finished folder of shards (with shards.json), received {folder}")
    description = shard_files.read_description(folder)
    names = [clip["name"] for clip in description["clips"]]
    faults = []
    entries = description["shards"]
    with contextlib.closing(console.Meter("checking", len(entries), "shards")) as meter:
        pool = concurrent.futures.ThreadPoolExecutor(num_workers)
        try:
            for found in pool.map(lambda entry: check_shard(folder, entry, names), entries):
                faults += found
                meter.advance()
        finally:
            pool.shutdown(cancel_futures=True)
    for fault in faults[:_SHOWN]:
        echo(fault)
    if faults:
        more = f" (the first {_SHOWN} are shown)" if len(faults) > _SHOWN else ""
        echo(f"{folder}: {len(faults)} faults{more}; delete these files and run the same `keras-pose prepare` again")
    else:
        frames = sum(entry["frames"] for entry in entries)
        echo(f"{folder}: {frames} frames in {len(entries)} shards, all as they were written")
    return len(faults)


def check_shard(folder: str, entry: Mapping[str, Any], clip_names: list[str]) -> list[str]:
    """Returns the faults of a shard and its index, a line each.

    Args:
      folder: the folder.
      entry: what shards.json says about the shard.
      clip_names: names of the clips by number.
    """
    path = os.path.join(folder, entry["file"])
    try:
        index = shard_files.read_index(folder, {**entry, "bytes": _size(path, entry)})
    except ValueError as error:
        return [str(error)]
    faults = []
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for number, length in enumerate(index["length"].tolist()):
            framed = file.read(length + shard_files.FRAMING)
            digest.update(framed)
            fault = _find_fault(framed, length, int(index["crc"][number]))
            if fault:
                frame = f"frame {index['position'][number]} of clip {clip_names[int(index['clip'][number])]}"
                faults.append(f"{path}: record {number} ({frame}): {fault}")
        rest = file.read()
        digest.update(rest)
    if rest:
        faults.append(f"{path}: {len(rest)} bytes behind the last record")
    if not faults and digest.hexdigest() != entry["sha256"]:
        faults.append(f"{path}: the framing of a record is damaged: the file does not fit its checksum")
    return faults


def _size(path, entry):
    """The size of a shard that is there, so that its index is read also if the shard is cut."""
    return os.path.getsize(path) if os.path.isfile(path) else entry["bytes"]


def _find_fault(framed, length, crc):
    if len(framed) < length + shard_files.FRAMING:
        return "missing, the file is cut"
    if struct.unpack("<Q", framed[:8])[0] != length:
        return "damaged, its length differs"
    data = framed[shard_files.FRAMING_BEFORE : -4]
    return "" if zlib.crc32(np.frombuffer(data, np.uint8)) == crc else "damaged, its data does not fit its checksum"
