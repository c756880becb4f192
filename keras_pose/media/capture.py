"""Frames of a camera or a stream as they arrive, the newest first: what comes while the reader works is dropped.

A thread decodes every frame, because most are coded on top of the one before, and keeps only the newest. So the reader
never falls behind, however slow it is. A stream of the network that breaks off is opened again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from keras_pose.media import live_sources
from keras_pose.media.live_devices import SOURCE_ERRORS, format_reason, open_device
from keras_pose.media.orientation import turn_upright
from keras_pose.media.pixels import PixelConverter, frame_orientation

_PAUSE_S = 0.5  # between two attempts to connect
_END_S = 2.0  # how long `close` waits for the thread, which may wait for the network
_DRIFT_S = 5.0  # by which the times of a source may differ from the clock before they count as new ones


class LiveFrame(NamedTuple):
    """A frame of a live source.

    Attributes:
      number: its number in the source, from 0; numbers of dropped frames are missing.
      time_s: its time in s from the first frame, as the source states it, otherwise by the clock.
      frame: uint8 RGB [H, W, 3], upright.
      captured_s: when it was decoded, by `time.monotonic`.
    """

    number: int
    time_s: float
    frame: np.ndarray
    captured_s: float


class LiveFrames:
    """Iterates over the frames of a camera or a stream (`LiveFrame`), the newest first. Close it at the end.

    Args:
      source: a text for which `live_sources.is_live` holds. A "file:///…" address is played at its own rate.
      patience_s: how long to wait for the first frame, and to try to connect again after a stream broke off.
      report: function that is called with a line of text when a stream breaks off.

    Attributes:
      received: frames that came.
      dropped: frames that no reader got, because newer ones came.
      end_reason: why there are no more frames; empty until then.

    Raises:
      ValueError: if no frame comes; the message names the source and the reason.
    """

    def __init__(self, source: str, patience_s: float = 10.0, report: Callable[[str], Any] | None = None) -> None:
        self._source = source
        self._name = live_sources.describe(source)
        self._patience_s = patience_s
        self._report = report or (lambda line: None)
        self._changed = threading.Condition()
        self._newest: tuple[int, float, Any, float] | None = None
        self._converter = PixelConverter()
        self._closed = False
        self._clock: _Clock = _Clock()
        self.received = 0
        self.dropped = 0
        self.end_reason = ""
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self.received or self.end_reason, patience_s + _END_S)
        if not self.received:
            reason = self.end_reason or f"no frame came in {patience_s:g} s"
            self.close()
            raise ValueError(f"{self._name}: expected a camera or a stream of video, but {reason}")

    @property
    def ended(self) -> bool:
        """Whether the source has ended and its last frame was taken."""
        with self._changed:
            return bool(self.end_reason) and self._newest is None

    def take(self, timeout_s: float | None = None) -> LiveFrame | None:
        """Waits for a frame that was not taken yet, and returns the newest; None: none came in time, or no more come.

        Args:
          timeout_s: how long to wait at most; None: until a frame comes or the source ends.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self.end_reason, timeout_s)
            newest = self._newest
            self._newest = None
        if newest is None:
            return None
        number, time_s, stored, captured_s = newest
        return LiveFrame(number, time_s, self._to_rgb(stored), captured_s)

    def __iter__(self) -> Iterator[LiveFrame]:
        """Yields frames until the source ends."""
        while not self.ended:
            frame = self.take()
            if frame is not None:
                yield frame

    def close(self) -> None:
        """Ends the capture."""
        with self._changed:
            self._closed = True
            self._newest = None
            self.end_reason = self.end_reason or "it was closed"
            self._changed.notify_all()
        self._thread.join(_END_S)

    def __enter__(self) -> LiveFrames:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _to_rgb(self, stored):
        if isinstance(stored, np.ndarray):
            return stored
        return turn_upright(self._converter.to_rgb(stored), frame_orientation(stored))

    def _run(self):
        end_reason = ""
        last_s = time.monotonic()  # when a frame came last
        while not self._closed:
            before = self.received
            try:
                self._read_all()
                reason = "it ended"
            except SOURCE_ERRORS as error:
                reason = format_reason(error)
            if self.received > before or not self.received:  # not the reason why it cannot be opened again
                end_reason = reason
            if self.received > before:
                last_s = time.monotonic()
                if self._may_come_back() and not self._closed:
                    self._report(f"{self._name}: the stream broke off ({reason}); connecting again")
            self._clock.restart()
            if not self._may_come_back() or time.monotonic() - last_s > self._patience_s:
                break
            time.sleep(_PAUSE_S)
        with self._changed:
            self.end_reason = self.end_reason or end_reason
            self._changed.notify_all()

    def _may_come_back(self):
        address = live_sources.is_address(self._source) and not self._source.lower().startswith("file:")
        return address and self.received > 0

    def _read_all(self):
        device = open_device(self._source, self._patience_s)
        try:
            for stored, stated_s in device:
                if self._closed:
                    return
                now_s = time.monotonic()
                time_s = self._clock.time_s(stated_s, now_s)
                with self._changed:
                    self.dropped += self._newest is not None
                    self._newest = (self.received, time_s, stored, now_s)
                    self.received += 1
                    self._changed.notify_all()
        finally:
            device.close()


class _Clock:
    """Times in s from the first frame, by what the source states as long as it goes with the clock."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._offset_s: float | None = None  # from stated times to those of the stream

    def restart(self) -> None:
        """The source was opened again, and states other times."""
        self._offset_s = None

    def time_s(self, stated_s: float | None, now_s: float) -> float:
        """The time of a frame."""
        if self._began_s is None:
            self._began_s = now_s
        passed_s = now_s - self._began_s
        if stated_s is None:
            return passed_s
        if self._offset_s is None or abs(stated_s + self._offset_s - passed_s) > _DRIFT_S:
            self._offset_s = passed_s - stated_s
        return stated_s + self._offset_s
