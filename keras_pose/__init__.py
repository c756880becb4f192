"""Joint positions from video with Keras and TensorFlow.

    import keras_pose

    model = keras_pose.load("runs/mine")             # a run folder, or an export's version folder
    model.skeleton.joints                            # names, in the order of every answer
    poses = model.predict(frames)                    # uint8 [N, H, W, 3] → .joints [N, J, 2] in px, .scores [N, J]
    for pose in model.predict_video("clip.mp4"):     # .frame, .time_s, .joints [J, 2], .scores [J]
        ...

Importing the package is quick: TensorFlow is loaded when something needs it, and without its start-up messages unless
TF_CPP_MIN_LOG_LEVEL=0 asks for them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from keras_pose import console

if TYPE_CHECKING:
    from keras_pose.inference.loading import load
    from keras_pose.inference.pose_model import FramePose, Modes, PoseModel, Poses
    from keras_pose.skeleton import Skeleton

__version__ = "0.1.0"
__all__ = ["FramePose", "Modes", "PoseModel", "Poses", "Skeleton", "load"]

_HOMES = {
    "FramePose": "keras_pose.inference.pose_model",
    "Modes": "keras_pose.inference.pose_model",
    "PoseModel": "keras_pose.inference.pose_model",
    "Poses": "keras_pose.inference.pose_model",
    "Skeleton": "keras_pose.skeleton",
    "load": "keras_pose.inference.loading",
}


def __getattr__(name: str) -> object:
    """Loads a public name when it is first used."""
    if name in _HOMES:
        with console.quiet_import():
            return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
