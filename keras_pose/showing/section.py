"""One part of what `keras-pose show` adds to a page: a heading, a text, a picture, a video or a table."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the page.

    Args:
      name: name of its files, without ending.
      heading: short.
      text: what to see, in plain text.
      alt: what the picture shows, for people who cannot see it; empty if there is none.
      picture: uint8 [H, W, 3], or None.
      frames: of a video, uint8 [H, W, 3] each, shown one after the other; none: no video.
      table: HTML of a table; empty: none.
    """

    name: str
    heading: str
    text: str
    alt: str = ""
    picture: np.ndarray | None = None
    frames: tuple[np.ndarray, ...] = ()
    table: str = ""
