"""Which teacher a text names: a run or export of this package, a MoveNet, MediaPipe Pose.

A teacher is a `PoseModel`: it names its joints (`skeleton`), and `predict` takes frames, uint8 [N, H, W, 3], and
returns joints [N, J, 2] in px and scores [N, J].
"""

from __future__ import annotations

import os

from keras_pose.annotating.mediapipe_pose import MediaPipePose
from keras_pose.annotating.movenet import MoveNet
from keras_pose.annotating.teacher_names import MEDIAPIPE
from keras_pose.inference import loading, saved_models
from keras_pose.inference.pose_model import PoseModel
from keras_pose.skeleton import Skeleton


def open_teacher(teacher: str, python: str = "") -> PoseModel:
    """Opens a teacher; loads TensorFlow.

    Args:
      teacher: `--teacher`.
      python: `--teacher_python`.

    Raises:
      ValueError: if it cannot be opened, or is a SavedModel of another signature.
    """
    if teacher == MEDIAPIPE:
        return MediaPipePose(python)
    if not os.path.isfile(os.path.join(teacher, "saved_model.pb")):
        return loading.load(teacher)
    loaded = saved_models.load(teacher)
    if "describe" in loaded.signatures:  # an export of this package
        return loading.load(teacher)
    return MoveNet(teacher, loaded)


def choose_joints(skeleton: Skeleton, names: list[str]) -> tuple[Skeleton, list[int]]:
    """Chooses joints of a teacher.

    Args:
      skeleton: the teacher's.
      names: the joints that are wanted; empty: all.

    Returns:
      The skeleton of the wanted joints in their order, and their positions among the teacher's.

    Raises:
      ValueError: if the teacher lacks some; the message names them.
    """
    if not names:
        return skeleton, list(range(skeleton.num_joints))
    lacking = [name for name in names if name not in skeleton.joints]
    if lacking:
        raise ValueError(
            f"--joints: the teacher does not find {', '.join(lacking)}; it finds {', '.join(skeleton.joints)}"
        )
    kept = set(names)
    places = [skeleton.index(name) for name in names]
    chosen = Skeleton(
        skeleton.name,
        tuple(names),
        tuple(pair for pair in skeleton.flip_pairs if kept.issuperset(pair)),
        tuple(edge for edge in skeleton.edges if kept.issuperset(edge)),
        tuple(skeleton.colors[place] for place in places),
    )
    return chosen, places
