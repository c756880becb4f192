"""A window that shows live frames, where there is a display."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType

import cv2
import numpy as np

_KEYS_TO_END = (ord("q"), ord("Q"), 27)  # 27: Esc
# Qt ends the whole process if it cannot connect to a display, so another process tries.
_PROBE = "import cv2; cv2.namedWindow('probe'); cv2.waitKey(1); cv2.destroyAllWindows()"
_PROBE_S = 30.0


def why_no_window() -> str:
    """Returns why this machine cannot show a window; "" if it can. Takes about a second."""
    if "headless" in _build_of_opencv():
        return "OpenCV was installed without windows (opencv-python-headless)"
    try:
        probe = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, timeout=_PROBE_S, check=False)
    except subprocess.TimeoutExpired:
        return f"a test window did not open in {_PROBE_S:g} s"
    return "there is no display" if probe.returncode else ""


def _build_of_opencv():
    for line in cv2.getBuildInformation().splitlines():
        if line.strip().startswith("GUI:"):
            return "headless" if "NONE" in line else "with windows"
    return "unknown"


class LiveWindow:
    """A window. Open it only where `why_no_window` finds no reason against it.

    Args:
      title: its title, in ASCII.

    Attributes:
      is_open: False after q, Esc, or the button that closes it.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self.is_open = True
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
        self._sized = False

    def show(self, picture: np.ndarray) -> None:
        """Shows a picture, uint8 [H, W, 3], RGB, and looks at the keys."""
        if not self._sized:
            cv2.resizeWindow(self._title, picture.shape[1], picture.shape[0])
            self._sized = True
        cv2.imshow(self._title, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        self.poll()

    def poll(self) -> None:
        """Looks at the keys and the button."""
        key = cv2.waitKey(1) & 0xFF
        if key in _KEYS_TO_END or not self._is_visible():
            self.is_open = False

    def close(self) -> None:
        """Closes the window."""
        self.is_open = False
        cv2.destroyAllWindows()
        cv2.waitKey(1)

    def __enter__(self) -> LiveWindow:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_visible(self):
        try:
            return cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error:  # Qt, if there is no window at all
            return False
