"""Latency and rate of live poses."""

from __future__ import annotations

import array
import collections

import numpy as np

_RECENT = 60  # frames that the shown figures are of


class LiveMeter:
    """Collects when frames were captured and shown. The first frame traces graphs and does not count."""

    def __init__(self) -> None:
        self._latencies_s = array.array("f")
        self._recent: collections.deque[tuple[float, float]] = collections.deque(maxlen=_RECENT)  # shown, latency
        self._began_s: float | None = None
        self._ended_s = 0.0

    def add(self, captured_s: float, shown_s: float) -> None:
        """Notes a frame; both times by one clock, in s."""
        if self._began_s is not None:
            self._latencies_s.append(shown_s - captured_s)
            self._recent.append((shown_s, shown_s - captured_s))
        else:
            self._began_s = shown_s
        self._ended_s = shown_s

    def latency_ms(self) -> tuple[float, float]:
        """Returns (median, 95 % of the frames are below) of the time from capture to drawing, all frames; or NaN."""
        return _percentiles_ms(self._latencies_s)

    def rate(self) -> float:
        """Returns frames per second over all frames; NaN before the second."""
        return _ratio(len(self._latencies_s), self._ended_s - (self._began_s or 0.0))

    def text(self) -> str:
        """Returns the figures of the last frames, "24 frames/s, latency 31 ms (95 %: 40 ms)"; "" before the third."""
        if len(self._recent) < 2:
            return ""
        rate = _ratio(len(self._recent) - 1, self._recent[-1][0] - self._recent[0][0])
        median, high = _percentiles_ms([latency for _, latency in self._recent])
        return f"{rate:.0f} frames/s, latency {median:.0f} ms (95 %: {high:.0f} ms)"


def _percentiles_ms(seconds):
    if not len(seconds):
        return float("nan"), float("nan")
    median, high = np.percentile(np.asarray(seconds, np.float64), (50, 95)) * 1e3
    return float(median), float(high)


def _ratio(count, seconds):
    return count / seconds if count and seconds > 0 else float("nan")
