"""Reads MPII Human Pose (Andriluka et al. 2014): people in pictures from 3,913 videos, 16 joints.

Left and right are the subject's. Pictures have many sizes. The official file says which video a picture comes from:
those of a video are one session, so splits keep them together. The other files do not, and each picture is a clip of
its own.

The labels of the test pictures are not published. Papers report the 2,958 people that Tompson et al. (2014) kept out of
training (`valid`): they are the test part here.
"""

from __future__ import annotations

import collections
import os

import numpy as np

from keras_pose.data import authors_split
from keras_pose.data.importers import label_rows
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.people import Person
from keras_pose.data.importers.labelled_frames import LabelledFrame, build_source
from keras_pose.data.importers.mpii import layout, people
from keras_pose.data.importers.mpii.people import MpiiPerson
from keras_pose.data.importers.people_apart import take_apart
from keras_pose.data.person_crop import AUTO
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton, infer_flip_pairs

_LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
SKELETON = Skeleton(
    "mpii",
    people.JOINTS,
    infer_flip_pairs(people.JOINTS),
    (
        *((f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in _LIMBS),
        *((f"{side}_hip", "pelvis") for side in ("left", "right")),
        *((f"{side}_shoulder", "thorax") for side in ("left", "right")),
        ("pelvis", "thorax"),
        ("thorax", "neck"),
        ("neck", "head_top"),
    ),
)


def read(
    path: str | os.PathLike[str],
    split: str | None = None,
    image_dir: str = "",
    exif_orientation: str = "auto",
    person_crop: str = AUTO,
) -> Source:
    """Reads MPII Human Pose.

    Args:
      path: the folder of the data set, or a file of its labels (`layout`).
      split: the authors' split (`authors_split.choose_name`); there is one, without a name.
      image_dir: folder of the pictures; empty: `images/` in the folder of the data set.
      exif_orientation: not used here; pictures with an orientation are read as `pictures.orientation` decides.
      person_crop: "auto", "none", or a factor (`person_crop.HELP`).

    Returns:
      `Source`. Its landmarks `head_box_top_left` and `head_box_bottom_right` are opposite corners of the box around the
      head: PCKh at 0.5 is PCK at 0.3 of their distance. Each person is a clip with the region around it
      (`people.region_of`); with "none", of several people in a picture the tallest (`scale`) is read.

    Raises:
      ValueError: if labels are missing or of another form, or none of the pictures is found; the message names what is
        missing and where it belongs.
    """
    spec = os.fspath(path)
    found = layout.find_files(spec)
    if found is None:
        raise ValueError(f"{spec}: expected MPII Human Pose (labels in annot/, and images/), found no such files")
    authors_split.choose_name(split, (), spec)
    files = list(found.paths.values())
    findings = Findings(files[0] if len(files) == 1 else spec)
    members = []
    count = 0
    for person in _read_people(found):
        count += 1
        if person.values[:, 2].any():
            members.append(person)
        else:
            findings.leave_out("without a labelled joint", person.place)
    if not members:
        raise ValueError(f"{findings.path}: expected labelled people of MPII, found none among {count}")
    frames = take_apart(_list_frames(members), person_crop, findings)
    return build_source(files[0], frames, SKELETON, findings, image_dir, exif_orientation, count, found.root or ".")


def _read_people(found):
    for part, file in found.paths.items():
        if found.kind == "matlab":
            yield from people.read_matlab(file)
        elif found.kind == "hourglass":
            yield from people.read_hourglass(file, part)
        else:
            yield from people.read_json(file, part)


def _list_frames(members):
    """Yields a frame for each picture, with all people in it."""
    pictures = collections.defaultdict(list)
    for person in members:
        pictures[person.video, person.part, person.image].append(person)
    by_clip = collections.defaultdict(list)
    for video, part, image in pictures:
        by_clip[f"video {video}" if video else "", part].append((video, part, image))
    for (clip, part), keys in by_clip.items():
        positions = label_rows.positions_by_order([image for _, _, image in keys]) if clip else [0] * len(keys)
        for key, position in zip(keys, positions):
            shown = [_person(person) for person in pictures[key]]
            yield LabelledFrame(key[2], False, position, shown, clip, part=part)


def _person(person: MpiiPerson) -> Person:
    known = np.isfinite(person.head_box).all()
    names = ("head_box_top_left", "head_box_bottom_right")
    box = person.box.tolist() if np.isfinite(person.box).all() else None
    landmarks = dict(zip(names, person.head_box)) if known else {}
    return Person(None, person.place, person.values, {}, box, landmarks, person.region)
