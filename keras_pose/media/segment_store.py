"""Keeps encoded segments of a video in a folder, so that a killed encoding goes on where it stopped.

A segment is a file that is written at once, so it is whole or absent. The folder also holds what the segments were made
of: segments of other frames or other settings are removed, never joined.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import types
from collections.abc import Iterator, Sequence

import numpy as np

from keras_pose import files, locks
from keras_pose.media.h264_encoder import CodedFrame

_ABOUT = "segments.json"
_NAME = re.compile(r"segment-\d{6}\.npz")


class SegmentStore:
    """The segments of one video. Inside the block, no other process can use the folder.

    Args:
      folder: created if it is missing.
      origin: what determines the segments, as text; stored segments of another origin are removed.

    Raises:
      ValueError: if another process uses the folder.
      OSError: if the folder cannot be written.
    """

    def __init__(self, folder: str | os.PathLike[str], origin: str) -> None:
        self._folder = os.fspath(folder)
        self._origin = origin
        self._blocks = contextlib.ExitStack()

    def __enter__(self) -> SegmentStore:
        with files.name_unwritable(self._folder):
            os.makedirs(self._folder, exist_ok=True)
        self._blocks.enter_context(
            locks.hold_folder(self._folder, f"{self._folder}: another process is writing a video there")
        )
        if self._stored_origin() != self._origin:
            self._remove_segments()
            files.write_json(os.path.join(self._folder, _ABOUT), {"origin": self._origin})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self._blocks.close()

    def count_finished(self) -> int:
        """Returns the number of segments from the first on that are stored and undamaged."""
        for number in itertools.count():
            try:
                self.read(number)
            except (OSError, ValueError):
                return number
        raise AssertionError  # the loop has no end of its own

    def write(self, number: int, packets: Sequence[CodedFrame]) -> None:
        """Stores segment `number`, counted from 0: the packets of its frames in order."""
        arrays = {
            "data": np.frombuffer(b"".join(packet.data for packet in packets), np.uint8),
            "sizes": np.array([len(packet.data) for packet in packets], np.int64),
            "keyframes": np.array([packet.is_keyframe for packet in packets], np.bool_),
        }
        files.write_arrays(self._path(number), arrays)

    def read(self, number: int) -> Iterator[CodedFrame]:
        """Returns an iterator over the packets of segment `number`.

        Raises:
          ValueError: if the file is damaged.
          OSError: if it is not stored.
        """
        arrays = files.read_arrays(self._path(number), "a segment of a video")
        if {"data", "sizes", "keyframes"} - set(arrays):
            raise ValueError(f"{self._path(number)}: expected a segment of a video, found other arrays")
        ends = np.cumsum(arrays["sizes"])
        data = arrays["data"].tobytes()
        starts = ends - arrays["sizes"]
        return (CodedFrame(data[a:b], bool(key)) for a, b, key in zip(starts, ends, arrays["keyframes"]))

    def clear(self) -> None:
        """Removes what is stored, and the folder if nothing else is in it."""
        self._remove_segments()
        with contextlib.suppress(OSError):
            os.remove(os.path.join(self._folder, _ABOUT))
            with contextlib.suppress(FileNotFoundError):  # on systems without such locks
                os.remove(os.path.join(self._folder, locks.FILE_NAME))
            os.rmdir(self._folder)

    def _path(self, number):
        return os.path.join(self._folder, f"segment-{number:06d}.npz")

    def _stored_origin(self):
        try:
            about = files.read_json(os.path.join(self._folder, _ABOUT))
        except (OSError, ValueError):
            return None
        return about.get("origin") if isinstance(about, dict) else None

    def _remove_segments(self):
        for name in os.listdir(self._folder):
            if _NAME.fullmatch(name):
                os.remove(os.path.join(self._folder, name))
