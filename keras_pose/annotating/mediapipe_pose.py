"""MediaPipe Pose as a teacher: the package `mediapipe`, which holds the net, in a process of its own.

The last release with the nets inside the package is 0.10.21, and it needs NumPy 1; so it may live in another
environment, whose Python does the work (`mediapipe_worker.py`).
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile

import numpy as np

from keras_pose.annotating import person_joints
from keras_pose.annotating.frame_teacher import FrameTeacher
from keras_pose.poses.video_poses import ModelFacts

_WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mediapipe_worker.py")
_SIDE_PX = 512  # the person detector of MediaPipe sees 224 px, the net of landmarks 256 px of a part of the frame
_SHOWN_CHARACTERS = 300
INSTALL = 'python -m venv mediapipe && mediapipe/bin/pip install "mediapipe<0.10.30"'


class MediaPipePose(FrameTeacher):
    """MediaPipe Pose, its "full" net, each frame by itself.

    Args:
      python: interpreter of an environment that has the package; empty: this one.
      follow: whether the frames are those of one video, in their order, and the person is followed: faster, but a pose
        depends on the frames before it.

    Raises:
      ValueError: if it has no such package; the message says how to install it.
    """

    def __init__(self, python: str = "", follow: bool = False) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads would fill up
        command = [python or sys.executable, _WORKER, *(["--follow"] if follow else [])]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, start_new_session=True
            )
        except OSError as error:
            raise ValueError(f"--teacher_python: expected a Python, received {python}: {error.strerror}") from error
        version = self._process.stdout.readline().decode().strip()  # type: ignore[union-attr]
        if not version:
            raise ValueError(f"--teacher=mediapipe: {command[0]} cannot run it ({self._last_error()}); {INSTALL}")
        facts = ModelFacts("mediapipe", version, f"mediapipe {version} full")
        super().__init__(person_joints.BLAZEPOSE, (_SIDE_PX, _SIDE_PX), facts)

    def predict_fitted(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `FrameTeacher.predict_fitted`; a person who is not seen has scores of 0."""
        image = np.ascontiguousarray(images[0])
        size = self.skeleton.num_joints * 3 * 4
        try:
            self._process.stdin.write(struct.pack("<II", *image.shape[:2]) + image.tobytes())  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            answer = self._process.stdout.read(size)  # type: ignore[union-attr]
        except OSError:
            answer = b""
        if len(answer) < size:
            raise ValueError(f"--teacher=mediapipe: its process has ended: {self._last_error()}")
        rows = np.frombuffer(answer, "<f4").reshape(1, -1, 3).astype(np.float32)
        points = rows[..., :2] * np.array(image.shape[1::-1], np.float32) - np.float32(0.5)
        return points, np.clip(rows[..., 2], 0, 1)

    def close(self) -> None:
        """Ends the process."""
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]
        self._errors.close()

    def _last_error(self):
        self._process.wait()
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1][-_SHOWN_CHARACTERS:] if lines else f"exit status {self._process.returncode}"
