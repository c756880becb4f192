"""The annotations of a COCO file as labels of the joints of one skeleton."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose.data.clip import HIDDEN, VISIBLE
from keras_pose.data.importers.coco.annotation_file import Content, Id, normalize_id, parse_number, shorten
from keras_pose.data.importers.coco.categories import build_skeleton, read_categories
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.data.importers.coco.keypoints import has_labels, is_set, parse_keypoints
from keras_pose.data.person_crop import Region
from keras_pose.skeleton import Skeleton

_MANY_JOINTS = 10  # so many labelled joints are not all hidden by chance


@dataclasses.dataclass
class Person:
    """One labelled person.

    Args:
      image_id: id of the image.
      place: the annotation, for messages.
      values: float64 [J, 3], (x, y, v); v is 0 where a joint is unlabelled or invalid.
      faults: what is wrong with single joints, by the position of the joint.
      bbox: the box as in the file: [x, y, width, height] px, or any other JSON value.
      landmarks: {name: float64 [2]}, points that no net learns (`Clip.landmarks`).
      region: what to see of the picture to find this person (`person_crop`); None if the file does not tell.
    """

    image_id: Id | None
    place: str
    values: np.ndarray
    faults: dict[int, str]
    bbox: Any
    landmarks: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    region: Region | None = None

    def area(self) -> float:
        """Returns the area of the box in px²; if it has none, that of the smallest box around the labelled joints."""
        sides = self.bbox[2:] if isinstance(self.bbox, list) and len(self.bbox) == 4 else ()
        numbers = [parse_number(side) or 0.0 for side in sides]
        if numbers and all(0 < number < np.inf for number in numbers):
            return numbers[0] * numbers[1]
        points = self.values[self.values[:, 2] > 0, :2]
        return float(np.prod(points.max(0) - points.min(0)))


def read_people(content: Content, category_name: str, findings: Findings) -> tuple[list[Person], Skeleton]:
    """Reads all annotations with at least one labelled joint.

    If the categories have different joints, those with the most labelled joints are read. Categories with the same
    joints are read together, also if the order differs.

    Args:
      content: the file.
      category_name: name of the category to read; empty chooses.
      findings: receives what is left out.

    Returns:
      The people in the order of the file, and their skeleton.

    Raises:
      ValueError: if no category has keypoints, or the one asked for.
    """
    categories = read_categories(content, findings)
    if category_name:
        _check_name(category_name, categories, findings.path)
    people = collections.defaultdict(list)
    for number, entry in enumerate(content.annotations):
        found = _read_annotation(number, entry, categories, findings)
        if found:
            people[found[0]].append((number, found[1]))
    chosen = _choose_categories(category_name, categories, people)
    kept = []
    for category_id, members in people.items():
        category = categories[category_id]
        if category_id in chosen:
            order = [category.joints.index(joint) for joint in categories[chosen[0]].joints]
            same = order == sorted(order)
            kept += members if same else [(number, _reorder(person, order)) for number, person in members]
            continue
        for _, person in members:
            findings.leave_out(f"of category {category.name!r} (to read it instead, set --category)", person.place)
    labels = np.concatenate([person.values[:, 2] for _, person in kept]) if kept else np.zeros(0)
    if (labels == HIDDEN).sum() >= _MANY_JOINTS and not (labels == VISIBLE).any():
        findings.add_note(
            "every labelled joint has v = 1 (hidden). Some tools write 1 for all labelled joints; if this one does, "
            "train with --hidden_weight=1"
        )
    return [person for _, person in sorted(kept, key=lambda pair: pair[0])], build_skeleton(
        categories[chosen[0]], findings
    )


def _check_name(name, categories, path):
    names = dict.fromkeys(category.name for category in categories.values() if category.joints)
    if name not in names:
        raise ValueError(f"{path}: --category={name}: expected one of {', '.join(names)}")


def _choose_categories(name, categories, people):
    """Returns the ids of the categories to read, in the order of the file; all of them have the same joints."""
    counts = collections.Counter()
    for category_id, category in categories.items():
        if category.joints and name in ("", category.name):
            counts[frozenset(category.joints)] += sum(int((p.values[:, 2] > 0).sum()) for _, p in people[category_id])
    joints = counts.most_common(1)[0][0]
    return [i for i, c in categories.items() if c.joints and name in ("", c.name) and frozenset(c.joints) == joints]


def _read_annotation(number, entry, categories, findings):
    """Returns (category id, `Person`), or None for an annotation that is bad or has no labels."""
    if not isinstance(entry, dict):
        findings.add_bad("invalid", f"annotations[{number}]", f"expected an object, received {shorten(entry)}")
        return None
    place = _place(number, entry)
    keypoints = entry.get("keypoints")
    category_id = normalize_id(entry.get("category_id"))
    category = categories.get(category_id)
    if not keypoints or (category is None or not category.joints) and not has_labels(keypoints):
        findings.leave_out("without a labelled joint", place)
    elif category is None:
        received = shorten(entry.get("category_id"))
        findings.add_bad("of an unknown category", place, f"expected the id of a category, received {received}")
    elif not category.joints:
        findings.leave_out(f"of category {category.name!r}, which has no keypoints", place)
    elif is_set(entry.get("iscrowd")) or is_set(entry.get("ignore")):
        findings.leave_out("of crowds (iscrowd) or marked with ignore", place)
    else:
        values, faults, message = parse_keypoints(keypoints, category.joints)
        if message:
            findings.add_bad("with invalid keypoints", place, message)
        elif values[:, 2].any():
            return category_id, Person(normalize_id(entry.get("image_id")), place, values, faults, entry.get("bbox"))
        elif faults:
            findings.add_bad("with invalid keypoints", place, next(iter(faults.values())))
        else:
            hint = ", though some have positions" if (np.abs(values[:, :2]) > 0).any() else ""
            findings.leave_out(f"without a labelled joint (v is 0{hint})", place)
    return None


def _place(number, entry):
    name = entry.get("id")
    return f"annotation {name}" if normalize_id(name) is not None else f"annotations[{number}]"


def _reorder(person, order):
    faults = {order.index(joint): message for joint, message in person.faults.items()}
    return dataclasses.replace(person, values=person.values[order], faults=faults)
