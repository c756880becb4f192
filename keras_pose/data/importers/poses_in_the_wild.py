"""Reads Poses in the Wild (Cherian, Mairal, Alahari, Schmid: Mixing Body-Part Sequences for Human Pose Estimation,
CVPR 2014).

    poses_in_the_wild_data.mat                                  piw_data: struct array of im, point [8 x 2], visible
    dataset/selected_seqs/seq<n>/<film>-<a>-<b>-<frame>.png     frames, found by the end of `im`

- 830 labelled frames of films, all for testing. Left and right are the person's.
- Positions count from 1. The joint `neck` lies about at the chin. What is not visible has no position.
- In seq20 and seq73 the scene jumps: where numbers of frames differ by 5 or more, another clip begins.
- Clips of one film are one group.
"""

from __future__ import annotations

import collections
import os
import re

import numpy as np

from keras_pose.data.authors_split import choose_name
from keras_pose.data.clip import TEST, UNLABELLED, VISIBLE, Clip
from keras_pose.data.importers import matlab_files
from keras_pose.data.importers.names import list_folder
from keras_pose.data.importers.research_source import build_source, make_skeleton
from keras_pose.data.picture_sequence import PictureSequence
from keras_pose.data.source import Problem, Source
from keras_pose.media.endings import has_image_ending

FILE = "poses_in_the_wild_data.mat"
JOINTS = (
    "neck",
    *(f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "elbow", "wrist")),
    "torso",
)
_EDGES = (("neck", "*_shoulder"), ("*_shoulder", "*_elbow"), ("*_elbow", "*_wrist"), ("neck", "torso"))
_NAME = re.compile(r"(?:^|.*/)(seq\d+)/((.+?)(?:-\d+)*-(\d+)\.\w+)")
_JUMP = 5  # frames


def read(path: str | os.PathLike[str], split: str | None = None) -> Source:
    """Reads the data set.

    Args:
      path: its folder, or `poses_in_the_wild_data.mat`.
      split: "" or None: all is for testing.

    Returns:
      `Source` of one clip for each sequence without a jump. Sequences without frames are problems.

    Raises:
      ValueError: if the file lacks something, or no frames are found; the message says where they belong.
    """
    place = os.fspath(path)
    root = place if os.path.isdir(place) else os.path.dirname(place)
    choose_name(split, (), root)
    file = matlab_files.read(os.path.join(root, FILE), ["piw_data"])
    rows = collections.defaultdict(list)
    for number, struct in enumerate(file.structs(file.variable("piw_data"), "piw_data"), 1):
        found = _read_row(file, struct, f"piw_data({number})")
        rows[found[0]].append(found[1:])
    clips: list[Clip] = []
    problems = []
    for sequence, labelled in rows.items():
        try:
            clips += _read_sequence(root, sequence, labelled)
        except ValueError as error:
            problems.append(Problem(sequence, None, str(error)))
    return build_source(root, clips, make_skeleton("poses_in_the_wild", JOINTS, _EDGES), problems)


def _read_row(file, struct, place):
    """Returns sequence, name of the picture, film, number of the frame, points, visibility and place of a row."""
    name = file.text(file.field(struct, "im", place), f"{place}.im").replace("\\", "/")
    match = _NAME.fullmatch(name)
    if not match:
        raise file.error(f"{place}.im: expected …/seq<n>/<film>-<frame>.png, found {name!r}")
    points = file.numbers(file.field(struct, "point", place), (len(JOINTS), 2), f"{place}.point")
    visible = file.numbers(file.field(struct, "visible", place), (None,), f"{place}.visible")
    if len(visible) != len(JOINTS):
        raise file.error(f"{place}.visible: expected {len(JOINTS)} numbers, found {len(visible)}")
    seen = (visible > 0) & (points >= 0).all(-1)
    points = np.where(seen[:, None], points - 1.0, np.nan)
    origin = f"{file.path}: {place}"
    return match[1], match[2], match[3], int(match[4]), points, np.where(seen, VISIBLE, UNLABELLED), origin


def cut_at_jumps(numbers: list[int]) -> list[list[int]]:
    """Cuts rising numbers of frames where they jump by 5 or more."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number - runs[-1][-1] < _JUMP:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _read_sequence(root, sequence, labelled):
    folder = _find_folder(root, sequence)
    pictures = {}
    for name in list_folder(folder):
        match = re.search(r"-(\d+)\.\w+$", name)
        if match and has_image_ending(name) and not name.startswith("."):
            pictures[int(match[1])] = os.path.join(folder, name)
    lost = [row[0] for row in labelled if row[2] not in pictures]
    if lost:
        raise ValueError(f"{folder}: {len(lost)} labelled pictures are missing, the first is {lost[0]}")
    clips = []
    for run in cut_at_jumps(sorted(pictures)):
        rows = sorted((row for row in labelled if run[0] <= row[2] <= run[-1]), key=lambda row: row[2])
        if not rows:
            continue
        places = {number: position for position, number in enumerate(run)}
        clips.append(
            Clip(
                sequence if not clips else f"{sequence} ({len(clips) + 1})",
                PictureSequence({places[number]: pictures[number] for number in run}),
                np.array([places[row[2]] for row in rows]),
                np.stack([row[3] for row in rows]),
                np.stack([row[4] for row in rows]),
                origins=tuple(row[5] for row in rows),
                session=sequence,
                group=rows[0][1],
                part=TEST,
            )
        )
    return clips


def _find_folder(root, sequence):
    places = [
        os.path.join(root, *parents, sequence)
        for parents in (("dataset", "selected_seqs"), ("selected_seqs",), ("dataset",), ())
    ]
    found = [place for place in places if os.path.isdir(place)]
    if not found:
        raise ValueError(
            f"{root}: the frames of {sequence} are missing; they belong in dataset/selected_seqs/{sequence}/"
        )
    return found[0]
