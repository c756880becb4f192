"""Speed of predicting a video, beside other nets: `python -m benchmarks.predict [--quick] [--json=<file>]`.

An untrained flowing net (lite, 256×256 px, 5 neighbours on each side, flow on) predicts a 640×480 H.264 video to a CSV
file: speed does not depend on weights. The whole from file to file takes turns with the same work on frames that are
decoded already, with single frames (no neighbours), and with the other nets:

- `--movenet=<folder>`: MoveNet as a SavedModel, frame by frame, in this process;
- `--mediapipe_python=<interpreter>`: MediaPipe Pose in a process of its own (`benchmarks/peers/mediapipe_pose.py` says
  how to install it).

`--video=<file>` takes another video, for nets whose speed depends on what they see; it is brought to 640×480 px.
The figures of other nets include decoding, as for ours; loading a net is not counted for any.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import cv2
import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread
from keras_pose.analysis import video_analysis
from keras_pose.annotating.movenet import MoveNet
from keras_pose.data.synthetic import signers
from keras_pose.inference.loading import RunModel
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.media.video import VideoFrames
from keras_pose.models import factory
from keras_pose.poses import formats
from keras_pose.runs.config import TrainConfig

SIZE_HW = (480, 640)
FPS = 25.0
OURS = "ours, n=5, file to CSV"
DECODED = "ours, n=5, decoded frames to CSV"
SINGLE = "ours, single frames, file to CSV"
DECODING = "decoding alone"
PEER = os.path.join(os.path.dirname(__file__), "peers", "mediapipe_pose.py")


def make_video(path: str, num_frames: int, source: str = "") -> np.ndarray:
    """Writes a 640×480 H.264 video that runs forwards and backwards; returns its frames, uint8 [N, H, W, 3].

    Args:
      path: file to write.
      num_frames: N.
      source: video to take frames from; empty: a synthetic signer.
    """
    if source:
        shown = [_to_size(frame) for frame in itertools.islice(VideoFrames(source), num_frames)]
    else:
        shown = list(signers.generate("test", 0, min(num_frames, 100), SIZE_HW).frames)
    with Mp4Writer(path, SIZE_HW) as writer:
        for number, frame in enumerate(itertools.islice(itertools.cycle([*shown, *shown[::-1]]), num_frames)):
            writer.write(frame, number / FPS)
    return np.stack(list(VideoFrames(path)))


def _to_size(frame):
    """Scales a frame into 640×480 px, black beside it."""
    scale = min(SIZE_HW[0] / frame.shape[0], SIZE_HW[1] / frame.shape[1])
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[: SIZE_HW[0], : SIZE_HW[1]]
    whole = np.zeros((*SIZE_HW, 3), np.uint8)
    whole[: small.shape[0], : small.shape[1]] = small
    return whole


class DecodedVideo:
    """Stands for `VideoFrames` in an analysis: frames that are in memory already."""

    def __init__(self, frames: np.ndarray) -> None:
        self._frames = frames
        self.size_hw = frames.shape[1:3]
        self.fps = FPS
        self.num_frames = len(frames)

    def numbered_with_times(self, start: int = 0) -> Iterator[tuple[int, float, np.ndarray]]:
        """Yields (number, time in s, frame)."""
        for number in range(start, self.num_frames):
            yield number, number / FPS, self._frames[number]

    def close(self) -> None:
        """There is nothing to close."""


def open_ours(kind: str) -> RunModel:
    """Builds an untrained net of the preset lite for 256×256 px: "flowing" or "heatmap"."""
    config = TrainConfig.from_flags(run_dir="untrained", model=kind, pooling="parametric", window=5, input_size="256")
    skeleton = signers.SKELETON
    return RunModel(factory.build_net(config.model, config.window, skeleton.num_joints), config, skeleton)


def make_passes(path: str, frames: np.ndarray, folder: str) -> dict[str, Callable[[], None]]:
    """Returns our ways over the video, each a function that does the whole of it."""
    flowing = open_ours("flowing")
    single = open_ours("heatmap")

    def to_csv(model):
        formats.write(os.path.join(folder, "poses.csv"), video_analysis.analyse(model, path))

    def to_csv_decoded():
        with mock.patch.object(video_analysis, "VideoFrames", return_value=DecodedVideo(frames)):
            to_csv(flowing)

    def decode():
        for _ in VideoFrames(path).numbered_with_times():
            pass

    return {
        OURS: lambda: to_csv(flowing),
        DECODED: to_csv_decoded,
        SINGLE: lambda: to_csv(single),
        DECODING: decode,
    }


def movenet_pass(folder: str, path: str) -> Callable[[], None]:
    """Returns a function that poses the video with MoveNet, frame by frame."""
    net = MoveNet(folder)
    return lambda: _run_all(net, path)


def _run_all(net, path):
    for frame in VideoFrames(path):
        net.predict(frame[None])


def mediapipe_seconds(python: str, path: str) -> float:
    """Returns the seconds of one pass of MediaPipe Pose over the video, in a process of its own.

    Raises:
      ValueError: if it fails; the message has its last lines.
    """
    done = subprocess.run([python, PEER, path, "1"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"--mediapipe_python={python}: failed: {done.stderr[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])["passes"][0][0]


def time_passes(
    passes: dict[str, Callable[[], None]], repeats: int, measured: dict[str, Callable[[], float]]
) -> dict[str, np.ndarray]:
    """Times passes over the video in turn.

    Args:
      passes: functions that do a pass; each does one more before, for its graphs and caches.
      repeats: timed passes of each.
      measured: functions that do a pass and return its seconds themselves.

    Returns:
      Seconds of each, float64 [repeats].
    """
    for work in passes.values():
        work()
    seconds: dict[str, list[float]] = {name: [] for name in [*passes, *measured]}
    for _ in range(repeats):
        for name, work in passes.items():
            began = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - began)
        for name, measure in measured.items():
            seconds[name].append(measure())
    return {name: np.array(each) for name, each in seconds.items()}


def rows_of(seconds: dict[str, np.ndarray], num_frames: int) -> list[Row]:
    """Returns rows of frames a second, and of ratios, turn by turn."""
    rows = []
    for name, each in seconds.items():
        target = ">= 60" if name == OURS else None
        rows.append(Spread.from_samples(num_frames / each).to_row(name, "frames/s", target=target))
    added = Spread.from_samples(seconds[OURS] / seconds[DECODED])
    rows.append(added.to_row("file / decoded frames", "times", target="<= 1.1"))
    for name, each in seconds.items():
        if name not in (OURS, DECODED, SINGLE, DECODING):
            ahead = Spread.from_samples(each / seconds[OURS])
            rows.append(ahead.to_row(f"speed of ours / {name}", "times", target=">= 1"))
            ahead = Spread.from_samples(each / seconds[SINGLE])
            rows.append(ahead.to_row(f"speed of our single frames / {name}", "times"))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Speed of predicting a video, beside other nets.")
    parser.add_argument("--video", default="", metavar="FILE", help="Video to predict; empty: a synthetic signer.")
    parser.add_argument("--movenet", default="", metavar="FOLDER", help="SavedModel of MoveNet; empty: leave it out.")
    parser.add_argument(
        "--mediapipe_python", default="", metavar="FILE", help="Python with MediaPipe; empty: leave it out."
    )
    parser.add_argument("--frames", type=int, default=750, help="Frames of the video; more take longer.")
    parser.add_argument("--repeats", type=int, default=5, help="Timed passes of each; more narrow the spread.")
    arguments = parser.parse_args(argv)
    num_frames, repeats = (48, 2) if arguments.quick else (arguments.frames, arguments.repeats)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        path = os.path.join(folder, "video.mp4")
        frames = make_video(path, num_frames, arguments.video)
        passes = make_passes(path, frames, folder)
        measured = {}
        if arguments.movenet:
            passes["MoveNet"] = movenet_pass(arguments.movenet, path)
        if arguments.mediapipe_python:
            measured["MediaPipe Pose"] = lambda: mediapipe_seconds(arguments.mediapipe_python, path)
        rows = rows_of(time_passes(passes, repeats, measured), num_frames)
    harness.report("predict", rows, arguments)


if __name__ == "__main__":
    main()
