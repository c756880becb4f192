"""A labelled person of MPII, from the official file, the files of pose-hg-train, or those of HRNet and MMPose."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_pose.data import person_crop
from keras_pose.data.clip import HIDDEN, UNLABELLED, VISIBLE
from keras_pose.data.importers import hourglass_file, matlab_files
from keras_pose.data.importers.coco.annotation_file import parse_number, shorten
from keras_pose.data.importers.mpii.layout import NUM_JOINTS
from keras_pose.data.importers.text_encoding import describe_json_error
from keras_pose.data.person_crop import Region

# In the order of the ids 0 to 15 of the official file. Its "upper neck" is the joint that other sets call neck.
JOINTS = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle", "pelvis", "thorax"),
    *("neck", "head_top", "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
)
FIRST_PIXEL = 1.0  # MATLAB counts pixels from 1; HRNet's reader subtracts 1 from the same numbers in its json
PERSON_PX = 200.0  # height of a person of scale 1
AROUND = 1.25  # side of the region of a person, as part of this height
BELOW_PX = 15.0  # how far its middle is below the centre of a person of scale 1
HEAD_SIZE = 0.6  # the size of the head is this part of the diagonal of its box (Andriluka et al. 2014)
NECK_TO_TOP = 0.8  # distance of neck and top of the head, as part of the same diagonal; measured on the published files
_NECK = JOINTS.index("neck")
_TOP = JOINTS.index("head_top")


@dataclasses.dataclass(frozen=True)
class MpiiPerson:
    """A labelled person.

    Args:
      place: the label, for messages.
      part: "train", "test" or "".
      image: name of the picture.
      values: float64 [16, 3], (x, y, v) in 0-based px; v is 0, 1 (hidden) or 2 (visible).
      box: float64 [4], x, y, width, height of the person in px; NaN if unknown.
      head_box: float64 [2, 2], two opposite corners of the box around the head in 0-based px; NaN if unknown. The size
        of the head is 0.6 times their distance. Files without the box have two points at the right distance.
      video: number of the video that the picture comes from; empty if the file does not tell.
      region: what papers show a net of the picture to find this person (`region_of`); None if unknown.
    """

    place: str
    part: str
    image: str
    values: np.ndarray
    box: np.ndarray
    head_box: np.ndarray
    video: str = ""
    region: Region | None = None


def region_of(center: np.ndarray, scale: float) -> Region | None:
    """Returns the region of a person: a square of 1.25 times the height, a little below the centre.

    The rule is that of pose-hg-train (Newell et al. 2016) and HRNet; it cuts off fewer feet. The published HDF5 files
    of pose-hg-train have centre and scale after this change: (966, 340) and 4.718 in the json of HRNet is (966, 410.78)
    and 5.898 there.

    Args:
      center: float64 [2], `objpos` in px from 1.
      scale: height of the person in units of 200 px; not above 0 if unknown.
    """
    x, y = np.asarray(center) - FIRST_PIXEL
    return person_crop.square((x, y + BELOW_PX * scale), PERSON_PX * scale * AROUND)


def read_hourglass(path: str, part: str) -> Iterator[MpiiPerson]:
    """Yields the people of an HDF5 file of pose-hg-train.

    Raises:
      ValueError: if it cannot be read, or is another file; the message names it and what is missing.
    """
    file = hourglass_file.read(path, NUM_JOINTS, "MPII")
    for row, name in enumerate(file.names):
        labelled = (file.visible[row] > 0) | (file.parts[row] != 0).any(-1)
        seen = np.where(file.visible[row] > 0, VISIBLE, HIDDEN)
        values = _values(file.parts[row], np.where(labelled, seen, UNLABELLED))
        middle = values[[_NECK, _TOP], :2].mean(0) if labelled[[_NECK, _TOP]].all() else file.center[row] - FIRST_PIXEL
        head = _corners(middle, file.normalize[row] / HEAD_SIZE)
        box = _box(file.center[row], file.scale[row])
        region = person_crop.square(file.center[row] - FIRST_PIXEL, PERSON_PX * file.scale[row])  # enlarged already
        yield MpiiPerson(f"label {row}", part, name, values, box, head, region=region)


def read_json(path: str, part: str) -> Iterator[MpiiPerson]:
    """Yields the people of a file of HRNet or MMPose. They do not tell which joints are hidden.

    Raises:
      ValueError: if it is not JSON, or an entry has other fields; the message names the file and the entry.
    """
    import json

    with open(path, "rb") as file:
        try:
            entries = json.loads(file.read())
        except ValueError as error:
            raise ValueError(f"{path}: expected JSON, but {describe_json_error(error)}") from error
    for number, entry in enumerate(entries):
        place = f"entry {number}"
        fields = {name: entry.get(name) if isinstance(entry, dict) else None for name in ("joints", "joints_vis")}
        points = _numbers(fields["joints"], (NUM_JOINTS, 2))
        seen = _numbers(fields["joints_vis"], (NUM_JOINTS,))
        if points is None or seen is None or not isinstance(entry.get("image"), str):
            raise ValueError(
                f"{path}: {place}: expected an object with image, joints [{NUM_JOINTS}, 2] and joints_vis "
                f"[{NUM_JOINTS}] of MPII, received {shorten(entry)}"
            )
        values = _values(points, np.where(seen > 0, VISIBLE, UNLABELLED))
        center = _numbers(entry.get("center"), (2,))
        scale = parse_number(entry.get("scale"))
        box = np.full(4, np.nan)
        region = None
        if center is not None and scale is not None:
            box = _box(center, scale)
            region = region_of(center, scale)
        head = np.full((2, 2), np.nan)
        if values[[_NECK, _TOP], 2].all():
            neck, top = values[[_NECK, _TOP], :2]
            head = _corners((neck + top) / 2, float(np.linalg.norm(neck - top)) / NECK_TO_TOP)
        yield MpiiPerson(place, part, entry["image"], values, box, head, region=region)


def read_matlab(path: str) -> Iterator[MpiiPerson]:
    """Yields the people of the official file whose joints are labelled: none of its test pictures has labels.

    Raises:
      ValueError: if it is no MATLAB file, or another one; the message names the file and what is missing.
    """
    file = matlab_files.read(path, ["RELEASE"])
    release = file.variable("RELEASE")
    pictures = file.structs(file.field(release, "annolist", "RELEASE"), "RELEASE.annolist")
    for number, picture in enumerate(pictures, 1):
        place = f"annolist({number})"
        image = file.field(file.field(picture, "image", place), "name", f"{place}.image")
        video = picture.get("vididx")
        for r, rect in enumerate(file.structs(picture.get("annorect", []), f"{place}.annorect"), 1):
            box, region = _read_place(file, rect, f"{place}.annorect({r})")
            yield MpiiPerson(
                place=f"{place}.annorect({r})",
                part="train",
                image=file.text(image, f"{place}.image.name"),
                values=_read_points(file, rect.get("annopoints"), f"{place}.annorect({r})"),
                box=box,
                head_box=_read_head(file, rect, f"{place}.annorect({r})"),
                video="" if video is None or matlab_files.is_empty(video) else f"{file.number(video, place):.0f}",
                region=region,
            )


def _read_points(file, annopoints, place):
    """float64 [16, 3] of the points of a person, whose order and number vary."""
    points = np.zeros((NUM_JOINTS, 2))
    seen = np.full(NUM_JOINTS, UNLABELLED)
    if annopoints is not None and not matlab_files.is_empty(annopoints):
        point = file.field(annopoints, "point", f"{place}.annopoints")
        for entry in file.structs(point, f"{place}.annopoints.point"):
            joint = file.number(file.field(entry, "id", place), f"{place}: id")
            if joint not in range(NUM_JOINTS):
                raise file.error(f"{place}: expected ids of 0 to {NUM_JOINTS - 1}, found {joint:g}")
            points[int(joint)] = [file.number(file.field(entry, axis, place), f"{place}: {axis}") for axis in "xy"]
            seen[int(joint)] = HIDDEN if _is_hidden(entry.get("is_visible")) else VISIBLE
    return _values(points, seen)


def _is_hidden(value: Any) -> bool:
    """`is_visible` is 0, "0", 1, "1", or empty for the joints of the head, which follow from its box."""
    if value is None or matlab_files.is_empty(value):
        return False
    number = parse_number(value.reshape(-1)[0].item() if isinstance(value, np.ndarray) else value)
    return number == 0


def _read_place(file, rect, place):
    """The box of a person, NaN if unknown, and its region, None if unknown."""
    scale = rect.get("scale")
    center = rect.get("objpos")
    if any(value is None or matlab_files.is_empty(value) for value in (scale, center)):
        return np.full(4, np.nan), None
    x, y = (file.number(file.field(center, axis, f"{place}.objpos"), f"{place}.objpos.{axis}") for axis in "xy")
    number = file.number(scale, f"{place}.scale")
    return _box(np.array([x, y]), number), region_of(np.array([x, y]), number)


def _read_head(file, rect, place):
    sides = [rect.get(name) for name in ("x1", "y1", "x2", "y2")]
    if any(value is None or matlab_files.is_empty(value) for value in sides):
        return np.full((2, 2), np.nan)
    return np.array([file.number(value, place) for value in sides]).reshape(2, 2) - FIRST_PIXEL


def _values(points, seen):
    labelled = (np.asarray(seen) != UNLABELLED) & np.isfinite(points).all(-1)
    marks = np.where(labelled, seen, UNLABELLED)
    return np.concatenate([np.where(labelled[:, None], points - FIRST_PIXEL, 0), marks[:, None]], 1)


def _box(center, scale):
    side = PERSON_PX * scale
    return np.array([*(np.asarray(center) - FIRST_PIXEL - side / 2), side, side])


def _corners(middle, diagonal):
    half = diagonal / np.sqrt(8)
    return np.stack([middle - half, middle + half])


def _numbers(value, shape):
    """float64 of a shape from JSON; None if it is something else."""
    try:
        found = np.array(value, np.float64)
    except (OverflowError, TypeError, ValueError):
        return None
    return found if found.shape == shape else None
