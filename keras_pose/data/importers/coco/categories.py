"""The categories of a COCO file: their joints, and the skeleton of the one that is read.

Edges of `skeleton` are pairs of joint numbers or joint names. Numbers count from 1, as at cocodataset.org, unless a 0
occurs among them: then they count from 0. Edges and colours only serve drawings, so those that do not fit are left out
with a note.
"""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

from keras_pose.data.importers.coco.annotation_file import Content, Id, normalize_id, shorten
from keras_pose.data.importers.coco.findings import Findings
from keras_pose.skeleton import Skeleton, infer_flip_pairs


@dataclasses.dataclass(frozen=True)
class Category:
    """A category of annotations.

    Args:
      name: its name; its id if it has none.
      joints: names of its keypoints; empty if it has none.
      entry: the object in the file.
    """

    name: str
    joints: tuple[str, ...]
    entry: dict[str, Any]


def read_categories(content: Content, findings: Findings) -> dict[Id, Category]:
    """Returns the categories by id. Invalid ones become problems.

    If no category names its keypoints, but annotations have some, all categories get `joint_0`, `joint_1`, …

    Raises:
      ValueError: if no category has keypoints.
    """
    categories: dict[Id, Category] = {}
    for number, entry in enumerate(content.categories):
        place = f"categories[{number}]"
        category_id = normalize_id(entry.get("id")) if isinstance(entry, dict) else None
        if category_id is None:
            findings.add_bad("", place, f"expected an object with the field 'id', received {shorten(entry)}", "", 0)
            continue
        name = entry.get("name")
        joints, fault = _read_joints(entry.get("keypoints"))
        if fault:
            findings.add_bad("", f"{place} ({shorten(name)})", fault, "", 0)
        category = Category(name if isinstance(name, str) and name else str(category_id), joints, entry)
        other = categories.setdefault(category_id, category)
        if not other.joints:
            categories[category_id] = category
        elif joints and joints != other.joints:
            findings.add_bad("", place, f"expected an id of its own, received {category_id!r} a second time", "", 0)
    if not any(category.joints for category in categories.values()):
        categories = _number_joints(categories, content, findings)
    if not any(category.joints for category in categories.values()):
        faults = "".join(f"; {problem.message}" for problem in findings.problems[:1])
        names = shorten([category.name for category in categories.values()])
        raise ValueError(f"{findings.path}: expected a category with 'keypoints', received {names}{faults}")
    return categories


def build_skeleton(category: Category, findings: Findings) -> Skeleton:
    """Returns the skeleton of a category. Parts that do not fit its joints are left out, with a note."""
    entry = category.entry
    place = f"category {category.name!r}"
    name = entry.get("name", "coco")
    skeleton = Skeleton(
        name if isinstance(name, str) else "coco", category.joints, (), _read_edges(category, place, findings)
    )
    colors = entry.get("colors")
    if colors:
        try:
            skeleton = dataclasses.replace(skeleton, colors=tuple(tuple(color) for color in colors))
        except (TypeError, ValueError):
            findings.add_note(f"{place}: colors: ignored, expected {len(category.joints)} × [r, g, b] of 0 to 255")
    pairs = entry.get("flip_pairs")
    if pairs is not None:
        try:
            return dataclasses.replace(skeleton, flip_pairs=tuple(tuple(pair) for pair in pairs))
        except (TypeError, ValueError):
            findings.add_note(
                f"{place}: flip_pairs: ignored, expected pairs of its keypoints; the pairs follow from the names, or "
                "set --flip_pairs"
            )
    return dataclasses.replace(skeleton, flip_pairs=infer_flip_pairs(category.joints))


def _read_joints(value):
    """Returns (joint names, "") or ((), what is wrong with them)."""
    if not value:
        return (), ""
    if not isinstance(value, list) or not all(type(name) in (str, int) for name in value):
        return (), f"keypoints: expected a list of joint names, received {shorten(value)}"
    joints = tuple(str(name) for name in value)
    repeated = sorted(name for name, count in collections.Counter(joints).items() if count > 1)
    if repeated:
        return (), f"keypoints: expected different joint names, received twice: {shorten(repeated)}"
    return joints, ""


def _number_joints(categories, content, findings):
    """Names the joints of categories without keypoints by numbers, as many as most annotations have."""
    values = (entry.get("keypoints") for entry in content.annotations if isinstance(entry, dict))
    lists = [v for v in values if isinstance(v, list) and v]
    flat = [len(v) // 3 for v in lists if len(v) % 3 == 0 and not isinstance(v[0], list)]
    counts = collections.Counter(flat + [len(v) for v in lists if isinstance(v[0], list)])
    if not counts or not categories or findings.problems:
        return categories
    joints = tuple(f"joint_{j}" for j in range(counts.most_common(1)[0][0]))
    findings.add_note(f"the categories do not name their keypoints: joints are called joint_0 to {joints[-1]}")
    return {key: dataclasses.replace(category, joints=joints) for key, category in categories.items()}


def _read_edges(category, place, findings):
    value = category.entry.get("skeleton")
    if value is None:
        return ()
    joints = category.joints
    pairs = value if isinstance(value, list) else [value]
    numbers = [end for pair in pairs if isinstance(pair, list) for end in pair if _is_number(end)]
    first = 0 if 0 in numbers else 1
    names = {name: name for name in joints}
    names.update(enumerate(joints, first))
    edges = []
    dropped = []
    for pair in pairs:
        fits = isinstance(pair, list) and len(pair) == 2 and all(_is_number(e) or isinstance(e, str) for e in pair)
        ends = tuple(names.get(end) for end in pair) if fits else (None, None)
        if None in ends or ends[0] == ends[1]:
            dropped.append(pair)
        else:
            edges.append(ends)
    if dropped:
        expected = f"pairs of numbers from {first} to {len(joints) - 1 + first}"
        findings.add_note(
            f"{place}: skeleton: {len(dropped)} of {len(pairs)} edges ignored, expected {expected}, received "
            f"{shorten(dropped[0])}"
        )
    return tuple(edges)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
