"""Short lines of text on frames, in the font that matplotlib brings along: OpenCV's fonts have ASCII letters only."""

from __future__ import annotations

import functools
import os

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

INK = (238, 240, 243)
PAPER = (28, 32, 40)
_MOST_LETTERS = 400


@functools.lru_cache(maxsize=512)
def render_text(text: str, size_px: int) -> np.ndarray:
    """Returns uint8 [h, w], how much ink covers each px: a line of text of this size (its height is 1.3 times that).

    Letters that the font lacks become boxes.
    """
    font = _font(size_px)
    text = text[:_MOST_LETTERS]
    width = max(1, int(np.ceil(font.getlength(text))) + 1)
    image = Image.new("L", (width, round(1.3 * size_px)))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
    return np.asarray(image)


def fit_text(text: str, size_px: int, width: int) -> str:
    """Returns a text that is at most `width` px wide, shortened in the middle if it must be."""
    keep = len(text[:_MOST_LETTERS])
    short = text[:_MOST_LETTERS]
    while keep > 1 and _font(size_px).getlength(short) > width:
        keep -= 1
        short = text[: (keep + 1) // 2] + "…" + text[len(text) - keep // 2 :]
    return short


def put_text(
    canvas: np.ndarray, text: str, left: int, middle: int, size_px: int, color: tuple[int, int, int] = INK
) -> int:
    """Writes a line of text into uint8 [H, W, 3]; what lies outside is cut off.

    Args:
      canvas: is changed.
      text: one line.
      left: px of its left end.
      middle: px of the row that it is centred on.
      size_px: its size.
      color: (r, g, b).

    Returns:
      px of its right end.
    """
    ink = render_text(text, size_px)
    top = middle - ink.shape[0] // 2
    rows = slice(max(top, 0), min(top + ink.shape[0], canvas.shape[0]))
    columns = slice(max(left, 0), min(left + ink.shape[1], canvas.shape[1]))
    if rows.start < rows.stop and columns.start < columns.stop:
        part = canvas[rows, columns]
        seen = ink[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        alpha = cv2.merge([seen, seen, seen])
        inked = cv2.multiply(np.full_like(part, color), alpha, scale=1 / 255)
        part[:] = cv2.add(inked, cv2.multiply(part, 255 - alpha, scale=1 / 255))
    return left + ink.shape[1]


@functools.lru_cache(maxsize=32)
def _font(size_px):
    path = os.path.join(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(path, size_px)
