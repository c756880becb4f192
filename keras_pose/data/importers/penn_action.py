"""Reads Penn Action (Zhang, Zhu, Derpanis: From Actemes to Action, ICCV 2013).

    frames/0001/000001.jpg …      frames of each of 2,326 videos
    labels/0001.mat               x, y, visibility [n x 13], train (1 or -1), dimensions [height width n], nframes

- Sides are the person's, so they are not those of the set's description: it calls the second joint the left shoulder,
  but in the files it is the right one. People seen from the front have it on the picture's left, from behind on its
  right, and the wrist of that side throws, bowls and strums in three of four videos.
- Positions count from 1. Videos were reduced after labelling, which moves a position by less than half a pixel.
- `visibility` 0 is a hidden joint at its position, or, at the first pixel, one without a label.
- `bbox` is not read; it lacks the last frame of videos 1154 and 1865.
- Each video is its own group: the set does not say which come from one film.
"""

from __future__ import annotations

import os
import re

import numpy as np

from keras_pose.data.authors_split import choose_name
from keras_pose.data.clip import HIDDEN, TEST, TRAIN, UNLABELLED, VISIBLE, Clip
from keras_pose.data.importers import matlab_files
from keras_pose.data.importers.names import list_folder
from keras_pose.data.importers.research_source import build_source, make_skeleton
from keras_pose.data.picture_sequence import open_folder
from keras_pose.data.source import Problem, Source

FRAMES = "frames"
LABELS = "labels"
_LABEL_FILE = re.compile(r"(\d{4})\.mat")
_FRAMES_FOLDER = re.compile(r"\d{4}")
_FIELDS = ("x", "y", "visibility", "train", "dimensions", "nframes")
_CORNER_PX = 2.0  # joints without a label are at the first pixel, which was scaled with the video
JOINTS = ("head",) + tuple(
    f"{side}_{joint}" for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle") for side in ("right", "left")
)
_EDGES = (
    ("head", "*_shoulder"),
    ("*_shoulder", "*_elbow"),
    ("*_elbow", "*_wrist"),
    ("*_shoulder", "*_hip"),
    ("*_hip", "*_knee"),
    ("*_knee", "*_ankle"),
)


def read(path: str | os.PathLike[str], split: str | None = None, outside: str = "error") -> Source:
    """Reads the data set.

    Args:
      path: its folder.
      split: "" or None: there is one split, in the files.
      outside: what to do with joints outside their frame: "hidden" keeps them; otherwise they are left out.

    Returns:
      `Source` of one clip for each video, named by its number. Videos without frames, or with a file that cannot be
      read, are problems.

    Raises:
      ValueError: if there are no labels, or nothing can be read; the message says where files belong.
    """
    root = os.fspath(path)
    choose_name(split, (), root)
    names = [match[1] for match in map(_LABEL_FILE.fullmatch, list_folder(os.path.join(root, LABELS))) if match]
    if not names:
        raise ValueError(f"{root}: expected the labels of Penn Action in {LABELS}/0001.mat, …, found none")
    clips = []
    problems = []
    for name in names:
        try:
            clips.append(_read_clip(root, name))
        except ValueError as error:
            problems.append(Problem(name, None, str(error)))
    skeleton = make_skeleton("penn_action", JOINTS, _EDGES)
    return build_source(root, clips, skeleton, problems, _describe_unlabelled(root, names), outside)


def _describe_unlabelled(root, names):
    """Tells of videos that have frames but no labels, as in an incomplete download."""
    folders = filter(_FRAMES_FOLDER.fullmatch, list_folder(os.path.join(root, FRAMES)))
    without = sorted(set(folders) - set(names))
    if not without:
        return ()
    videos = "1 video has" if len(without) == 1 else f"{len(without)} videos have"
    return (f"{videos} frames but no labels: not used; expected {LABELS}/{without[0]}.mat",)


def read_labels(path: str | os.PathLike[str]) -> tuple[np.ndarray, np.ndarray, str, tuple[int, int]]:
    """Reads a file of labels.

    Args:
      path: labels/<number>.mat.

    Returns:
      float64 [N, 13, 2], (x, y) px with the first pixel at 0, NaN for unlabelled joints; uint8 [N, 13], UNLABELLED,
      HIDDEN or VISIBLE; the part, "train" or "test"; and (height, width) of the frames in px.

    Raises:
      ValueError: if the file lacks a field, or its fields contradict each other; the message names it.
    """
    file = matlab_files.read(path, _FIELDS)
    count = int(file.number(file.variable("nframes"), "nframes"))
    x, y, seen = (file.numbers(file.variable(name), (count, len(JOINTS)), name) for name in ("x", "y", "visibility"))
    sizes = file.numbers(file.variable("dimensions"), (None,), "dimensions")
    if len(sizes) != 3:
        raise file.error(f"dimensions: expected [height width frames], found {sizes.tolist()}")
    train = file.number(file.variable("train"), "train")
    if train not in (1, -1):
        raise file.error(f"train: expected 1 or -1, found {train:g}")
    visibility = np.where(seen > 0, VISIBLE, HIDDEN)
    visibility[(seen <= 0) & (x < _CORNER_PX) & (y < _CORNER_PX)] = UNLABELLED
    points = np.stack([x, y], -1) - 1.0
    points[visibility == UNLABELLED] = np.nan
    return points, visibility.astype(np.uint8), TRAIN if train == 1 else TEST, (int(sizes[0]), int(sizes[1]))


def _read_clip(root, name):
    path = os.path.join(root, LABELS, f"{name}.mat")
    points, visibility, part, size_hw = read_labels(path)
    folder = os.path.join(root, FRAMES, name)
    if not os.path.isdir(folder):
        raise ValueError(f"{root}: the frames of {name} are missing; they belong in {FRAMES}/{name}/000001.jpg, …")
    frames = open_folder(folder)
    if frames.size_hw != size_hw:
        raise ValueError(
            f"{folder}: expected pictures of {size_hw[0]}×{size_hw[1]} px (height×width) as in {path}, found "
            f"{frames.size_hw[0]}×{frames.size_hw[1]}"
        )
    origins = tuple(f"{path}: frame {number}" for number in range(1, len(points) + 1))
    return Clip(name, frames, np.arange(len(points)), points, visibility, origins=origins, part=part)
