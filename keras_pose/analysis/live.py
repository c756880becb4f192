"""Poses of a camera or a stream as it runs: shown in a window, or as a line each second if there is no display.

Every pose is of the newest frame, from it and the frames before it. Frames that come while the net works are dropped
and counted, so poses never fall behind.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import re
import time
from collections.abc import Callable
from typing import Any

from keras_pose import console, ending
from keras_pose.analysis.live_meter import LiveMeter
from keras_pose.analysis.live_people import LivePeople, Regions
from keras_pose.analysis.live_table import LiveTable
from keras_pose.inference.pose_model import PoseModel
from keras_pose.media import live_sources
from keras_pose.media.capture import LiveFrames
from keras_pose.pooling.reach import ASSUMED_RATE
from keras_pose.viz import live_window
from keras_pose.viz.live_picture import LivePerson, LivePicture
from keras_pose.words import count

_WAIT_S = 0.05  # for a frame, before the keys are looked at again
_LINE_S = 1.0  # between two lines without a window


@dataclasses.dataclass(frozen=True)
class LiveSettings:
    """How live poses are made and shown.

    Args:
      look_ahead: frames by which joints are moved on in the window, to hide latency; 0: none.
      out_dir: folder for the poses as a CSV, without the look-ahead; empty: they are not kept.
      window: whether to show a window if there is a display.
      most_frames: predicted frames after which to stop; 0: none.
      patience_s: how long to wait for the source in s, see `LiveFrames`.
      frame_rate: frames per second that windows are made for until the rate is measured.

    Raises:
      ValueError: if look_ahead is below 0.
    """

    look_ahead: int = 0
    out_dir: str = ""
    window: bool = True
    most_frames: int = 0
    patience_s: float = 10.0
    frame_rate: float = ASSUMED_RATE

    def __post_init__(self) -> None:
        if self.look_ahead < 0:
            raise ValueError(f"look_ahead: expected 0 frames or more, received {self.look_ahead}")


@dataclasses.dataclass(frozen=True)
class LiveSummary:
    """What a live run did.

    Args:
      predicted: frames that were predicted.
      dropped: frames that came while the net was busy.
      rate: predicted frames per second; NaN if unknown.
      latency_ms: (median, 95 % of the frames are below), from capture to drawing, in ms; NaN if unknown.
      table: path of the CSV; empty: none.
      end_reason: why it ended.
    """

    predicted: int
    dropped: int
    rate: float
    latency_ms: tuple[float, float]
    table: str
    end_reason: str

    def text(self) -> str:
        """Returns it as a line."""
        parts = [f"{count(self.predicted, 'frame')} predicted, {self.dropped} dropped"]
        if math.isfinite(self.rate):
            median, high = self.latency_ms
            parts.append(f"{self.rate:.1f} frames/s, latency {median:.0f} ms (95 %: {high:.0f} ms)")
        parts.append(f"ended: {self.end_reason}")
        return "; ".join(parts) + (f"; poses in {self.table}" if self.table else "")


def run_live(
    model: PoseModel,
    source: str,
    settings: LiveSettings | None = None,
    regions: Regions | None = None,
    show: Callable[[str], Any] = console.show,
) -> LiveSummary:
    """Predicts a live source until it ends, or the user ends it: q, Esc or the button of the window, or Ctrl-C.

    Args:
      model: what predicts.
      source: a text for which `live_sources.is_live` holds.
      settings: `LiveSettings`.
      regions: where to look, a region source of `keras_pose.tracking`; None: one person in the whole frame.
      show: function that shows a line of text.

    Raises:
      ValueError: if the source cannot be opened.
      OSError: if the CSV cannot be written.
    """
    settings = settings or LiveSettings()
    people = LivePeople(model, regions, settings.look_ahead, settings.frame_rate)
    reason = live_window.why_no_window() if settings.window else "it was not asked for"
    name = live_sources.describe(source)
    show(f"{name}: no window ({reason}); Ctrl-C ends it" if reason else f"{name}: q or Esc ends it")
    with contextlib.ExitStack() as stack:
        frames = stack.enter_context(LiveFrames(source, settings.patience_s, show))
        table = None
        if settings.out_dir:
            path = os.path.join(settings.out_dir, f"{_file_name(name)}.live.csv")
            table = stack.enter_context(LiveTable(path, model.skeleton))
        window = None if reason else stack.enter_context(live_window.LiveWindow("keras_pose"))
        run = _Run(model, people, settings, table, window, show)
        try:
            run.follow(frames)
        except KeyboardInterrupt:
            run.end_reason = ending.reason()
    table_path = table.path if table is not None else ""
    meter = run.meter
    summary = LiveSummary(run.predicted, frames.dropped, meter.rate(), meter.latency_ms(), table_path, run.end_reason)
    show(f"{name}: {summary.text()}")
    return summary


class _Run:
    """The state of a live run."""

    def __init__(self, model, people, settings, table, window, show):
        self._picture = LivePicture(model.facts.name, model.skeleton)
        self._people = people
        self._most_frames = settings.most_frames
        self._table = table
        self._window = window
        self._show = show
        self._shown_s = time.monotonic()
        self.meter = LiveMeter()
        self.predicted = 0
        self.end_reason = ""

    def follow(self, frames):
        """Predicts frames until there are no more, or the user ends it."""
        while not self.end_reason:
            live = frames.take(_WAIT_S)
            if live is not None:
                self._predict(live, frames)
            elif frames.ended:
                self.end_reason = frames.end_reason
            elif self._window is not None:
                self._window.poll()
            if self._window is not None and not self._window.is_open:
                self.end_reason = "the window was closed"
            if self._most_frames and self.predicted >= self._most_frames:
                self.end_reason = f"{self._most_frames} frames were asked for"

    def _predict(self, live, frames):
        rate = self._people.frame_rate
        poses = self._people.predict(live.number, live.frame, live.time_s)
        if self._people.frame_rate != rate:
            self._show(f"{live.time_s:.1f} s: windows are now made for {self._people.frame_rate:.1f} frames/s")
        if self._window is not None:
            drawn = {
                name: LivePerson(pose.ahead, pose.confidences, pose.ambiguous, pose.region)
                for name, pose in poses.items()
            }
            self._window.show(self._picture.draw(live.frame, drawn, live.number, live.time_s, self.meter.text()))
        now_s = time.monotonic()
        self.meter.add(live.captured_s, now_s)
        self.predicted += 1
        if self._table is not None:
            for name, pose in poses.items():
                self._table.add(live.number, live.time_s, name, pose.joints, pose.scores)
        if self._window is None and now_s - self._shown_s >= _LINE_S:
            self._shown_s = now_s
            self._show(f"{live.time_s:.1f} s: {self.meter.text()}, {count(frames.dropped, 'frame')} dropped")


def _file_name(name):
    """A file name made of the name of a source: "camera 0" gives camera_0."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", name).strip("_.") or "live"
