"""The joints that other nets find in a person, under the names that data sets of people have here.

Left and right are the person's own.
"""

from __future__ import annotations

from keras_pose.side_names import infer_flip_pairs
from keras_pose.skeleton import Skeleton

_LIMBS = (
    ("left_shoulder", "right_shoulder"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "left_hip"),
    ("right_shoulder", "right_hip"),
    ("left_hip", "right_hip"),
    ("left_hip", "left_knee"),
    ("left_knee", "left_ankle"),
    ("right_hip", "right_knee"),
    ("right_knee", "right_ankle"),
)
_SIDES = ("left", "right")
_BODY = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")


def _pairs(*parts: str) -> tuple[str, ...]:
    return tuple(f"{side}_{part}" for part in parts for side in _SIDES)


_COCO = ("nose", *_pairs("eye", "ear"), *_pairs(*_BODY))
# COCO's 17 keypoints in their order (Lin et al. 2014), as MoveNet returns them.
COCO = Skeleton(
    "coco",
    _COCO,
    infer_flip_pairs(_COCO),
    (("nose", "left_eye"), ("nose", "right_eye"), ("left_eye", "left_ear"), ("right_eye", "right_ear"), *_LIMBS),
)

_BLAZEPOSE = (
    "nose",
    *(f"{side}_eye{place}" for side in _SIDES for place in ("_inner", "", "_outer")),
    *_pairs("ear", "mouth"),
    *_pairs("shoulder", "elbow", "wrist", "pinky", "index", "thumb", "hip", "knee", "ankle", "heel", "foot_index"),
)
# The 33 landmarks of MediaPipe Pose in their order (Bazarevsky et al. 2020).
BLAZEPOSE = Skeleton(
    "blazepose",
    _BLAZEPOSE,
    infer_flip_pairs(_BLAZEPOSE),
    (
        ("nose", "left_eye"),
        ("nose", "right_eye"),
        ("left_eye", "left_ear"),
        ("right_eye", "right_ear"),
        ("left_mouth", "right_mouth"),
        *_LIMBS,
        *((f"{side}_wrist", f"{side}_{finger}") for side in _SIDES for finger in ("pinky", "index", "thumb")),
        *((f"{side}_ankle", f"{side}_{part}") for side in _SIDES for part in ("heel", "foot_index")),
    ),
)
