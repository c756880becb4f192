"""MediaPipe Pose on a video, run by an interpreter of its own: its packages do not fit beside TensorFlow 2.15.

    python3 -m venv mp && mp/bin/pip install "mediapipe<0.10.30"
    mp/bin/python benchmarks/peers/mediapipe_pose.py <video> [<repeats>]

The last release with the pose nets inside the wheel is 0.10.21; it holds the "full" net (model_complexity=1). As its
guide does for video, each frame is read with OpenCV and passed to `Pose.process`, which follows the person. Prints
JSON: seconds of each repeat, frames, and how many frames had a pose. Imports nothing of this project.
"""

import json
import sys
import time

import cv2
import mediapipe


def run(path):
    """Returns (seconds, frames, frames with a pose) of one pass over a video, decoding included."""
    with mediapipe.solutions.pose.Pose(model_complexity=1) as pose:
        video = cv2.VideoCapture(path)
        good, frame = video.read()
        pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))  # loads the graph
        frames = 0
        found = 0
        start = time.perf_counter()
        while good:
            result = pose.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
            frames += 1
            found += result.pose_landmarks is not None
            good, frame = video.read()
        return time.perf_counter() - start, frames, found


def main():
    """Prints the passes over a video as JSON."""
    path = sys.argv[1]
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    passes = [run(path) for _ in range(repeats)]
    print(json.dumps({"version": mediapipe.__version__, "passes": passes}))


if __name__ == "__main__":
    main()
