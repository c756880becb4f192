"""Files of poses: the formats, chosen by the ending of the file.

`write` writes a file whole or not at all, and the same poses give the same bytes: no clock, no random ids. Where
another tool has one number per joint (likelihood, score, confidence), it is the calibrated confidence; if the poses are
not calibrated, the score. Each file carries a description (`description.describe`): skeleton, model, version, frame
rate, calibration, settings. The libraries of a format are imported when it is used.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from keras_pose import extras
from keras_pose.poses.formats import description
from keras_pose.poses.video_poses import VideoPoses

_LIBRARIES = {"tables": "PyTables (tables)", "sleap_io": "sleap-io", "pyarrow": "pyarrow", "ndx_pose": "ndx-pose"}


@dataclasses.dataclass(frozen=True)
class Format:
    """A format of files of poses.

    Args:
      ending: ending of its files, without a dot in front; also its name.
      module: the module that writes it.
      help: one line: who reads it.
      library: a library that it needs in addition to those of the project; empty: none.
      readable: whether `read` reads it.
    """

    ending: str
    module: str
    help: str
    library: str = ""
    readable: bool = False

    @property
    def extra(self) -> str:
        """The extra of the package that brings its library; empty: none is needed."""
        return "formats" if self.library else ""

    def check(self) -> None:
        """Checks that its library is installed.

        Raises:
          ValueError: if it is not; the message says how to install it.
        """
        if not self.library or importlib.util.find_spec(self.library) is not None:
            return
        needs_newer = self.library in ("sleap_io", "ndx_pose") and sys.version_info < (3, 10)
        raise ValueError(
            f".{self.ending} needs {_LIBRARIES[self.library]}, which is not installed"
            + (" and needs Python 3.10 or later; on Python 3.9, analysis.h5 holds the same" if needs_newer else "")
            + f": {extras.how_to_install('formats')}"
        )

    def load(self) -> ModuleType:
        """Returns the module that writes it; checks its library first."""
        self.check()
        return importlib.import_module(f"{__name__}.{self.module}")

    def write(self, path: str | os.PathLike[str], poses: VideoPoses) -> None:
        """Writes a file in this format, whatever its ending."""
        self.load().write(path, poses)


FORMATS = {
    entry.ending: entry
    for entry in (
        Format("csv", "deeplabcut_csv", "DeepLabCut's CSV of predictions", readable=True),
        Format("h5", "deeplabcut_h5", "DeepLabCut's H5 of predictions", "tables", readable=True),
        Format("slp", "sleap_labels", "SLEAP's labels, as its window opens them", "sleap_io"),
        Format("analysis.h5", "sleap_analysis", "SLEAP's analysis HDF5"),
        Format("nwb", "nwb", "Neurodata Without Borders, with ndx-pose", "ndx_pose"),
        Format("coco.json", "coco", "COCO keypoints with scores"),
        Format("tidy.csv", "tidy_csv", "a row per frame, person and joint, for pandas and R", readable=True),
        Format("parquet", "parquet", "the same rows, small and exact, for pandas, Arrow and DuckDB", "pyarrow", True),
        Format("npz", "archive", "NumPy arrays, without loss", readable=True),
    )
}


def find_format(path: str | os.PathLike[str]) -> Format:
    """Returns the format of a file by its ending; of `.tidy.csv` and `.csv`, the longer one.

    Raises:
      ValueError: if it is none of the endings.
    """
    name = os.path.basename(os.fspath(path)).lower()
    found = [ending for ending in FORMATS if name.endswith(f".{ending}")]
    if not found:
        raise ValueError(f"{os.fspath(path)}: expected a file of poses that ends with one of {', '.join(FORMATS)}")
    return FORMATS[max(found, key=len)]


def check(endings: Iterable[str]) -> None:
    """Checks that formats exist and that their libraries are installed.

    Raises:
      ValueError: if one does not; the message lists the formats, or says how to install the library.
    """
    for ending in endings:
        if ending not in FORMATS:
            raise ValueError(f"format: expected one of {', '.join(FORMATS)}, received {ending!r}")
        FORMATS[ending].check()


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses in the format of the file's ending, atomically.

    Raises:
      ValueError: for an unknown ending, or if a library is missing.
      OSError: if the file cannot be written.
    """
    find_format(path).write(path, poses)


def read(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses from npz (everything), tidy.csv and parquet (all but the regions), or DeepLabCut's csv and h5.

    DeepLabCut's files have one number per joint and no times. Files that other tools wrote can be read, too: then the
    size of the video is (0, 0) and its frame rate 0.

    Raises:
      ValueError: for another format, or a file that is damaged or something else; the message names it.
      OSError: if it cannot be opened.
    """
    found = find_format(path)
    if not found.readable:
        readable = [ending for ending, entry in FORMATS.items() if entry.readable]
        raise ValueError(f"{os.fspath(path)}: expected poses to read from one of {', '.join(readable)}")
    try:
        return found.load().read(path)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{os.fspath(path)}: expected a complete description of the poses: {error!r}") from error


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads what a file of poses says about itself; see `description.describe`.

    Raises:
      ValueError: if it has no description; the message names it.
      OSError: if it cannot be opened.
    """
    module = find_format(path).load()
    return getattr(module, "read_description", description.read_beside)(path)
