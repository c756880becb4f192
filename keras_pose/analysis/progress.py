"""How far a video is: one line with the rates of decoding, net and flow apart, and the time left; then of drawing."""

from __future__ import annotations

import os
from typing import Any

from keras_pose import console
from keras_pose.analysis.settings import Settings
from keras_pose.analysis.video_analysis import State
from keras_pose.media.container import open_container


class VideoProgress:
    """Shows the progress of one video.

    Args:
      path: path of the video.
      settings: of the analysis.
      line: where to show it.
    """

    def __init__(self, path: str, settings: Settings, line: console.LiveLine | None = None) -> None:
        self._name = os.path.basename(path)
        self._line = line or console.LiveLine()
        stated = _stated_frames(path)
        end = min(settings.end, stated) if settings.end and stated else settings.end or stated
        self._total = max(0, end - settings.start)  # 0: unknown
        self._state: State | None = None

    def update(self, state: State) -> None:
        """Takes the state of the analysis."""
        self._state = state
        self._line.update(self.text)

    def text(self) -> str:
        """Returns the text for this moment."""
        state = self._state
        if state is None or not state.seconds:
            return self._name
        rate = state.new / state.seconds
        total = f"/{self._total}" if self._total >= state.done else ""
        text = f"{self._name}: {state.done}{total} frames  {console.format_rate(rate, 'frames')}"
        if total:
            text += f"  {console.format_time((self._total - state.done) / rate)} left"
        rates = ", ".join(f"{name} {value:.0f}/s" for name, value in self.rates().items() if name != "frames")
        return f"{text}  ({rates})"

    def rates(self) -> dict[str, Any]:
        """Returns frames a second: of all, and of each stage by the time in which it works."""
        state = self._state
        if state is None:
            return {}
        stages = {"frames": state.seconds, "decode": state.decode_s, "net": state.net_s}
        stages["flow" if state.has_flow else "joints"] = state.flow_s
        return {name: round(state.new / seconds, 1) for name, seconds in stages.items() if seconds > 0}

    def close(self) -> None:
        """Removes the line from the terminal."""
        self._line.clear()


class DrawingProgress:
    """Shows how far the labelled video of a video is: frames, rate and time left.

    Args:
      path: path of the video.
      line: where to show it.
    """

    def __init__(self, path: str, line: console.LiveLine | None = None) -> None:
        self._name = os.path.basename(path)
        self._line = line
        self._meter: console.Meter | None = None
        self._done = 0

    def update(self, done: int, total: int) -> None:
        """Takes how many frames are drawn; the first call begins behind those that were drawn before."""
        if self._meter is None:
            self._meter = console.Meter(f"{self._name}: drawing", total, "frames", self._line)
        self._meter.advance(done - self._done)
        self._done = done

    def text(self) -> str:
        """Returns the text for this moment."""
        return "" if self._meter is None else self._meter.text()

    def close(self) -> None:
        """Removes the line from the terminal."""
        if self._meter is not None:
            self._meter.close()


def _stated_frames(path):
    """The number of frames that the container states or suggests; 0 if none."""
    try:
        container, stream = open_container(path)
    except ValueError:  # the analysis says what is wrong
        return 0
    with container:
        if stream.frames:
            return int(stream.frames)
        rate = stream.guessed_rate or stream.average_rate
        if container.duration and rate:
            return int(container.duration / 1e6 * float(rate))
        return 0
