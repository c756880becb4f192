"""Boxes of people from any detector that is a SavedModel.

The model is called with one frame, through its signature `serving_default` or its only one. Its only input is a tensor
of images, uint8 or float32 of 0 to 255, [1, H, W, 3] or [H, W, 3]; frames are resized to its size if it is fixed. Two
conventions of the outputs are known:

- `detection_boxes` [1, N, 4], (ymin, xmin, ymax, xmax) as fractions of the frame, with `detection_scores` and, if there
  are classes, `detection_classes` (TensorFlow Object Detection API);
- `boxes` [1, N, 4] or [N, 4], (left, top, right, bottom) in px of the input, with `scores` and `classes` if there are
  any.
"""

from __future__ import annotations

import os
from typing import Any

import cv2
import numpy as np
import tensorflow as tf

from keras_pose.inference import saved_models

PERSON = 1  # in COCO
MIN_SCORE = 0.5
_SIGNATURE = "serving_default"
_NAMES = {  # boxes: (scores, classes)
    "detection_boxes": ("detection_scores", "detection_classes"),
    "boxes": ("scores", "classes"),
}


class Detector:
    """A detector of people.

    Args:
      folder: folder with saved_model.pb.
      class_id: the class that counts as a person, if the detector has classes.
      min_score: boxes with lower scores are left out, if the detector has scores.

    Raises:
      ValueError: if the folder holds no SavedModel, or one with other inputs or outputs; the message lists them.
    """

    def __init__(self, folder: str | os.PathLike[str], class_id: int = PERSON, min_score: float = MIN_SCORE) -> None:
        self._place = os.fspath(folder)
        check_folder(self._place)
        self._loaded = saved_models.load(self._place)  # keeps the variables of its signatures
        self._function = _find_signature(self._place, self._loaded.signatures)
        self._input, self._spec = _find_input(self._place, self._function)
        outputs = self._function.structured_outputs
        self._boxes = next((name for name in _NAMES if name in outputs), "")
        self._class_id = class_id
        self._min_score = min_score
        if not self._boxes:
            raise ValueError(
                f"{self._place}: expected the outputs detection_boxes and detection_scores, or boxes and scores, "
                f"found {_describe(outputs)}"
            )
        if self._boxes == "detection_boxes" and "detection_scores" not in outputs:
            raise ValueError(f"{self._place}: expected the output detection_scores, found {_describe(outputs)}")

    def detect(self, frame: np.ndarray) -> np.ndarray:
        """Finds people.

        Args:
          frame: uint8 [H, W, 3], RGB.

        Returns:
          float64 [N, 4], (left, top, width, height) in px of the frame, the highest score first.

        Raises:
          ValueError: if the outputs have other shapes.
        """
        image = self._fit(frame)
        outputs = self._function(**{self._input: tf.constant(image, self._spec.dtype)})
        scores_name, classes_name = _NAMES[self._boxes]
        corners = self._rows(outputs, self._boxes, 4)
        height, width = frame.shape[:2]
        if self._boxes == "detection_boxes":
            corners = corners[:, [1, 0, 3, 2]] * (width, height, width, height)
        else:
            scale = (width / image.shape[-2], height / image.shape[-3])
            corners = corners * (*scale, *scale)
        scores = self._rows(outputs, scores_name, 1)[:, 0] if scores_name in outputs else np.ones(len(corners))
        kept = scores >= self._min_score
        if classes_name in outputs:
            kept &= self._rows(outputs, classes_name, 1)[:, 0] == self._class_id
        boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], -1)
        kept &= np.isfinite(boxes).all(-1) & (boxes[:, 2:] > 0).all(-1)
        order = np.argsort(-scores[kept], kind="stable")
        return boxes[kept][order]

    def _fit(self, frame):
        """The frame as the model takes it."""
        height, width = self._spec.shape.as_list()[-3:-1]
        if (height, width) != (None, None):
            frame = cv2.resize(frame, (width or frame.shape[1], height or frame.shape[0]), interpolation=cv2.INTER_AREA)
        return frame if self._spec.shape.rank == 3 else frame[None]

    def _rows(self, outputs, name, width):
        """An output as float64 [N, width]."""
        values = outputs[name].numpy().astype(np.float64)
        try:
            return values.reshape(-1, width) if values.size else np.zeros((0, width))
        except ValueError:
            raise ValueError(f"{self._place}: {name}: expected {width} numbers a box, found {values.shape}") from None


def check_folder(folder: str) -> None:
    """Checks that a folder holds a SavedModel.

    Raises:
      ValueError: if it does not.
    """
    if not os.path.isfile(os.path.join(folder, "saved_model.pb")):
        raise ValueError(f"--detector: expected the folder of a SavedModel (with saved_model.pb), received {folder}")


def _find_signature(place: str, signatures: Any) -> Any:
    names = sorted(signatures)
    if _SIGNATURE not in names and len(names) != 1:
        raise ValueError(f"{place}: expected a signature {_SIGNATURE}, found {', '.join(names) or 'none'}")
    return signatures[_SIGNATURE if _SIGNATURE in names else names[0]]


def _find_input(place, function):
    """Returns the name and the spec of the input."""
    inputs = function.structured_input_signature[1]
    specs = list(inputs.values())
    is_image = (
        len(specs) == 1
        and specs[0].dtype in (tf.uint8, tf.float32)
        and specs[0].shape.rank in (3, 4)
        and specs[0].shape[-1] in (3, None)
        and (specs[0].shape.rank == 3 or specs[0].shape[0] in (1, None))
    )
    if not is_image:
        raise ValueError(
            f"{place}: expected one input of images, uint8 or float32 [1, H, W, 3], found {_describe(inputs)}"
        )
    return next(iter(inputs.items()))


def _describe(tensors):
    return ", ".join(f"{name} {spec.dtype.name} {spec.shape}" for name, spec in sorted(tensors.items())) or "none"
