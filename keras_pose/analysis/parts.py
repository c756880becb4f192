"""The finished parts of an analysis, in a folder or in memory, so that it can be resumed after a kill at any moment.

With n frames in a part, part k holds the frames [k·n, (k + 1)·n) of a video that were asked for. Each file is written
atomically, and a part is written when all its poses are known: what is there is whole. A part also holds the state of
the source of regions in front of the next part. The file `end.json` says that the last part is there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose import files

PART_FRAMES = 512
_JOB = "job.json"
_END = "end.json"


class PartStore:
    """Keeps parts in memory.

    A part: arrays by name, all with the frames along the first axis, "people" (names) and "state" (JSON).
    """

    def __init__(self) -> None:
        self._parts: dict[int, dict[str, np.ndarray]] = {}
        self._end: dict[str, Any] | None = None

    def count_from(self, first: int) -> int:
        """Returns how many parts are there without a gap from part `first` on."""
        number = first
        while self._has(number):
            number += 1
        return number - first

    def write(self, number: int, part: Mapping[str, np.ndarray]) -> None:
        """Stores a part."""
        self._parts[number] = dict(part)

    def read(self, number: int) -> dict[str, np.ndarray]:
        """Returns a part."""
        return self._parts[number]

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Says that all parts are there, with what is known of the video as JSON."""
        self._end = dict(facts)

    def finished(self) -> dict[str, Any] | None:
        """Returns what `finish` was given; None if parts are missing."""
        return self._end

    def _has(self, number):
        return number in self._parts


class PartFolder(PartStore):
    """Keeps parts in a folder.

    Args:
      folder: the folder; it is made for the first part, so that a video that cannot be read leaves none.
      job: what shapes the parts, as JSON. If the folder holds parts of another job, they are removed. Damaged parts
        are removed too, so that they are made again.

    Attributes:
      removed: whether parts of another job were removed.
    """

    def __init__(self, folder: str | os.PathLike[str], job: Mapping[str, Any]) -> None:
        super().__init__()
        self._folder = os.fspath(folder)
        self._job = job
        known = None
        with contextlib.suppress(OSError, ValueError):
            known = files.read_json(os.path.join(self._folder, _JOB))
        same = known == json.loads(json.dumps(job))
        self.removed = known is not None and not same
        if not same:
            self.remove()
        for name in self._list_names():  # what a killed process was writing
            if name.startswith(".writing-"):
                os.remove(os.path.join(self._folder, name))
        self._found = self._read_whole()

    def write(self, number: int, part: Mapping[str, np.ndarray]) -> None:
        """See `PartStore.write`."""
        self._begin()
        files.write_arrays(self._path(number), part)
        self._found.pop(self._path(number), None)

    def read(self, number: int) -> dict[str, np.ndarray]:
        """See `PartStore.read`."""
        path = self._path(number)
        return self._found[path] if path in self._found else _read_part(path)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """See `PartStore.finish`."""
        self._begin()
        files.write_json(os.path.join(self._folder, _END), facts)

    def finished(self) -> dict[str, Any] | None:
        """See `PartStore.finished`."""
        path = os.path.join(self._folder, _END)
        with contextlib.suppress(FileNotFoundError, ValueError):  # without it, the last part is looked for again
            facts = files.read_json(path)
            return facts if isinstance(facts, dict) else None
        return None

    def _begin(self):
        """Makes the folder and says whose parts it holds, before the first of them is written."""
        path = os.path.join(self._folder, _JOB)
        if not os.path.exists(path):
            os.makedirs(self._folder, exist_ok=True)
            files.write_json(path, self._job)

    def _list_names(self):
        return os.listdir(self._folder) if os.path.isdir(self._folder) else []

    def _read_whole(self):
        """Reads the parts of earlier processes, by path, and removes damaged ones."""
        found = {}
        for name in self._list_names():
            if not name.endswith(".npz"):
                continue
            path = os.path.join(self._folder, name)
            try:
                found[path] = _read_part(path)
            except ValueError:
                os.remove(path)
                with contextlib.suppress(FileNotFoundError):  # parts are missing now
                    os.remove(os.path.join(self._folder, _END))
        return found

    def remove(self) -> None:
        """Removes the folder, if there is one."""
        if os.path.isdir(self._folder):
            shutil.rmtree(self._folder)

    def _path(self, number):
        return os.path.join(self._folder, f"part-{number:06d}.npz")

    def _has(self, number):
        return os.path.exists(self._path(number))


def _read_part(path):
    return files.read_arrays(path, "a part of an analysis")
