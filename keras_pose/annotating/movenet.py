"""MoveNet, and any SavedModel with its signature: one person, COCO's 17 joints.

The SavedModel takes `input`, int32 [1, S, S, 3], RGB of 0 to 255, a frame fitted into a square with black borders. It
returns one float32 [1, 1, 17, 3]: y, x and score, positions as fractions of the square.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import tensorflow as tf

from keras_pose.annotating import person_joints
from keras_pose.annotating.frame_teacher import FrameTeacher
from keras_pose.inference import saved_models
from keras_pose.poses.video_poses import ModelFacts

_SIGNATURE = "serving_default"
_INPUT = "input"
_USUAL_SIDE_PX = 192  # of a signature that leaves it open: MoveNet Lightning
_EXPECTED = (
    "expected the signature of MoveNet (serving_default: input int32 [1, S, S, 3] to one float32 [1, 1, 17, 3] of y, x "
    "and score)"
)


class MoveNet(FrameTeacher):
    """A single-person MoveNet.

    Args:
      folder: folder of the SavedModel.
      loaded: what `saved_models.load` returned for it; None: it is loaded now.

    Raises:
      ValueError: if its signature is another; the message says which.
    """

    def __init__(self, folder: str | os.PathLike[str], loaded: Any = None) -> None:
        self._loaded = saved_models.load(folder) if loaded is None else loaded
        found = describe_signatures(self._loaded)
        if not is_movenet(self._loaded):
            raise ValueError(f"{os.fspath(folder)}: {_EXPECTED}, found {found}")
        self._run = self._loaded.signatures[_SIGNATURE]
        side = int(self._run.structured_input_signature[1][_INPUT].shape[1] or _USUAL_SIDE_PX)
        name = os.path.basename(os.path.abspath(folder))
        super().__init__(person_joints.COCO, (side, side), ModelFacts(name, digest=saved_models.digest_files(folder)))

    def predict_fitted(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `FrameTeacher.predict_fitted`."""
        [answer] = self._run(**{_INPUT: tf.constant(images, tf.int32)}).values()
        rows = answer.numpy()[:, 0]
        # Fractions count from the edge of the square, px from the centre of the first pixel.
        points = rows[..., 1::-1] * self.input_size_hw[0] - 0.5
        return points.astype(np.float32), rows[..., 2].astype(np.float32)


def is_movenet(loaded: Any) -> bool:
    """Whether what `saved_models.load` returned has the signature of MoveNet."""
    if _SIGNATURE not in loaded.signatures:
        return False
    signature = loaded.signatures[_SIGNATURE]
    inputs = signature.structured_input_signature[1]
    outputs = list(signature.structured_outputs.values())
    if set(inputs) != {_INPUT} or len(outputs) != 1:
        return False
    image, answer = inputs[_INPUT], outputs[0]
    square = image.shape.rank == 4 and image.shape[1] == image.shape[2]
    return (
        image.dtype == tf.int32
        and square
        and image.shape.is_compatible_with([1, None, None, 3])
        and answer.shape.is_compatible_with([1, 1, person_joints.COCO.num_joints, 3])
    )


def describe_signatures(loaded: Any) -> str:
    """Returns the signatures of what `saved_models.load` returned, as text for messages."""
    texts = []
    for name, signature in loaded.signatures.items():
        inputs = ", ".join(_describe(*item) for item in signature.structured_input_signature[1].items())
        outputs = ", ".join(_describe(*item) for item in signature.structured_outputs.items())
        texts.append(f"{name}: {inputs or 'nothing'} to {outputs}")
    return "; ".join(texts) or "no signature"


def _describe(name, spec):
    shape = "?" if spec.shape.rank is None else [side if side is not None else "?" for side in spec.shape]
    return f"{name} {spec.dtype.name} {str(shape).replace(chr(39), '')}"
