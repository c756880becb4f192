"""What agreement along the flow gains on labels of a teacher: `python -m benchmarks.teacher_labels --jhmdb=<folder>
--teacher=<teacher> [--clips=40] [--quick] [--json=<file>]`.

The teacher labels training clips of JHMDB (`train_upper.txt`), whose every third frame is compared with the labels of
people: shoulders, elbows and wrists. PCK: share of labels within 0.2 of the torso (shoulder to opposite hip, median of
the clip). "without": all labels whose score is at least --min_confidence. "with": those that agree with their
neighbours, too. "by score": as many labels as "with", the ones with the highest scores, which shows what agreement
knows that the score does not. Intervals: percentile bootstrap of films (the title in the name of a clip).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
from collections.abc import Sequence

import numpy as np
import scipy.io

from benchmarks.common import harness
from benchmarks.common.rows import Row
from keras_pose.analysis import video_analysis
from keras_pose.annotating import teachers, weighting
from keras_pose.annotating.agreement import UNKNOWN, Agreement, person_sizes
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.media.video import VideoFrames

_JHMDB = (
    *("neck", "belly", "face", "right_shoulder", "left_shoulder", "right_hip", "left_hip", "right_elbow"),
    *("left_elbow", "right_knee", "left_knee", "right_wrist", "left_wrist", "right_ankle", "left_ankle"),
)
PARTS = ("shoulder", "elbow", "wrist")
JOINTS = tuple(f"{side}_{part}" for part in PARTS for side in ("left", "right"))
DEFAULT = (4, 0.1)
SETTINGS = (DEFAULT, (4, 0.05), (4, 0.2), (1, 0.1), (2, 0.1), (8, 0.1))  # (frames, part of the person's size)
_THRESHOLD = 0.2
_EVERY = 3
_RESAMPLES = 2000


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """The teacher's joints of the compared frames of all clips, one after the other; L joints.

    Args:
      film: int [L], number of the film.
      part: int [L], place in `PARTS`.
      score: float [L], of the teacher.
      right: bool [L], within 0.2 torso of the label of a person.
      agreement: {(frames, distance): float [L]}.
    """

    film: np.ndarray
    part: np.ndarray
    score: np.ndarray
    right: np.ndarray
    agreement: dict[tuple[int, float], np.ndarray]


def choose_clips(folder: str, count: int) -> list[str]:
    """Returns clips of train_upper.txt, `<action>/<clip>`, of as many films as possible."""
    with open(os.path.join(folder, "train_upper.txt"), encoding="utf-8") as file:
        names = [line.strip() for line in file if line.strip()]
    turns: dict[str, int] = {}
    ranked = []
    for name in names:
        film = film_of(name)
        turns[film] = turns.get(film, 0) + 1
        ranked.append((turns[film], name))
    return [name for _, name in sorted(ranked)[:count]]


def film_of(name: str) -> str:
    """Returns the title of the film of a clip, `<action>/<title>_<action>_<u|f|h|l>_…`."""
    action, clip = name.split("/")
    return re.split(rf"_{re.escape(action)}_[ufhl]_", clip)[0]


def read_labels(folder: str, name: str) -> np.ndarray:
    """Returns float [T, 15, 2], px from 0, the labels of people."""
    path = os.path.join(folder, "joint_positions", name, "joint_positions.mat")
    return scipy.io.loadmat(path)["pos_img"].transpose(2, 1, 0) - 1.0


def score_clip(teacher, folder: str, name: str, film: int, config: AnnotateConfig) -> Scored:
    """Labels a clip, and compares its labels."""
    path = os.path.join(folder, "videos", f"{name}.avi")
    poses = video_analysis.analyse(teacher, path)
    places = [teacher.skeleton.index(joint) for joint in JOINTS]
    confidences = weighting.confidences_of(poses, range(teacher.skeleton.num_joints))
    joints = poses.joints[:, 0]
    sure = (confidences >= config.min_confidence) & weighting.inside_frame(joints, poses.video.size_hw)
    sizes = person_sizes(joints, sure, max(poses.video.size_hw))
    truth = read_labels(folder, name)
    rows = np.arange(0, min(len(truth), len(joints)), _EVERY)
    of = {joint: truth[rows, _JHMDB.index(joint)] for joint in (*JOINTS, "left_hip", "right_hip")}
    diagonals = [
        np.linalg.norm(of[f"{a}_shoulder"] - of[f"{b}_hip"], axis=-1) for a, b in (("left", "right"), ("right", "left"))
    ]
    torso = float(np.median(diagonals))
    labels = np.stack([of[joint] for joint in JOINTS], axis=1)
    judged = sure[rows][:, places] & weighting.inside_frame(labels, poses.video.size_hw)
    errors = np.linalg.norm(joints[rows][:, places] - labels, axis=-1) / torso
    agreement = {}
    steps: dict = {}  # the flow is the same for all settings
    for reach, distance in SETTINGS:
        compared = np.where(sure[..., None], joints, np.nan)
        measure = Agreement(poses.frames, compared, confidences, distance * sizes, reach, config.flow, steps)
        agreement[reach, distance] = measure.measure(VideoFrames(path).numbered())[rows][:, places][judged]
    part = np.broadcast_to([PARTS.index(joint.split("_")[1]) for joint in JOINTS], judged.shape)[judged]
    right = errors[judged] <= _THRESHOLD
    return Scored(np.full(len(right), film), part, confidences[rows][:, places][judged], right, agreement)


def score_clips(teacher_name: str, folder: str, names: Sequence[str]) -> Scored:
    """Labels and compares clips with one teacher."""
    teacher = teachers.open_teacher(teacher_name)
    config = AnnotateConfig(teacher=teacher_name, video="-", out_dir="-")
    films = sorted({film_of(name) for name in names})
    scored = [score_clip(teacher, folder, name, films.index(film_of(name)), config) for name in names]
    film, part, score, right = (
        np.concatenate([getattr(each, field) for each in scored]) for field in ("film", "part", "score", "right")
    )
    agreement = {key: np.concatenate([each.agreement[key] for each in scored]) for key in SETTINGS}
    return Scored(film, part, score, right, agreement)


def keep_by_score(score: np.ndarray, count: int) -> np.ndarray:
    """Returns bool [L]: the `count` labels with the highest scores."""
    kept = np.zeros(len(score), bool)
    kept[np.argsort(-score, kind="stable")[:count]] = True
    return kept


def interval(values, film: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Bootstraps a difference of weighted means over films.

    Args:
      values: pairs (weights [L], right [L]) whose weighted means are subtracted, first minus second; or a single pair.
      film: int [L].
    """
    films = np.unique(film)
    sums = []
    for weights, right in values:
        weights = np.asarray(weights, float)
        totals = [(np.sum((weights * right)[film == f]), np.sum(weights[film == f])) for f in films]
        sums.append(np.array(totals))
    draws = np.random.default_rng(seed).multinomial(len(films), np.full(len(films), 1 / len(films)), _RESAMPLES)
    counts = [draws @ each[:, 1] for each in sums]
    drawn = np.all([count > 0 for count in counts], axis=0)  # a draw may have no such labels
    means = [(draws @ each[:, 0])[drawn] / count[drawn] for each, count in zip(sums, counts)]
    result = means[0] if len(means) == 1 else means[0] - means[1]
    low, high = np.percentile(result, (2.5, 97.5))
    return float(low), float(high)


