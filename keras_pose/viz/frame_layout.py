"""Where things stand in a labelled frame: panels beside each other, names above them, a line of text below.

The line below tells the time in the video, the number of the frame and what the marks mean. If there are several runs,
each has its own copy of the frame, a panel, with its name above. Small frames are enlarged and large ones reduced, so
that strokes can be seen and every player keeps up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from keras_pose.viz import pose_drawing, pose_marks, text
from keras_pose.viz.label_style import Run, Style

_MOST_COLUMNS = 3
_GAP_PX = 2
_LEAST_TEXT_PX = 11
_TEXT_SHARE = 42  # longer side of a panel in sizes of the text

_Mark = Callable[[np.ndarray, np.ndarray, float], None]


class FrameLayout:
    """The places of one kind of labelled frames.

    Args:
      size_hw: (height, width) in px of the frames.
      runs: whose people are drawn, a panel for each.
      style: `Style`.

    Attributes:
      size_hw: (height, width) in px of the labelled frames.
      panel_hw: (height, width) in px of a panel.
      scale: px of a panel per px of the frame.
      text_px: size of the text.

    Raises:
      ValueError: for no runs.
    """

    def __init__(self, size_hw: tuple[int, int], runs: Sequence[Run], style: Style) -> None:
        if not runs:
            raise ValueError("expected at least one run to draw, received none")
        self._runs = tuple(runs)
        self._style = style
        self._columns = len(runs) if len(runs) <= _MOST_COLUMNS else math.ceil(math.sqrt(len(runs)))
        rows = math.ceil(len(runs) / self._columns)
        most = style.most_side_px / max(self._columns * size_hw[1], rows * size_hw[0])
        self.scale = min(max(1.0, style.least_side_px / max(size_hw)), most)
        height, width = (max(1, round(side * self.scale)) for side in size_hw)
        self.panel_hw = (height, width)
        self.text_px = max(_LEAST_TEXT_PX, round(max(height, width) / _TEXT_SHARE))
        line_px = round(1.9 * self.text_px)
        self._head_px = line_px if len(runs) > 1 else 0
        self._foot_px = line_px if style.caption else 0
        self.size_hw = (
            rows * (height + self._head_px + _GAP_PX) - _GAP_PX + self._foot_px,
            self._columns * (width + _GAP_PX) - _GAP_PX,
        )

    def panel(self, canvas: np.ndarray, place: int) -> np.ndarray:
        """Returns the part of a labelled frame, uint8 [*size_hw, 3], where the run at this place is drawn."""
        left, top = self._corner(place)
        return canvas[top : top + self.panel_hw[0], left : left + self.panel_hw[1]]

    def draw_blank(self) -> np.ndarray:
        """Returns uint8 [*size_hw, 3], what all frames share: paper, the names of the runs, the legend."""
        canvas = np.full((*self.size_hw, 3), text.PAPER, np.uint8)
        if self._head_px:
            for place, run in enumerate(self._runs):
                left, top = self._corner(place)
                name = text.fit_text(run.name, self.text_px, self.panel_hw[1] - self.text_px)
                text.put_text(canvas, name, left + self.text_px // 2, top - self._head_px // 2, self.text_px)
        if self._foot_px:
            self._put_legend(canvas)
        return canvas

    def put_caption(self, canvas: np.ndarray, number: int, time_s: float) -> None:
        """Writes the time and the number of a frame below, if the style has a line for them."""
        if self._foot_px:
            middle = canvas.shape[0] - self._foot_px // 2
            text.put_text(canvas, format_caption(number, time_s), self.text_px // 2, middle, self.text_px)

    def _corner(self, place):
        row, column = divmod(place, self._columns)
        top = row * (self.panel_hw[0] + self._head_px + _GAP_PX) + self._head_px
        return column * (self.panel_hw[1] + _GAP_PX), top

    def _put_legend(self, canvas):
        """Says on the right of the last line what marks mean, as many of them as there is room for."""
        size = self.text_px
        middle = canvas.shape[0] - self._foot_px // 2
        room = canvas.shape[1] - 15 * size  # the rest is for time and number
        entries = []
        for words, mark in _legend(self._runs, self._style):
            room -= text.render_text(words, size).shape[1] + round(2.3 * size)
            if room < 0:
                break
            entries.append((words, mark))
        right = canvas.shape[1] - size // 2
        for words, mark in reversed(entries):
            left = right - text.render_text(words, size).shape[1]
            text.put_text(canvas, words, left, middle, size)
            mark(canvas, np.array([left - 0.8 * size, middle - 0.5]), size / 9)
            right = left - round(2.3 * size)


def format_caption(number: int, time_s: float) -> str:
    """Returns "1:02:03.45 · frame 1234", or the number alone if the time is NaN."""
    if not math.isfinite(time_s):
        return f"frame {number}"
    minutes, hundredths = divmod(round(time_s * 100), 6000)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{clock}:{hundredths / 100:05.2f} · frame {number}"


def _legend(runs, style) -> list[tuple[str, _Mark]]:
    """(words, function that draws the mark) of what can occur, the most important first."""
    entries = []
    if any(run.skeleton.flip_pairs for run in runs):
        several = any(len(run.people) > 1 for run in runs)  # then colours do not tell sides
        for words, color, shape in (
            ("left", pose_marks.LEFT_COLOR, pose_marks.DISC),
            ("right", pose_marks.RIGHT_COLOR, pose_marks.SQUARE),
        ):
            entries.append((words, _joint_painter(pose_marks.MIDDLE_COLOR if several else color, shape, 1.0)))
    if style.fade:
        entries.append(("uncertain", _joint_painter(pose_marks.MIDDLE_COLOR, pose_marks.DISC, 0.35)))
    entries.append(("ambiguous", lambda canvas, point, unit: pose_drawing.draw_dashed_ring(canvas, point, 0.7 * unit)))
    return entries


def _joint_painter(color, shape, strength):
    def paint(canvas, point, unit):
        pose_drawing.draw_joint(canvas, point, color, shape, unit, strength)

    return paint
