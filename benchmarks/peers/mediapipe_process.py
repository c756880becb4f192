"""Asks a process with MediaPipe Pose (`mediapipe_frames`) for the joints of frames."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator

import numpy as np

# Places of the joints among MediaPipe's 33 landmarks.
LANDMARKS = {
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
}
_PROGRAM = os.path.join(os.path.dirname(__file__), "mediapipe_frames.py")


class MediaPipePose:
    """MediaPipe Pose in a process of its own.

    Args:
      process: the process, with pipes for its standard input and output.
      folder: folder for the frames.
    """

    def __init__(self, process: subprocess.Popen[str], folder: str) -> None:
        self._process = process
        self._file = os.path.join(folder, "frames.npy")

    def predict(self, frames: np.ndarray) -> np.ndarray:
        """Finds the joints of the frames of a clip; the person is followed from frame to frame.

        Args:
          frames: uint8 [N, H, W, 3], RGB.

        Returns:
          float32 [N, J, 2], px of the frame, in the order of `LANDMARKS`; NaN for a frame without a pose.
        """
        missing = np.full((len(LANDMARKS), 2), np.nan)
        rows = [
            missing if points is None else np.asarray(points)[list(LANDMARKS.values())]
            for points in self._ask(frames, new=True)["points"]
        ]
        return np.stack(rows).astype(np.float32)

    def time_frame(self, frames: np.ndarray) -> float:
        """Returns the milliseconds for the next frame of the same clip, uint8 [1, H, W, 3]."""
        return self._ask(frames, new=False)["ms"][0]

    def _ask(self, frames, new):
        np.save(self._file, frames)
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"frames": self._file, "new": new}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise ValueError(f"MediaPipe Pose ended with status {self._process.wait()}; its messages stand above")
        return json.loads(answer)


@contextlib.contextmanager
def open_mediapipe(python: str) -> Iterator[MediaPipePose]:
    """Starts an interpreter that has MediaPipe, and ends it with the block."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with tempfile.TemporaryDirectory() as folder:
        with subprocess.Popen([python, _PROGRAM], text=True, **pipes) as process:  # type: ignore[call-overload]
            yield MediaPipePose(process, folder)
            process.stdin.close()