def _row(what, pairs, film):
    means = [float(np.average(right, weights=weights)) for weights, right in pairs]
    value = means[0] if len(means) == 1 else means[0] - means[1]
    return Row(what, value, "PCK" if len(means) == 1 else "PCK, gain", *interval(pairs, film))


def make_rows(name: str, scored: Scored) -> list[Row]:
    """Returns rows: labels without and with agreement, by joint, by setting, and weighted."""
    ones = np.ones(len(scored.right))
    kept = scored.agreement[DEFAULT] >= UNKNOWN
    alike = keep_by_score(scored.score, int(kept.sum()))
    rows = [Row(f"{name}: labels compared", len(scored.right), "labels")]
    rows.append(Row(f"{name}: thrown out", float(1 - kept.mean()), "share", *interval([(ones, ~kept)], scored.film)))
    rows.append(_row(f"{name}: without", [(ones, scored.right)], scored.film))
    rows.append(_row(f"{name}: with", [(kept, scored.right)], scored.film))
    rows.append(_row(f"{name}: with - without", [(kept, scored.right), (ones, scored.right)], scored.film))
    rows.append(_row(f"{name}: with - by score", [(kept, scored.right), (alike, scored.right)], scored.film))
    rows.append(_row(f"{name}: thrown out that were right", [(~kept, scored.right)], scored.film))
    weights = np.where(kept, scored.score * scored.agreement[DEFAULT], 0)
    rows.append(_row(f"{name}: with, weighted", [(weights, scored.right)], scored.film))
    rows.append(_row(f"{name}: weighted - without", [(weights, scored.right), (ones, scored.right)], scored.film))
    for number, part in enumerate(PARTS):
        here = scored.part == number
        film = scored.film[here]
        rows.append(_row(f"{name}, {part}s: without", [(ones[here], scored.right[here])], film))
        rows.append(_row(f"{name}, {part}s: with", [(kept[here], scored.right[here])], film))
        gain = [(kept[here], scored.right[here]), (ones[here], scored.right[here])]
        rows.append(_row(f"{name}, {part}s: with - without", gain, film))
    for reach, distance in SETTINGS[1:]:
        other = scored.agreement[reach, distance] >= UNKNOWN
        what = f"{name}, {reach} frames, {distance:g} of the person"
        rows.append(Row(f"{what}: thrown out", float(1 - other.mean()), "share"))
        rows.append(_row(f"{what}: with - without", [(other, scored.right), (ones, scored.right)], scored.film))
    return rows


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Labels of a teacher, without and with agreement along the flow.")
    parser.add_argument("--jhmdb", required=True, metavar="FOLDER", help="Folder of JHMDB with train_upper.txt.")
    parser.add_argument("--teacher", required=True, action="append", help="As --teacher of keras-pose annotate.")
    parser.add_argument("--clips", type=int, help="Clips to label. Default: 40 (quick: 3).")
    arguments = parser.parse_args(argv)
    arguments.clips = arguments.clips or (3 if arguments.quick else 40)
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    names = choose_clips(arguments.jhmdb, arguments.clips)
    rows = []
    for teacher in arguments.teacher:
        rows += make_rows(os.path.basename(os.path.abspath(teacher)), score_clips(teacher, arguments.jhmdb, names))
    harness.report("teacher_labels", rows, arguments)


if __name__ == "__main__":
    main()
