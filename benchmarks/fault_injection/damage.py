"""Damaged files: a bit changed, a block zeroed, the end cut off, all gone; is it noticed before the content is used?

A file with checksums must either be refused by name, or read with its old content, if only an unused byte has changed.
Text files (flags, JSON) have no checksums: what no longer fits is refused, and a changed digit is another value.
"""

from __future__ import annotations

import dataclasses
import pathlib
import random
import shutil
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from benchmarks.common.rows import Row
from keras_pose import files, options, skeleton
from keras_pose.runs import checkpoint_files, resuming, run_directory, weights_file
from keras_pose.runs.config import TrainConfig
from keras_pose.sharding import checking

_BLOCK = 512


@dataclasses.dataclass
class Counts:
    """What became of damaged files of one kind.

    Attributes:
      what: the kind.
      has_checksum: whether other content must be noticed.
      refused: files that were refused by their names.
      unchanged: files that were read with their old content.
      changed: files that were read with other content.
      faults: other ends: an error that does not name the file, or that users see as a traceback.
    """

    what: str
    has_checksum: bool
    refused: int = 0
    unchanged: int = 0
    changed: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)

    def rows(self) -> list[Row]:
        """Returns the rows of the benchmark."""
        count = self.refused + self.unchanged + self.changed + len(self.faults)
        target = "== 0" if self.has_checksum else None
        return [
            Row(f"{self.what}: damaged", count, ""),
            Row(f"{self.what}: refused by name", self.refused, ""),
            Row(f"{self.what}: read with the old content", self.unchanged, ""),
            Row(f"{self.what}: read with other content", self.changed, "", target=target),
            Row(f"{self.what}: other errors", len(self.faults), "", target="== 0"),
        ]


def change_bytes(whole: bytes, chance: random.Random) -> bytes:
    """Returns damaged content: a changed bit, a zeroed block, a cut end, or nothing but zeros."""
    data = bytearray(whole)
    place = chance.randrange(len(data))
    kind = chance.choice(("bit", "block", "cut", "zeros"))
    if kind == "bit":
        data[place] ^= 1 << chance.randrange(8)
    elif kind == "block":
        data[place : place + _BLOCK] = bytes(len(data[place : place + _BLOCK]))
    elif kind == "cut":
        del data[place:]
    else:
        data[:] = bytes(len(data))
    return bytes(data)


def count(what: str, path: pathlib.Path, read: Callable[[], Any], number: int, chance: random.Random) -> Counts:
    """Damages a file many times, each time from its whole content, and restores it at the end.

    Args:
      what: what it is; with "text" in it, other content need not be noticed.
      path: the file.
      read: function that reads it as the commands do, and returns what can be compared.
      number: how often.
      chance: draws kind and place.
    """
    seen = Counts(what, has_checksum="text" not in what)
    whole = path.read_bytes()
    expected = read()
    for _ in range(number):
        data = change_bytes(whole, chance)
        if data == whole:
            continue
        path.write_bytes(data)
        try:
            if read() == expected:
                seen.unchanged += 1
            else:
                seen.changed += 1
        except (ValueError, OSError) as error:
            if path.name in str(error):
                seen.refused += 1
            else:
                seen.faults.append(f"{what}: {error}")
        except Exception as error:  # what users would see as a traceback
            seen.faults.append(f"{what}: {type(error).__name__}: {error}")
    path.write_bytes(whole)
    return seen


def measure(trained: pathlib.Path, shards: pathlib.Path, number: int, seed: int, work: pathlib.Path) -> list[Row]:
    """Damages the files of a run and a shard.

    Args:
      trained: folder of a finished run.
      shards: folder of finished shards.
      number: how often each file is damaged.
      seed: of kinds and places.
      work: an empty folder for copies.
    """
    shutil.copytree(trained, work / "run")
    shutil.copytree(shards, work / "shards")
    run = run_directory.RunDirectory(str(work / "run"))
    newest = pathlib.Path(checkpoint_files.newest_first(run.checkpoints)[0])
    shard = min((work / "shards").glob("*.tfrecord"))
    index = shard.with_suffix(".index.npz")
    readers: dict[str, tuple[pathlib.Path, Callable[[], Any]]] = {
        "newest checkpoint": (newest, lambda: _read_checkpoint(newest)),
        "model.weights.h5": (pathlib.Path(run.weights), lambda: _read_weights(run.weights)),
        "shard": (shard, lambda: _check_shards(work / "shards")),
        "index of a shard": (index, lambda: _check_shards(work / "shards")),
        "flags.txt (text)": (pathlib.Path(run.flags), lambda: options.load(TrainConfig, run.flags)),
        "skeleton.json (text)": (pathlib.Path(run.skeleton), lambda: skeleton.load(run.skeleton)),
        "split.json (text)": (pathlib.Path(run.split), lambda: run_directory.read_split(run)),
        "data.json (text)": (pathlib.Path(run.data), lambda: resuming.read_data(run)),
    }
    rows = []
    for what, (path, read) in readers.items():
        seen = count(what, path, read, number, random.Random(f"{seed} {what}"))
        for fault in seen.faults:
            print(f"fault: {fault}", flush=True)
        rows += seen.rows()
    return rows


def _read_checkpoint(path):
    fault = checkpoint_files.find_damage(str(path))
    if fault:
        raise ValueError(f"{path}: {fault}")
    return _comparable(files.read_arrays(path))


def _read_weights(path):
    weights_file.check(path)
    found: dict[str, np.ndarray] = {}
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return _comparable(found)


def _check_shards(folder):
    lines: list[str] = []
    if checking.check(str(folder), echo=lines.append):
        raise ValueError(lines[0])


def _comparable(arrays):
    return {name: (value.dtype.str, value.shape, value.tobytes()) for name, value in arrays.items()}
