"""How good and how fast the shipped net is, beside MoveNet and MediaPipe: `python -m benchmarks.upper_body
--jhmdb=<folder> [--movenet=<folder of movenet_thunder and movenet_lightning>] [--mediapipe_python=<file>]
[--model=upper_body] [--clips=<file>] [--repeats=50] [--figure=<png>] [--json=<file>]`.

Accuracy: share of labels of JHMDB (test_upper.txt) within 0.2 of the torso, whose length is the median over the clip of
the distances from a shoulder to the opposite hip. Labels outside the frame are left out, since JHMDB extrapolates them.
Each clip counts once. Intervals: percentile bootstrap of the titles of films. MoveNet sees the whole frame once,
letterboxed. MediaPipe Pose (full) sees the frames of a clip one after the other, and follows the person; where it finds
none, all joints of the frame are wrong.

Time: one frame of 320×240 at batch 1, from the decoded frame to joints in its pixels, all nets in turn; medians.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import scipy.io
import tensorflow as tf

import keras_pose
from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.figures import peers_figure
from benchmarks.figures.peers_figure import Entry
from benchmarks.teacher_labels import _JHMDB as JHMDB
from benchmarks.teacher_labels import film_of
from keras_pose import geometry
from keras_pose.annotating import person_joints
from keras_pose.annotating.mediapipe_pose import MediaPipePose
from keras_pose.media.video import VideoFrames
from keras_pose.viz import pictures

PARTS = ("shoulder", "elbow", "wrist")
COCO = (
    "nose",
    *(f"{side}_{part}" for part in ("eye", "ear", "shoulder", "elbow", "wrist") for side in ("left", "right")),
)
_WITHIN = 0.2
_RESAMPLES = 2000
_WARM_UP = 3  # frames of each net before those that are timed
MEDIAPIPE = "mediapipe_pose"

Predict = Callable[[np.ndarray], np.ndarray]  # uint8 [N, H, W, 3] to float32 [N, J, 2]


@dataclasses.dataclass(frozen=True)
class Net:
    """A net that finds joints.

    Args:
      joints: names of its joints.
      predict: function of the frames of a clip.
      time_frame: function of one frame, uint8 [1, H, W, 3], to the milliseconds that it took.
    """

    joints: Sequence[str]
    predict: Predict
    time_frame: Callable[[np.ndarray], float]

    @classmethod
    def of_function(cls, joints: Sequence[str], predict: Predict, timed: Callable | None = None) -> Net:
        """Makes a net of a function; `timed` is called to time a frame instead, if it is given."""
        run = timed or predict

        def time_frame(frame):
            begin = time.perf_counter()
            run(frame)
            return 1e3 * (time.perf_counter() - begin)

        return cls(joints, predict, time_frame)


def open_movenet(folder: str) -> Predict:
    """Opens MoveNet as a function of frames to the first 11 of its joints in px of the frame, one frame at a time."""
    module = tf.saved_model.load(folder)
    signature = module.signatures["serving_default"]
    side = signature.structured_input_signature[1]["input"].shape[1]

    def predict(frames):
        crop = geometry.CropTransform.fit(frames.shape[1:3], (side, side))
        found = []
        for frame in frames:
            answer = signature(input=tf.constant(crop.warp(frame)[None].astype(np.int32)))["output_0"].numpy()
            found.append(answer[0, 0, : len(COCO), 1::-1] * side - 0.5)
        return crop.to_frame(np.stack(found).astype(np.float32))

    predict.module = module  # type: ignore[attr-defined]  # what a signature computes with lives as long as its module
    return predict


def open_mediapipe(python: str, stack: contextlib.ExitStack) -> Net:
    """Opens MediaPipe Pose; a process for each clip, since it follows the person from frame to frame.

    Args:
      python: interpreter that has it.
      stack: what closes the process whose frames are timed.
    """

    def predict(frames):
        with contextlib.closing(MediaPipePose(python, follow=True)) as pose:
            found = [pose.predict_fitted(frame[None]) for frame in frames]
        # If nobody is seen, all scores are 0, and no joint is near its label.
        return np.concatenate([points if scores.any() else np.full_like(points, np.nan) for points, scores in found])

    timed = stack.enter_context(contextlib.closing(MediaPipePose(python, follow=True)))
    return Net.of_function(person_joints.BLAZEPOSE.joints, predict, timed.predict_fitted)


def read_clip(folder: str, clip: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Returns uint8 [N, H, W, 3] and {joint: float32 [N, 2]} of the frames of a labelled clip, 0-based px."""
    base = os.path.join(folder, "videos", clip)
    path = next(base + ending for ending in (".avi", ".mp4") if os.path.exists(base + ending))
    video = VideoFrames(path)
    labels = scipy.io.loadmat(os.path.join(folder, "joint_positions", clip, "joint_positions.mat"))["pos_img"]
    count = min(video.num_frames, labels.shape[2])
    points = labels.transpose(2, 1, 0)[:count].astype(np.float32) - 0.5  # from the outer edge
    return video.read(range(count)), {name: points[:, place] for place, name in enumerate(JHMDB)}


def share_right(joints: np.ndarray, names: Sequence[str], labels: dict[str, np.ndarray], size_hw: tuple) -> list[float]:
    """Returns the share of labels within 0.2 torso for each of `PARTS`, NaN without labels inside the frame."""
    diagonals = [labels[f"{a}_shoulder"] - labels[f"{b}_hip"] for a, b in (("left", "right"), ("right", "left"))]
    torso = np.median(np.linalg.norm(np.concatenate(diagonals), axis=-1))
    shares = []
    for part in PARTS:
        right = []
        for side in ("left", "right"):
            label = labels[f"{side}_{part}"]
            inside = ((label >= 0) & (label <= (size_hw[1] - 1, size_hw[0] - 1))).all(-1)
            distance = np.linalg.norm(joints[:, list(names).index(f"{side}_{part}")] - label, axis=-1)
            right.append((distance <= _WITHIN * torso)[inside])
        values = np.concatenate(right)
        shares.append(float(values.mean()) if len(values) else float("nan"))
    return shares


