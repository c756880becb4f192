"""Reads FLIC, Frames Labeled In Cinema (Sapp and Taskar 2013): 5,003 people in frames of 30 films, 11 joints.

Left and right are the subject's in `examples.mat` and in TensorFlow Datasets, and the observer's in the files of
pose-hg-train: there the sides of the 247 people whose left shoulder, elbow and wrist lie left of the right ones, mostly
people seen from behind, are exchanged, as the authors' own evaluation (MODEC) does.

Each film is a session of separate pictures, so random splits keep films together. The parts
of the authors do not: each film has pictures in both.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Iterable

import numpy as np

from keras_pose.data import authors_split
from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers import label_rows
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.flic import layout, rows
from keras_pose.data.importers.flic.rows import FlicRow
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.data.importers.people_apart import take_apart
from keras_pose.data.person_crop import AUTO
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton, infer_flip_pairs

_ARMS = [
    (f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))
]
SKELETON = Skeleton(
    "flic",
    rows.JOINTS,
    infer_flip_pairs(rows.JOINTS),
    (
        *_ARMS,
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_hip"),
        ("right_shoulder", "right_hip"),
        ("left_hip", "right_hip"),
        ("left_eye", "nose"),
        ("right_eye", "nose"),
    ),
)
_OBSERVER = (
    "left and right are the observer's in the files of pose-hg-train: the sides of people seen from behind are "
    "exchanged; examples.mat has the subject's"
)


def read(
    path: str | os.PathLike[str],
    split: str | None = None,
    image_dir: str = "",
    exif_orientation: str = "auto",
    person_crop: str = AUTO,
) -> Source:
    """Reads FLIC.

    Args:
      path: the folder of the data set, or a file of its labels (`layout`).
      split: the authors' split (`authors_split.choose_name`); there is one, without a name.
      image_dir: folder of the pictures; empty: `images/` beside the labels.
      exif_orientation: not used by pictures of FLIC, which have no orientation.
      person_crop: "auto", "none", or a factor (`person_crop.HELP`).

    Returns:
      `Source` of one clip for each person, with the region around it (`rows.region_of`); with "none" for each film
      and part: of several people in a picture the one with the largest torso is read then. The landmarks
      `torso_box_top_left` and `torso_box_bottom_right` are the detected torso that comes with each person.

    Raises:
      ValueError: if labels are missing or of another form, or none of the pictures is found; the message names what is
        missing and where it belongs.
    """
    spec = os.fspath(path)
    found = layout.find_files(spec)
    if found is None:
        raise ValueError(f"{spec}: expected FLIC (a folder with examples.mat and images/), found no such files")
    authors_split.choose_name(split, (), spec)
    files = [file for paths in found.paths.values() for file in paths]
    findings = Findings(files[0] if len(files) == 1 else spec)
    members = []
    count = 0
    for row in _read_rows(found.kind, found.paths):
        count += 1
        if row.fault:
            findings.leave_out(row.fault, row.place)
        elif np.isfinite(row.points).all(-1).any():
            members.append(row)
        else:
            findings.leave_out("without a labelled joint", row.place)
    if found.kind == "hourglass":
        findings.add_note(_OBSERVER)
    if not members:
        raise ValueError(f"{findings.path}: expected labelled people of FLIC, found none")
    frames = take_apart(_list_frames(members), person_crop, findings)
    return build_source(files[0], frames, SKELETON, findings, image_dir, exif_orientation, count, found.root or ".")


def _read_rows(kind, paths):
    for part, files in paths.items():
        if kind == "matlab":
            yield from rows.read_matlab(files[0])
        elif kind == "hourglass":
            yield from rows.read_hourglass(files[0], part)
        else:
            from keras_pose.data.importers.flic import records

            yield from records.read_records(files, part)


def _list_frames(members: Iterable[FlicRow]):
    """Yields a frame for each picture, with all people in it."""
    clips: dict[tuple[str, str], dict[str, list[FlicRow]]] = collections.defaultdict(
        lambda: collections.defaultdict(list)
    )
    for row in members:
        clips[row.film, row.part][row.file].append(row)
    for (film, part), pictures in clips.items():
        clip = f"{film} ({part})" if part else film
        names = list(pictures)
        positions = label_rows.positions_by_number(names) or label_rows.positions_by_order(names)
        for name, position in zip(names, positions):
            first = pictures[name][0]
            people = [_person(row) for row in pictures[name]]
            place = first.position if first.frames is not None else position
            yield LabelledFrame(name, False, place, people, clip, first.size_hw, first.frames, session=film, part=part)


def _person(row: FlicRow) -> Person:
    known = np.isfinite(row.points).all(-1)
    values = np.concatenate([np.where(known[:, None], row.points, 0), np.where(known, VISIBLE, UNLABELLED)[:, None]], 1)
    left, top, right, bottom = row.torso_box
    landmarks = {"torso_box_top_left": row.torso_box[:2], "torso_box_bottom_right": row.torso_box[2:]}
    known_box = np.isfinite(row.torso_box).all()
    box = [left, top, right - left, bottom - top] if known_box else None
    return Person(None, row.place, values, {}, box, landmarks if known_box else {}, row.region)
