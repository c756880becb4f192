"""A second skeleton, for tests that need one that differs from the upper body of the signers."""

from keras_pose.skeleton import Skeleton

_PARTS = ("eye", "ear", "shoulder", "elbow", "wrist")

COCO_UPPER_BODY = Skeleton(
    name="coco_upper_body",
    joints=("nose", *(f"{side}_{part}" for part in _PARTS for side in ("left", "right"))),
    flip_pairs=tuple((f"left_{part}", f"right_{part}") for part in _PARTS),
    edges=(
        *((f"{side}_shoulder", f"{side}_elbow") for side in ("right", "left")),
        *((f"{side}_elbow", f"{side}_wrist") for side in ("right", "left")),
        ("right_shoulder", "left_shoulder"),
        ("nose", "right_eye"),
        ("nose", "left_eye"),
    ),
)
