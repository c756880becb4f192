"""Writes suggested frames for labelling tools. To add one, write a module with `write` and add it to `WRITERS`."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any


@dataclasses.dataclass(frozen=True)
class Writer:
    """How to write for one labelling tool.

    Args:
      module: name of the module in this package; it is imported when it writes.
      help: what it writes, for --help.
    """

    module: str
    help: str

    def load(self) -> Any:
        """Imports the module: `check()` raises ValueError if a library is missing; `write(folder, suggestions, scorer,
        as_labels)` writes and returns the path to open."""
        return importlib.import_module(f"{__name__}.{self.module}")


WRITERS = {
    "deeplabcut": Writer("deeplabcut_project", "a DeepLabCut project with pictures and machine labels"),
    "sleap": Writer("sleap_file", "a SLEAP file (.slp) with suggestions and predicted instances"),
    "labelstudio": Writer("label_studio_tasks", "Label Studio tasks with pictures and predictions"),
}