def interval(shares: np.ndarray, films: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns the 2.5 and 97.5 percentiles of the mean of shares [clips, parts], films drawn with replacement."""
    rng = np.random.default_rng(0)
    names = sorted(set(films))
    members = [np.flatnonzero(np.asarray(films) == name) for name in names]
    means = []
    for _ in range(_RESAMPLES):
        rows = np.concatenate([members[i] for i in rng.integers(0, len(names), len(names))])
        means.append(np.nanmean(shares[rows], axis=0))
    low, high = np.nanpercentile(means, [2.5, 97.5], axis=0)
    return low, high


def score(predict: Predict, names: Sequence[str], folder: str, clips: Sequence[str]) -> np.ndarray:
    """Returns the shares of each clip, float [clips, parts]."""
    rows = []
    for clip in clips:
        frames, labels = read_clip(folder, clip)
        rows.append(share_right(predict(frames), names, labels, frames.shape[1:3]))
    return np.asarray(rows)


def time_in_turn(nets: Mapping[str, Net], frame: np.ndarray, repeats: int) -> dict[str, float]:
    """Returns the median milliseconds of each net for one frame."""
    taken: dict[str, list[float]] = {name: [] for name in nets}
    for repeat in range(repeats + _WARM_UP):
        for name, net in nets.items():
            ms = net.time_frame(frame)
            if repeat >= _WARM_UP:
                taken[name].append(ms)
    return {name: float(np.median(values)) for name, values in taken.items()}


@contextlib.contextmanager
def open_nets(arguments: argparse.Namespace) -> Iterator[dict[str, Net]]:
    """Opens the nets to compare, ours first."""
    model = keras_pose.load(arguments.model)
    nets = {arguments.model: Net.of_function(model.skeleton.joints, lambda frames: model.predict(frames).joints)}
    if arguments.movenet:
        for kind in ("thunder", "lightning"):
            predict = open_movenet(os.path.join(arguments.movenet, f"movenet_{kind}"))
            nets[f"movenet_{kind}"] = Net.of_function(COCO, predict)
    with contextlib.ExitStack() as stack:
        if arguments.mediapipe_python:
            nets[MEDIAPIPE] = open_mediapipe(arguments.mediapipe_python, stack)
        yield nets


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Runs the benchmark."""
    file = arguments.clips or os.path.join(arguments.jhmdb, "test_upper.txt")
    with open(file, encoding="utf-8") as lines:
        clips = [line.strip() for line in lines if line.strip()]
    films = [film_of(clip) for clip in clips]
    with open_nets(arguments) as nets:
        shares = {name: score(net.predict, net.joints, arguments.jhmdb, clips) for name, net in nets.items()}
        times = time_in_turn(nets, read_clip(arguments.jhmdb, clips[0])[0][:1], arguments.repeats)
    rows = []
    for name, of in shares.items():
        low, high = interval(of, films)
        for place, part in enumerate(PARTS):
            value = float(np.nanmean(of[:, place]))
            rows.append(Row(f"{name}, {part}s within 0.2 torso", value, "share", float(low[place]), float(high[place])))
    rows += [Row(f"{name}, a frame at batch 1", value, "ms") for name, value in times.items()]
    if arguments.movenet:
        ratio = times[arguments.model] / times["movenet_thunder"]
        rows.append(Row(f"{arguments.model}: part of the time of movenet_thunder", ratio, "share"))
    if arguments.figure:
        draw(shares, times, films, arguments)
    return rows


def draw(
    shares: Mapping[str, np.ndarray], times: Mapping[str, float], films: Sequence[str], arguments: argparse.Namespace
) -> None:
    """Draws the share of wrong labels, the mean of the parts, against the time for a frame."""
    entries = []
    for name, of in shares.items():
        wrong = 100 * (1 - np.nanmean(of, axis=1, keepdims=True))
        low, high = interval(wrong, films)
        entries.append(Entry(name, times[name], float(np.nanmean(wrong)), low[0], high[0], name == arguments.model))
    note = f"{len(films)} clips of {len(set(films))} films, shoulders, elbows and wrists; 95 % intervals over films"
    measure = f"labels more than {_WITHIN:g} torso away, %"
    figure = peers_figure.draw(entries, "People in films: wrong joints and time", note, measure, " %")
    pictures.save_png(arguments.figure, figure)


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Accuracy and time of the shipped net, beside MoveNet and MediaPipe.")
    parser.add_argument("--jhmdb", required=True, metavar="FOLDER", help="Folder of JHMDB with test_upper.txt.")
    parser.add_argument("--movenet", default="", help="Folder of movenet_thunder/ and movenet_lightning/.")
    parser.add_argument(
        "--mediapipe_python", default="", metavar="FILE", help="Python with MediaPipe; empty: leave it out."
    )
    parser.add_argument("--figure", metavar="FILE", help="Also draw error and time to this PNG.")
    parser.add_argument("--model", default="upper_body", help="The net, as for keras_pose.load.")
    parser.add_argument("--clips", default="", help="File of clips, <action>/<clip>, one per line.")
    parser.add_argument("--repeats", type=int, help="Timed frames of each net. Default: 50 (quick: 5).")
    arguments = parser.parse_args(argv)
    arguments.repeats = arguments.repeats or (5 if arguments.quick else 50)
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    harness.report("upper_body", measure(arguments), arguments)


if __name__ == "__main__":
    main()
