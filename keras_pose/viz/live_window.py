"""A window that shows live frames, where there is a display, and the picture that it shows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType

import cv2
import numpy as np

from keras_pose.skeleton import Skeleton
from keras_pose.viz import skeletons

_KEYS_TO_END = (ord("q"), ord("Q"), 27)  # 27: Esc
_SIDE_PX = 640  # smaller frames are enlarged to this longer side
_MOST_PX = 1280  # larger ones are reduced to this
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


def draw_live(
    frame: np.ndarray,
    people: Iterable[tuple[np.ndarray, tuple[float, float, float, float] | None]],
    skeleton: Skeleton,
    text: str = "",
) -> np.ndarray:
    """Draws the people of a live frame, the regions that the net looked at, and a line of text.

    Args:
      frame: uint8 [H, W, 3], RGB, is not changed.
      people: (joints float [J, 2] in px of the frame, region (left, top, width, height) or None) of each person.
      skeleton: `Skeleton` of the joints.
      text: shown at the top left, in ASCII.

    Returns:
      uint8 [H', W', 3], RGB; its longer side has 640 to 1280 px.
    """
    longer = max(frame.shape[:2])
    picture, scale = skeletons.enlarge(frame, int(np.clip(longer, _SIDE_PX, _MOST_PX)))
    for joints, region in people:
        if region is not None:
            left, top, width, height = region
            corners = np.array([(left, top), (left + width, top + height)]) * scale
            start, end = (tuple(int(v) for v in np.clip(corner, -30000, 30000)) for corner in corners)
            cv2.rectangle(picture, start, end, (255, 255, 255), 1, cv2.LINE_AA)
        picture = skeletons.draw_skeleton(picture, skeletons.scale_points(joints, scale), skeleton, stroke=0.6)
    if text:
        for color, width in (((20, 20, 20), 4), ((255, 255, 255), 1)):
            cv2.putText(picture, text, (10, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.55, color, width, cv2.LINE_AA)
    return picture


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
