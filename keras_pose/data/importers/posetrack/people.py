"""The labelled people of a file of PoseTrack18.

17 columns in COCO's form; those of the ears are never labelled, and `head_bottom` is the joint that other sets call
neck. v is 1 for every labelled joint: the file does not tell which ones are hidden.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.data.importers.coco.annotation_file import Content, normalize_id, parse_number, shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.keypoints import is_set, parse_keypoints
from keras_pose.data.importers.coco.people import Person

JOINTS = (
    *("nose", "neck", "head_top", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
    *("left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
)
_NAMES = {"neck": "head_bottom"}  # names of the file that differ


@dataclasses.dataclass
class TrackedFrame:
    """A labelled frame of a video.

    Args:
      name: path of its picture as the file has it: `images/val/000342_mpii_test/000000.jpg`.
      size_hw: (height, width) in px as the file states it; None if it does not.
      people: the labelled people.
      num_regions: number of regions that hold people without labels.
    """

    name: str
    size_hw: tuple[int, int] | None
    people: list[Person]
    num_regions: int


def read_frames(content: Content, findings: Findings) -> list[TrackedFrame]:
    """Returns the labelled frames of a file. What is not read is counted in `findings`.

    Raises:
      ValueError: if the file has other joints; the message names it.
    """
    columns, names = _find_columns(content, findings.path)
    frames = {}
    for entry in content.images:
        image_id = normalize_id(entry.get("id")) if isinstance(entry, dict) else None
        if image_id is not None and isinstance(entry.get("file_name"), str):
            sides = [parse_number(entry.get(side)) or 0.0 for side in ("height", "width")]
            size_hw = (int(sides[0]), int(sides[1])) if all(1 <= side < 1e6 for side in sides) else None
            regions = entry.get("ignore_regions_x")
            frames[image_id] = TrackedFrame(
                entry["file_name"], size_hw, [], len(regions) if isinstance(regions, list) else 0
            )
    for number, entry in enumerate(content.annotations):
        place = f"annotations[{number}]"
        if not isinstance(entry, dict):
            findings.add_bad("invalid", place, f"expected an object, received {shorten(entry)}")
            continue
        place = f"annotation {entry['id']}" if normalize_id(entry.get("id")) is not None else place
        image_id = normalize_id(entry.get("image_id"))
        frame = None if image_id is None else frames.get(image_id)
        if not entry.get("keypoints"):
            findings.leave_out("without a labelled joint", place)
        elif is_set(entry.get("iscrowd")):
            findings.leave_out("of crowds (iscrowd)", place)
        elif frame is None:
            received = shorten(entry.get("image_id"))
            findings.add_bad("of an unknown image", place, f"expected the id of an image, received {received}")
        else:
            person = _read_person(entry, place, columns, names, findings)
            frame.people += [person] if person else []
    return [frame for frame in frames.values() if frame.people]


def _find_columns(content, path):
    """The positions of `JOINTS` among the columns of the file, and the names of all columns."""
    for entry in content.categories:
        names = entry.get("keypoints") if isinstance(entry, dict) else None
        if isinstance(names, list) and "head_bottom" in names:
            wanted = [_NAMES.get(joint, joint) for joint in JOINTS]
            missing = [name for name in wanted if name not in names]
            if missing:
                raise ValueError(f"{path}: expected the joint {missing[0]} of PoseTrack18, found {shorten(names)}")
            return [names.index(name) for name in wanted], names
    raise ValueError(
        f"{path}: expected a category with the joints of PoseTrack18 (head_bottom, head_top, …), found none"
    )


def _read_person(entry, place, columns, names, findings):
    values, faults, message = parse_keypoints(entry["keypoints"], names)
    if message:
        findings.add_bad("with invalid keypoints", place, message)
        return None
    chosen = values[columns]
    chosen[:, 2] = np.where(chosen[:, 2] > 0, VISIBLE, UNLABELLED)
    if not chosen[:, 2].any():
        findings.leave_out("without a labelled joint", place)
        return None
    faults = {columns.index(column): text for column, text in faults.items() if column in columns}
    head = _box(entry.get("bbox_head"))
    landmarks = {} if head is None else {"head_box_top_left": head[:2], "head_box_bottom_right": head[:2] + head[2:]}
    return Person(normalize_id(entry.get("image_id")), place, chosen, faults, entry.get("bbox"), landmarks)


def _box(value: Any):
    """float64 [4] of a box, or None."""
    numbers = [parse_number(side) for side in value] if isinstance(value, list) and len(value) == 4 else []
    known = len(numbers) == 4 and all(number is not None and np.isfinite(number) for number in numbers)
    return np.array(numbers, np.float64) if known else None
