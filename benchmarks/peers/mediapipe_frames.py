"""MediaPipe Pose on frames that another process sends, run by an interpreter of its own (see `mediapipe_pose`).

Reads lines {"frames": <.npy file, uint8 [N, H, W, 3], RGB>, "new": whether a clip begins} from the standard input, and
answers each with {"points": [N][33][x, y in px of the frame, from the centre of the top left pixel], "ms": [N]}. A frame
without a pose has null instead of its points. As its guide does for video, `Pose.process` gets one frame after the
other and follows the person; each clip begins with a new `Pose`. Imports nothing of this project.
"""

import json
import sys
import time

import mediapipe
import numpy as np


def find_pose(pose, frame):
    """Returns [33][x, y] in px, or None, and the time in ms."""
    began = time.perf_counter()
    result = pose.process(frame)
    taken = 1e3 * (time.perf_counter() - began)
    if result.pose_landmarks is None:
        return None, taken
    height, width = frame.shape[:2]
    # Landmarks are parts of the width and height, from the outer edge of the first pixel.
    return [[mark.x * width - 0.5, mark.y * height - 0.5] for mark in result.pose_landmarks.landmark], taken


def main():
    """Answers requests until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # the library prints
    pose = None
    for line in sys.stdin:
        request = json.loads(line)
        frames = np.load(request["frames"])
        if request["new"] or pose is None:
            if pose is not None:
                pose.close()
            pose = mediapipe.solutions.pose.Pose(model_complexity=1)
        found = [find_pose(pose, np.ascontiguousarray(frame)) for frame in frames]
        answer = {"points": [points for points, _ in found], "ms": [ms for _, ms in found]}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
