"""What is known of the frames of a video while it is analysed, frame by frame, and its parts as arrays."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.inference.engine import Region
from keras_pose.inference.pose_model import FramePose


@dataclasses.dataclass
class Row:
    """What is known of a frame.

    Args:
      number: its number.
      time_s: when it is shown; NaN: unknown.
      decoded: whether it could be decoded.
      regions: where the net looked, by name of the track.
      poses: what was found, by name of the track.
    """

    number: int
    time_s: float
    decoded: bool
    regions: dict[str, Region] = dataclasses.field(default_factory=dict)
    poses: dict[str, FramePose] = dataclasses.field(default_factory=dict)


def to_arrays(rows: Sequence[Row], num_joints: int, state: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Returns rows as the arrays of a part; regions stay in float64, so that they can be looked at again exactly."""
    people = list(dict.fromkeys(name for row in rows for name in row.regions))
    shape = (len(rows), len(people))
    joints = np.full((*shape, num_joints, 2), np.nan, np.float32)
    scores = np.zeros((*shape, num_joints), np.float32)
    ambiguous = np.zeros((*shape, num_joints), bool)
    regions = np.full((*shape, 4), np.nan, np.float64)
    for n, row in enumerate(rows):
        for name, region in row.regions.items():
            regions[n, people.index(name)] = region
        for name, pose in row.poses.items():
            p = people.index(name)
            joints[n, p] = pose.joints
            scores[n, p] = pose.scores
            if pose.ambiguous is not None:
                ambiguous[n, p] = pose.ambiguous
    return {
        "frames": np.array([row.number for row in rows], np.int64),
        "times_s": np.array([row.time_s for row in rows], np.float64),
        "decoded": np.array([row.decoded for row in rows], bool),
        "people": np.array(people, dtype=str if people else "U1"),
        "joints": joints,
        "scores": scores,
        "ambiguous": ambiguous,
        "regions": regions,
        "state": np.array(json.dumps(state)),
    }


def regions_of(part: Mapping[str, np.ndarray], place: int) -> dict[str, Region]:
    """Returns the regions of a frame of a part, in the order in which they were looked at."""
    found = {}
    for name, region in zip(part["people"].tolist(), part["regions"][place].tolist()):
        if not math.isnan(region[0]):
            found[name] = tuple(region)
    return found
