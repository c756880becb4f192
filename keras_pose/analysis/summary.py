"""What became of each video: `summary.json` in the folder that is written to, the record of finished videos."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from keras_pose import files

FILE_NAME = "summary.json"
DONE = "done"
FAILED = "failed"


class Summary:
    """One entry for each video, by the name of its files; those of earlier commands stay.

    Args:
      folder: the folder that is written to.
      entries: the entries by name; None: those of the file.

    Raises:
      ValueError: if the file is there and damaged; the message names it.
    """

    def __init__(self, folder: str, entries: Mapping[str, dict[str, Any]] | None = None) -> None:
        self._folder = folder
        self._path = os.path.join(folder, FILE_NAME)
        self._entries: dict[str, dict[str, Any]] = dict(entries or {})
        if entries is None and os.path.exists(self._path):
            try:
                known = files.read_json(self._path)["videos"]
                self._entries = {entry["name"]: dict(entry) for entry in known}
            except (KeyError, TypeError) as error:
                raise ValueError(f"{self._path}: expected a summary of predict.py; remove it to start again") from error

    def taken(self) -> dict[str, str]:
        """Returns the absolute paths of the videos that have entries, by name."""
        return {name: entry["path"] for name, entry in self._entries.items()}

    def entry(self, name: str) -> dict[str, Any]:
        """Returns the entry of a video; empty if there is none."""
        return dict(self._entries.get(name, {}))

    def is_done(self, name: str, job: str, drawing: Mapping[str, Any] | None, needed: Sequence[str]) -> bool:
        """Whether a video is finished: by the same job, drawn in the same way, with all files that are needed there.

        Args:
          name: name of its files.
          job: digest of the job.
          drawing: how it is drawn, as JSON; None: it need not be drawn.
          needed: names of the files in the folder.
        """
        drawn = drawing is None or self._entries.get(name, {}).get("drawing") == drawing
        return drawn and all(self.has_written(name, job, file) for file in needed) and self._is_of(name, job)

    def has_written(self, name: str, job: str, file: str) -> bool:
        """Whether a file of a video is there and was written by the same job."""
        written = self._is_of(name, job) and file in self._entries[name]["files"]
        return written and os.path.isfile(os.path.join(self._folder, file))

    def _is_of(self, name, job):
        entry = self._entries.get(name, {})
        return entry.get("status") == DONE and entry.get("job") == job

    def put(self, name: str, entry: Mapping[str, Any]) -> None:
        """Replaces the entry of a video, and writes the file."""
        self._entries[name] = {"name": name, **entry}
        files.write_json(self._path, {"videos": list(self._entries.values())})
