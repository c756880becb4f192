"""MediaPipe Pose in a process of its own: frames come in, landmarks go out, until the input ends.

In: height and width, two little-endian uint32, and RGB of 0 to 255. Out: 33 rows of little-endian float32: x and y as
fractions of the frame, and visibility; zeros if nobody is seen. The first line of the output is the package's version.
Each frame is taken by itself (`static_image_mode`), so that an answer does not depend on the frames before it; with
`--follow`, the frames are those of one video and the person is followed. Imports nothing of this project: the packages
of MediaPipe may not fit beside TensorFlow.
"""

from __future__ import annotations

import os
import struct
import sys

_LANDMARKS = 33
_SIZES = struct.Struct("<II")


def main() -> None:
    """Answers frames until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the library prints must not stand among the answers
    import mediapipe
    import numpy as np

    alone = "--follow" not in sys.argv[1:]
    with mediapipe.solutions.pose.Pose(static_image_mode=alone, model_complexity=1) as pose:
        answers.write(f"{mediapipe.__version__}\n".encode())
        answers.flush()
        while True:
            header = sys.stdin.buffer.read(_SIZES.size)
            if len(header) < _SIZES.size:
                return
            height, width = _SIZES.unpack(header)
            pixels = sys.stdin.buffer.read(height * width * 3)
            found = pose.process(np.frombuffer(pixels, np.uint8).reshape(height, width, 3))
            rows = np.zeros((_LANDMARKS, 3), "<f4")
            if found.pose_landmarks is not None:
                rows[:] = [(each.x, each.y, each.visibility) for each in found.pose_landmarks.landmark]
            answers.write(rows.tobytes())
            answers.flush()


if __name__ == "__main__":
    main()
