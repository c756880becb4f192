"""One frame of a labelled video: people, their trails and names, heatmaps; of several runs beside each other.

How it looks: `label_style.py`; where things stand: `frame_layout.py`. A window that shows live video uses it, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from keras_pose import geometry
from keras_pose.viz import heatmap_overlay, pose_drawing, pose_marks, skeletons, text
from keras_pose.viz.frame_layout import FrameLayout
from keras_pose.viz.heatmap_overlay import Overlay
from keras_pose.viz.label_style import FramePeople, Run, Style

_GREY = (58, 62, 70)  # a frame that could not be decoded


class FrameLabeller:
    """Draws labelled frames of one size.

    ```python
    labeller = FrameLabeller((480, 640), [Run("mine", skeleton)])
    picture = labeller.draw(frame, [FramePeople(joints[None], confidences[None])], number=12, time_s=0.48)
    ```

    Args:
      size_hw: (height, width) in px of the frames that are given.
      runs: whose people are drawn, in this order.
      style: `Style`; None: the usual one.

    Attributes:
      size_hw: (height, width) in px of the labelled frames.

    Raises:
      ValueError: for no runs.
    """

    def __init__(self, size_hw: tuple[int, int], runs: Sequence[Run], style: Style | None = None) -> None:
        self._frame_size_hw = tuple(size_hw)
        self._runs = tuple(runs)
        self._style = style or Style()
        self._layout = FrameLayout(size_hw, self._runs, self._style)
        self._blank = self._layout.draw_blank()
        self.size_hw = self._layout.size_hw

    def draw(
        self, frame: np.ndarray | None, people: Sequence[FramePeople | None], number: int, time_s: float = math.nan
    ) -> np.ndarray:
        """Returns uint8 [H', W', 3] of `size_hw`: the labelled frame.

        Args:
          frame: uint8 RGB [H, W, 3], is not changed; None: it could not be decoded.
          people: of each run, in px of the frame; None: this run did not predict the frame.
          number: of the frame in its video, from 0.
          time_s: when it is shown, in s from the start of the video; NaN: unknown.

        Raises:
          ValueError: for a frame of another size, people of another skeleton, or of another number of runs.
        """
        if frame is not None and tuple(frame.shape[:2]) != self._frame_size_hw:
            raise ValueError(f"frame {number}: expected size {self._frame_size_hw}, received {frame.shape[:2]}")
        if len(people) != len(self._runs):
            raise ValueError(f"frame {number}: expected people of {len(self._runs)} runs, received {len(people)}")
        canvas = self._blank.copy()
        resized = None if frame is None else self._resize(frame)
        for place, run_people in enumerate(people):
            panel = self._layout.panel(canvas, place)
            if frame is None:
                panel[:] = _GREY
                self._put_banner(panel, f"frame {number} not decoded")
                continue
            panel[:] = resized
            if self._style.overlay is not None:
                self._lay_over(panel, self._style.overlay(frame, place), self._runs[place])
            if run_people is None:
                self._put_banner(panel, f"frame {number} not predicted")
            else:
                self._draw_people(panel, run_people, self._runs[place])
        self._layout.put_caption(canvas, number, time_s)
        return canvas

    def _draw_people(self, panel, people, run):
        style = self._style
        joints = skeletons.scale_points(people.joints, self._layout.scale)
        if style.least_confidence > 0 and people.confidences is not None:
            joints[np.asarray(people.confidences) < style.least_confidence] = np.nan
        if people.older is not None and style.trail_frames:
            older = skeletons.scale_points(people.older[-style.trail_frames :], self._layout.scale)
            pose_drawing.draw_trails(panel, np.concatenate([older, joints[None]]), run.skeleton, style.stroke)
        if len(run.people) > 1:
            self._name_people(panel, joints, run)  # below the joints of the others
        confidences = people.confidences if style.fade else None
        pose_drawing.draw_people(panel, joints, run.skeleton, confidences, people.ambiguous, style.stroke)

    def _name_people(self, panel, joints, run):
        size = self._layout.text_px
        for person, (name, points) in enumerate(zip(run.people, joints)):
            known = points[np.isfinite(points).all(-1)]
            if len(known):
                left, top = known[known[:, 1].argmin()]
                color = pose_marks.choose_marks(run.skeleton, person, len(joints)).colors[0]
                left, middle = round(left) - size, round(top - 1.4 * size)
                text.put_text(panel, name, left + 1, middle + 1, size, text.PAPER)  # a shadow
                text.put_text(panel, name, left, middle, size, color)

    def _lay_over(self, panel, overlay, run):
        if overlay is not None:
            to_panel = geometry.scaling(self._layout.scale) @ np.asarray(overlay.to_frame, np.float64)
            colors = pose_marks.choose_marks(run.skeleton).colors
            heatmap_overlay.lay_over(panel, Overlay(overlay.maps, to_panel), colors)

    def _resize(self, frame):
        if frame.shape[:2] == self._layout.panel_hw:
            return frame
        kind = cv2.INTER_AREA if self._layout.scale < 1 else cv2.INTER_LINEAR
        return cv2.resize(frame, self._layout.panel_hw[::-1], interpolation=kind)

    def _put_banner(self, panel, words):
        height, width = panel.shape[:2]
        size = round(1.3 * self._layout.text_px)
        words = text.fit_text(words, size, width)
        ink_width = text.render_text(words, size).shape[1]
        middle = height // 2
        panel[max(0, middle - size) : middle + size] = text.PAPER
        text.put_text(panel, words, (width - ink_width) // 2, middle, size)
