"""Facts and machines for tests of proposals."""

from __future__ import annotations

from typing import Any

from keras_pose.inspection.facts import SourceFacts
from keras_pose.inspection.machine import Machine

LAPTOP = Machine(2, 16_000_000_000)
# What `gather_facts` finds in the project of configs/lips.flags and in that of configs/openfield.flags.
LIPS: dict[str, Any] = {
    "num_clips": 24,
    "num_sessions": 24,
    "num_frames": 178,
    "num_with_video": 178,
    "num_near": 1900,
    "joints": {"leftLip": (178, 0, 0), "rightLip": (178, 0, 0)},
    "sizes_hw": {(240, 320): 178},
    "person_px": (134.2, 152.8, 179.1),
    "person": 0.478,
    "size_spread": 0.155,
    "spacing": 0.0013,
    "alignment": 0.9994,
    "motion": (0.0036, 0.0103),
}
OPENFIELD: dict[str, Any] = {
    "num_clips": 1,
    "num_sessions": 1,
    "num_frames": 116,
    "num_with_video": 0,
    "num_near": 116,
    "joints": {"snout": (116, 0, 0), "tailbase": (116, 0, 0)},
    "sizes_hw": {(480, 640): 116},
    "person_px": (91.5, 111.4, 126.3),
    "person": 0.174,
    "size_spread": 0.175,
    "spacing": 0.0143,
    "alignment": 0.749,
    "motion": (float("nan"), float("nan")),
}


def make_facts(base: dict[str, Any] = LIPS, **changes: Any) -> SourceFacts:
    """Returns facts; `changes` are other values for fields."""
    return SourceFacts(**{**base, **changes})
