"""Skeletons: joint names, left/right pairs, edges and drawing colours.

The data, the weights, the export and each prediction file contain the skeleton, so every column of numbers has a name.
Source of the 7 upper-body joints: BBC Pose and FLIC.
"""

from __future__ import annotations

import colorsys
import dataclasses
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.side_names import find_unpaired, infer_flip_pairs

__all__ = ["UPPER_BODY", "Skeleton", "find_unpaired", "infer_flip_pairs", "load", "read_names", "same_joints"]


@dataclasses.dataclass(frozen=True)
class Skeleton:
    """The names of the joints and how they are connected.

    Args:
      name: name of the skeleton.
      joints: J different names; their order is the order of all arrays.
      flip_pairs: pairs (left, right) of names that are swapped in a mirrored image. Joints in no pair are on the
        midline. Empty: images cannot be mirrored.
      edges: pairs of names that are drawn as lines.
      colors: J colours (r, g, b) of 0 to 255; empty: evenly spread hues.

    Raises:
      ValueError: for names that are no text, repeated or unknown, overlapping pairs, or a wrong number of colours.
    """

    name: str
    joints: tuple[str, ...]
    flip_pairs: tuple[tuple[str, str], ...] = ()
    edges: tuple[tuple[str, str], ...] = ()
    colors: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        # Lists, as JSON has them, become tuples.
        for field in ("joints", "flip_pairs", "edges", "colors"):
            value = getattr(self, field)
            if not isinstance(value, (list, tuple)):
                raise ValueError(f"skeleton {self.name!r}, {field}: expected a list, received {value!r}")
            object.__setattr__(self, field, tuple(tuple(v) if isinstance(v, list) else v for v in value))
        # Check names, then pairs, then colours.
        if not self.joints:
            raise ValueError(f"skeleton {self.name!r}: expected at least one joint, received none")
        for name in (self.name, *self.joints):
            if not isinstance(name, str):
                raise ValueError(f"skeleton {self.name!r}: expected names as text, received {name!r}")
        repeated = sorted({j for j in self.joints if self.joints.count(j) > 1})
        if repeated:
            raise ValueError(f"skeleton {self.name!r}: expected different joint names, received twice: {repeated}")
        for field in ("flip_pairs", "edges"):
            for pair in getattr(self, field):
                if not isinstance(pair, tuple) or len(pair) != 2:
                    raise ValueError(f"skeleton {self.name!r}, {field}: expected pairs of names, received {pair!r}")
                for joint in pair:
                    self.index(joint)
        paired = [joint for pair in self.flip_pairs for joint in pair]
        if len(set(paired)) != len(paired):
            raise ValueError(f"skeleton {self.name!r}: expected a joint in one pair, received {self.flip_pairs}")
        if not self.colors:
            object.__setattr__(self, "colors", _spread_colors(len(self.joints)))
        if len(self.colors) != len(self.joints):
            raise ValueError(f"skeleton {self.name!r}: expected {len(self.joints)} colors, received {len(self.colors)}")
        for color in self.colors:
            if not isinstance(color, tuple) or len(color) != 3 or not all(0 <= c <= 255 for c in color):
                raise ValueError(f"skeleton {self.name!r}: expected colours (r, g, b) of 0 to 255, received {color!r}")

    @property
    def num_joints(self) -> int:
        """J, the number of joints."""
        return len(self.joints)

    def index(self, joint: str) -> int:
        """Returns the position of a joint in `joints`; an unknown name is a ValueError that lists the known names."""
        if joint not in self.joints:
            raise ValueError(
                f"skeleton {self.name!r}: unknown joint {joint!r}, expected one of {', '.join(self.joints)}"
            )
        return self.joints.index(joint)

    def flip_permutation(self) -> np.ndarray:
        """Returns int32 [J]: the joint whose values each joint takes when the image is mirrored."""
        order = np.arange(self.num_joints, dtype=np.int32)
        for left, right in self.flip_pairs:
            order[self.index(left)] = self.index(right)
            order[self.index(right)] = self.index(left)
        return order

    def edge_indices(self) -> list[tuple[int, int]]:
        """Returns the edges as pairs of joint positions."""
        return [(self.index(a), self.index(b)) for a, b in self.edges]

    def to_dict(self) -> dict[str, Any]:
        """Returns a dictionary of lists that can be written as JSON."""
        return {
            "name": self.name,
            "joints": list(self.joints),
            "flip_pairs": [list(p) for p in self.flip_pairs],
            "edges": [list(p) for p in self.edges],
            "colors": [list(c) for c in self.colors],
        }

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the skeleton as JSON."""
        files.write_json(path, self.to_dict())


def load(path: str | os.PathLike[str]) -> Skeleton:
    """Reads a skeleton that `Skeleton.save` wrote.

    Raises:
      ValueError: if the file is not a skeleton; the message names it.
    """
    fields = files.read_json(path)
    try:
        return Skeleton(**fields)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected a skeleton (name, joints, flip_pairs, edges, colors): {error}") from error


def same_joints(a: Skeleton, b: Skeleton) -> bool:
    """Whether two skeletons have the same joint names in the same order, as arrays of joints need."""
    return a.joints == b.joints


def read_names(text: str, names: Sequence[str], separators: str) -> list[list[str]]:
    """Reads a list of known names, which may contain the separators themselves.

    Args:
      text: names with separators between them; spaces around a separator are ignored.
      names: the known names.
      separators: characters; the first one stands after the first name, the next one after the second name, and so on,
        from the start again after the last one.

    Returns:
      The ways to read the text, at most two; none if it is not such a list.
    """
    found: list[list[str]] = []

    def read(rest: str, read_so_far: list[str]) -> None:
        for name in names:
            for start in {rest, rest.lstrip()}:
                if len(found) < 2 and name and start.startswith(name):
                    after = start[len(name) :].lstrip()
                    line = [*read_so_far, name]
                    if not after and line not in found:
                        found.append(line)
                    elif after.startswith(separators[len(read_so_far) % len(separators)]):
                        read(after[1:], line)

    read(text, [])
    return found


def _spread_colors(count):
    hues = np.arange(count) / max(count, 1)
    return tuple(tuple(int(round(255 * c)) for c in colorsys.hsv_to_rgb(h, 0.85, 1.0)) for h in hues)


_ARMS = (
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_shoulder", "left_shoulder"),
)
_ARM_PAIRS = tuple((f"left_{part}", f"right_{part}") for part in ("wrist", "elbow", "shoulder"))

UPPER_BODY = Skeleton(
    name="upper_body",
    joints=(
        "head",
        "right_wrist",
        "left_wrist",
        "right_elbow",
        "left_elbow",
        "right_shoulder",
        "left_shoulder",
    ),
    flip_pairs=_ARM_PAIRS,
    edges=_ARMS + (("head", "right_shoulder"), ("head", "left_shoulder")),
    colors=(
        (255, 255, 255),
        (230, 60, 60),
        (60, 120, 255),
        (255, 150, 40),
        (40, 200, 255),
        (255, 220, 60),
        (70, 230, 120),
    ),
)
