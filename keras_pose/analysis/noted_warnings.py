"""Keeps the warnings about a video for its entry in the summary, and shows each of them once."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

from keras_pose.media.messages import MediaWarning


@contextlib.contextmanager
def note_warnings() -> Iterator[list[str]]:
    """Yields a list that takes the text of each `MediaWarning` that is shown in the block, of any thread, once.

    A second reader of the same video gives the same warning; it is not shown again.
    """
    noted: list[str] = []
    usual = warnings.showwarning

    def show(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        if not issubclass(category, MediaWarning):
            usual(message, category, *place, **more)
        elif str(message) not in noted:
            noted.append(str(message))
            usual(message, category, *place, **more)

    warnings.showwarning = show
    try:
        yield noted
    finally:
        warnings.showwarning = usual
