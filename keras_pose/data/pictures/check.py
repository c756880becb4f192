"""Looks at every picture of a source before anything is learned from it, on all cores."""

from __future__ import annotations

import concurrent.futures
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from keras_pose.data.clip import Clip
from keras_pose.data.pictures.files import PictureFiles
from keras_pose.media.inspection import PictureFacts, inspect_picture

_SHOW_AFTER_S = 1.0  # on a terminal
_SAY_AFTER_S = 5.0  # elsewhere: one line


def pictures_of(clip: Clip) -> PictureFiles:
    """Returns the picture files of a clip; none for a clip that is only a video."""
    return getattr(clip.frames, "pictures", None) or PictureFiles({})


def inspect_pictures(clips: Iterable[Clip], stream: TextIO | None = None) -> dict[str, PictureFacts]:
    """Looks at every labelled picture of clips, and shows the progress if it takes more than a moment.

    Args:
      clips: the clips; pictures at positions without a label are not looked at.
      stream: where to show the progress; None: the standard error output.

    Returns:
      {path: `PictureFacts`}.
    """
    paths: dict[str, None] = {}
    for clip in clips:
        files = pictures_of(clip).paths
        paths.update((files[p], None) for p in clip.labelled.tolist() if p in files)
    progress = CheckProgress(len(paths), stream or sys.stderr)
    pool = concurrent.futures.ThreadPoolExecutor(_num_cores())
    try:
        facts = {}
        for path, found in zip(paths, pool.map(inspect_picture, paths)):
            facts[path] = found
            progress.update(len(facts))
        return facts
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C too: only the pictures at hand are finished
        progress.clear()


def _num_cores():
    if hasattr(os, "sched_getaffinity"):  # Linux: a container may have fewer than the machine
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class CheckProgress:
    """Shows how many pictures are checked: a line that is rewritten on a terminal, one plain line elsewhere.

    Args:
      total: number of pictures.
      stream: where to write.
      clock: function that returns seconds.
    """

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._stream = stream
        self._clock = clock
        self._is_terminal = stream.isatty()
        self._began = clock()
        self._next = self._began + (_SHOW_AFTER_S if self._is_terminal else _SAY_AFTER_S)
        self._shown = False

    def update(self, done: int) -> None:
        """Shows that so many pictures are checked, if it is time to."""
        now = self._clock()
        if now < self._next or done >= self._total:
            return
        rate = done / (now - self._began)
        left = int((self._total - done) / rate) + 1
        line = f"checking pictures: {done}/{self._total}  {rate:.0f} a second  {left // 60}:{left % 60:02d} left"
        self._write(f"\r{line}\x1b[K" if self._is_terminal else f"{line}\n")
        self._shown = True
        self._next = now + 0.5 if self._is_terminal else float("inf")

    def clear(self) -> None:
        """Removes the line from a terminal."""
        if self._shown and self._is_terminal:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> Any:
        self._stream.write(text)
        self._stream.flush()
