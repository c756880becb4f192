"""How good and how fast the shipped net is, beside MoveNet: `python -m benchmarks.upper_body --jhmdb=<folder>
[--movenet=<folder of movenet_thunder and movenet_lightning>] [--model=upper_body] [--clips=<file>] [--repeats=50]
[--json=<file>]`.

Accuracy: share of labels of JHMDB (test_upper.txt) within 0.2 of the torso, whose length is the median over the clip of
the distances from a shoulder to the opposite hip. Labels outside the frame are left out, since JHMDB extrapolates them.
Each clip counts once. Intervals: percentile bootstrap of the titles of films. MoveNet sees the whole frame once,
letterboxed.

Time: one frame of 320×240 at batch 1, from the decoded frame to joints in its pixels, all nets in turn; medians.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence

import numpy as np
import scipy.io
import tensorflow as tf

import keras_pose
from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.teacher_labels import _JHMDB as JHMDB
from benchmarks.teacher_labels import film_of
from keras_pose import geometry
from keras_pose.media.video import VideoFrames

PARTS = ("shoulder", "elbow", "wrist")
COCO = (
    "nose",
    *(f"{side}_{part}" for part in ("eye", "ear", "shoulder", "elbow", "wrist") for side in ("left", "right")),
)
_WITHIN = 0.2
_RESAMPLES = 2000

Predict = Callable[[np.ndarray], np.ndarray]  # uint8 [N, H, W, 3] to float32 [N, J, 2]


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


def time_in_turn(nets: dict[str, Predict], frame: np.ndarray, repeats: int) -> dict[str, float]:
    """Returns the median milliseconds of each net for one frame."""
    taken: dict[str, list[float]] = {name: [] for name in nets}
    for repeat in range(repeats + 3):
        for name, predict in nets.items():
            begin = time.perf_counter()
            predict(frame)
            if repeat >= 3:
                taken[name].append(1e3 * (time.perf_counter() - begin))
    return {name: float(np.median(values)) for name, values in taken.items()}


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Runs the benchmark."""
    model = keras_pose.load(arguments.model)
    nets: dict[str, Predict] = {arguments.model: lambda frames: model.predict(frames).joints}
    names = {arguments.model: model.skeleton.joints}
    if arguments.movenet:
        for kind in ("thunder", "lightning"):
            nets[f"movenet_{kind}"] = open_movenet(os.path.join(arguments.movenet, f"movenet_{kind}"))
            names[f"movenet_{kind}"] = COCO
    file = arguments.clips or os.path.join(arguments.jhmdb, "test_upper.txt")
    with open(file, encoding="utf-8") as lines:
        clips = [line.strip() for line in lines if line.strip()]
    films = [film_of(clip) for clip in clips]
    rows = []
    for name, predict in nets.items():
        shares = score(predict, names[name], arguments.jhmdb, clips)
        low, high = interval(shares, films)
        for place, part in enumerate(PARTS):
            value = float(np.nanmean(shares[:, place]))
            rows.append(Row(f"{name}, {part}s within 0.2 torso", value, "share", float(low[place]), float(high[place])))
    frame = read_clip(arguments.jhmdb, clips[0])[0][:1]
    times = time_in_turn(nets, frame, arguments.repeats)
    rows += [Row(f"{name}, a frame at batch 1", value, "ms") for name, value in times.items()]
    if arguments.movenet:
        ratio = times[arguments.model] / times["movenet_thunder"]
        rows.append(Row(f"{arguments.model}: part of the time of movenet_thunder", ratio, "share"))
    return rows


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Accuracy and time of the shipped net, beside MoveNet.")
    parser.add_argument("--jhmdb", required=True, metavar="FOLDER", help="Folder of JHMDB with test_upper.txt.")
    parser.add_argument("--movenet", default="", help="Folder of movenet_thunder/ and movenet_lightning/.")
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
