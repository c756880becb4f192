"""Pictures as arrays: grids with captions, figures rendered without a display, PNG files that are whole or absent."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import warnings
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from keras_pose import files

INK = "#1c2430"
FAINT = "#5b6675"
FRAME = "#9aa4b2"
_GRID = "#d9dee5"
_DPI = 100
_LEAST_CELL_PX = 200  # room for captions
_LEAST_WIDTH_PX = 480  # room for the note
_GAP_PX = 16
_LINE_PX = 18
_TITLE_PX = 60


@contextlib.contextmanager
def _without_glyph_warnings() -> Iterator[None]:
    """Ignores that the font lacks letters of a name, such as Chinese ones: boxes are drawn for them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+|Matplotlib currently does not support", UserWarning)
        yield


@dataclasses.dataclass(frozen=True)
class Tile:
    """A picture, uint8 RGB [H, W, 3], and the lines of text under it, the first in bold."""

    picture: np.ndarray
    caption: tuple[str, ...] = ()


@_without_glyph_warnings()
def draw_grid(tiles: Sequence[Tile], columns: int, title: str = "", note: str = "") -> np.ndarray:
    """Lays pictures out in rows, pixel for pixel, with captions under them.

    Args:
      tiles: list of `Tile`, at least one.
      columns: int, pictures in a row.
      title: str over the grid; "": none.
      note: str under the title, smaller.

    Returns:
      uint8 [H, W, 3]. Text too wide for its picture is shortened in the middle.

    Raises:
      ValueError: for no pictures.
    """
    if not tiles:
        raise ValueError("expected at least one picture for a grid, received none")
    # Find the size of each row, of its captions and of the whole.
    columns = min(columns, len(tiles))
    cell_w = max(_LEAST_CELL_PX, *(tile.picture.shape[1] for tile in tiles))
    rows = [tiles[i : i + columns] for i in range(0, len(tiles), columns)]
    heights = [max(t.picture.shape[0] for t in row) for row in rows]
    texts = [_LINE_PX * max(len(t.caption) for t in row) + 8 for row in rows]
    head = _TITLE_PX if title else _GAP_PX
    width = max(_GAP_PX + columns * (cell_w + _GAP_PX), _LEAST_WIDTH_PX if title and note else 0)
    height = head + sum(heights) + sum(texts) + _GAP_PX * len(rows)

    # Pictures go onto the canvas, texts into a figure of its size that is laid over it at the end.
    canvas = np.full((height, width, 3), 255, np.uint8)
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="none")
    FigureCanvasAgg(figure)
    if title:
        _write(figure, title, _GAP_PX, 28, width, height, 13, INK, "bold")
        _write(figure, note, _GAP_PX, 48, width, height, 9, FAINT)
    top = head
    for row, row_height, text_height in zip(rows, heights, texts):
        for column, tile in enumerate(row):
            left = _GAP_PX + column * (cell_w + _GAP_PX)
            h, w = tile.picture.shape[:2]
            canvas[top : top + h, left : left + w] = tile.picture
            for i, line in enumerate(tile.caption):
                baseline = top + row_height + _LINE_PX * (i + 1) - 1
                style = (10, INK, "bold") if i == 0 else (9, FAINT)
                _write(figure, line, left, baseline, left + cell_w, height, *style)
        top += row_height + text_height + _GAP_PX
    return _lay_over(canvas, figure)


def style_axis(axis: Axes) -> None:
    """Gives a matplotlib axis a light grid behind the data, lines only at the left and the bottom, no ticks."""
    axis.grid(color=_GRID, lw=0.8)
    style_frame(axis)
    for side, spine in axis.spines.items():
        spine.set_visible(side in ("left", "bottom"))


def style_frame(axis: Axes) -> None:
    """Gives a matplotlib axis a light frame, labels in ink and no ticks."""
    axis.set_axisbelow(True)
    axis.tick_params(colors=INK, labelsize=9, length=0)
    for spine in axis.spines.values():
        spine.set_color(FRAME)


@_without_glyph_warnings()
def render(figure: Figure) -> np.ndarray:
    """Renders a matplotlib `Figure` to uint8 RGB [H, W, 3], without a display or global state."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def encode_png(picture: np.ndarray) -> bytes:
    """Encodes uint8 RGB [H, W, 3] as PNG."""
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()


def save_png(path: str | os.PathLike, picture: np.ndarray) -> None:
    """Writes uint8 RGB [H, W, 3] as PNG, whole or not at all."""
    with files.replace_atomically(path) as temporary, open(temporary, "wb") as file:
        file.write(encode_png(picture))


def _write(figure, text, left, baseline, right, height, size, color, weight="normal"):
    """Puts text at px (left, baseline from the top), shortened in the middle until it ends before `right`."""
    width = figure.get_figwidth() * _DPI
    # A clip's name may hold dollar signs, which would start a formula.
    options = {"fontsize": size, "color": color, "fontweight": weight, "va": "baseline", "parse_math": False}
    artist = figure.text(left / width, 1 - baseline / height, text, **options)
    renderer = figure.canvas.get_renderer()
    keep = len(text)
    while keep > 3 and left + artist.get_window_extent(renderer).width > right:
        keep -= 1
        artist.set_text(text[: (keep + 1) // 2] + "…" + text[len(text) - keep // 2 :])


def _lay_over(canvas, figure):
    """Blends a figure with a transparent background onto uint8 [H, W, 3] of its size."""
    figure.canvas.draw()
    layer = np.asarray(figure.canvas.buffer_rgba())[: canvas.shape[0], : canvas.shape[1]].astype(np.float32)
    # A figure's size in inches may round to one px less than requested.
    below = canvas[: layer.shape[0], : layer.shape[1]].astype(np.float32)
    alpha = layer[..., 3:] / 255.0
    canvas[: layer.shape[0], : layer.shape[1]] = np.round(layer[..., :3] * alpha + below * (1 - alpha))
    return canvas
