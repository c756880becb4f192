"""The poses of a video as arrays, with everything a file of them should state.

Letters in shapes: N predicted frames, P people, J joints.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.skeleton import Skeleton

ONE_PERSON = ("person",)
_ARRAYS = {  # name: (dtype, axes behind N)
    "frames": (np.int64, ""),
    "times_s": (np.float64, ""),
    "decoded": (np.bool_, ""),
    "joints": (np.float32, "PJ2"),
    "scores": (np.float32, "PJ"),
    "confidences": (np.float32, "PJ"),
    "expected_errors_px": (np.float32, "PJ"),
    "ambiguous": (np.bool_, "PJ"),
    "regions": (np.float32, "P4"),
}


@dataclasses.dataclass(frozen=True)
class VideoFacts:
    """What is known of a video.

    Args:
      path: its path or address, as the user gave it.
      size_hw: (height, width) in px of the upright frame.
      fps: frames per second as the file states it; 0 if it does not.
      num_frames: frames of the whole video, missing ones included; 0 if unknown (a camera).
    """

    path: str
    size_hw: tuple[int, int]
    fps: float = 0.0
    num_frames: int = 0

    @property
    def name(self) -> str:
        """The name of the file without its ending."""
        return os.path.splitext(os.path.basename(self.path))[0]


@dataclasses.dataclass(frozen=True)
class ModelFacts:
    """What is known of the model that predicted.

    Args:
      name: short name: that of the run's or the model's folder.
      version: version of an export; empty for a run.
      digest: SHA-256 of the weights, hexadecimal; the same weights give the same digest.
      keras_pose: version of the package that predicted.
    """

    name: str
    version: str = ""
    digest: str = ""
    keras_pose: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class VideoPoses:
    """The poses of a video.

    A frame that could not be decoded has its row: `decoded` is False, its joints are NaN and its scores 0. A person who
    is not there in a frame has NaN joints and scores of 0 too. Nothing is filled in.

    Args:
      video: `VideoFacts`.
      model: `ModelFacts`.
      skeleton: `Skeleton`; the order of its joints is that of the arrays.
      frames: int64 [N], rising: the number of each frame in the video, from 0.
      times_s: float64 [N], when each frame is shown, in s from the start of the video; NaN if unknown.
      decoded: bool [N], whether the frame could be decoded.
      joints: float32 [N, P, J, 2], (x, y) in px of the upright frame; NaN: not there.
      scores: float32 [N, P, J], the height of the heatmap at the joint, 0 to 1; NaN for a net without heatmaps.
      confidences: float32 [N, P, J], calibrated probability that the joint lies within `calibration["distance_px"]` of
        the true one; NaN if the model has no calibration.
      expected_errors_px: float32 [N, P, J], expected distance to the true joint, in px of the frame; NaN as before.
      ambiguous: bool [N, P, J], whether the heatmap has a second mode that is nearly as high and lies elsewhere.
      regions: float32 [N, P, 4], (left, top, width, height) in px of the frame that the net looked at; NaN: nowhere.
      people: P names.
      calibration: what `confidences` mean, as JSON: at least "distance_px" for this video; None if not calibrated.
      settings: the settings of the prediction that shape the result, as JSON: smoothing, following, window, ….

    Raises:
      ValueError: for arrays of other shapes, or frame numbers that do not rise.
    """

    video: VideoFacts
    model: ModelFacts
    skeleton: Skeleton
    frames: np.ndarray
    times_s: np.ndarray
    decoded: np.ndarray
    joints: np.ndarray
    scores: np.ndarray
    confidences: np.ndarray
    expected_errors_px: np.ndarray
    ambiguous: np.ndarray
    regions: np.ndarray
    people: tuple[str, ...] = ONE_PERSON
    calibration: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        sizes = {"P": len(self.people), "J": self.skeleton.num_joints}
        count = len(self.frames)
        for name, (dtype, axes) in _ARRAYS.items():
            array = np.asarray(getattr(self, name), dtype)
            expected = (count, *(sizes.get(axis) or int(axis) for axis in axes))
            if array.shape != expected:
                raise ValueError(f"{name}: expected shape {list(expected)}, received {list(array.shape)}")
            object.__setattr__(self, name, array)
        if count and (self.frames[0] < 0 or (np.diff(self.frames) <= 0).any()):
            raise ValueError("frames: expected rising numbers from 0, received others")

    @property
    def num_frames(self) -> int:
        """N, the number of predicted frames."""
        return len(self.frames)

    def replace(self, **changes: Any) -> VideoPoses:
        """Returns poses with other values for some fields."""
        return dataclasses.replace(self, **changes)

    def describe(self) -> dict[str, Any]:
        """Returns all but the arrays as JSON: what each written file carries along."""
        return {
            "video": {**dataclasses.asdict(self.video), "size_hw": list(self.video.size_hw)},
            "model": dataclasses.asdict(self.model),
            "skeleton": self.skeleton.to_dict(),
            "people": list(self.people),
            "calibration": None if self.calibration is None else dict(self.calibration),
            "settings": dict(self.settings),
        }


def empty_arrays(num_frames: int, num_people: int, num_joints: int) -> dict[str, np.ndarray]:
    """Returns the arrays of `VideoPoses` for frames without anybody, to be filled."""
    sizes = {"P": num_people, "J": num_joints}
    arrays = {}
    for name, (dtype, axes) in _ARRAYS.items():
        shape = (num_frames, *(sizes[axis] if axis in sizes else int(axis) for axis in axes))
        nothing = math.nan if name not in ("frames", "decoded", "scores", "ambiguous") else 0
        arrays[name] = np.full(shape, nothing, dtype)
    return arrays


def save(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses without loss as a NumPy archive (.npz). The same poses give the same bytes."""
    arrays = {name: getattr(poses, name) for name in _ARRAYS}
    files.write_arrays(path, {**arrays, "about": np.array(json.dumps(poses.describe(), sort_keys=True))}, True)


def load(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses that `save` wrote.

    Raises:
      ValueError: if the file is damaged or something else; the message names it.
      OSError: if it cannot be opened.
    """
    arrays = files.read_arrays(path, "the poses of a video")
    try:
        about = json.loads(str(arrays["about"]))
        video = {**about["video"], "size_hw": tuple(about["video"]["size_hw"])}
        return VideoPoses(
            video=VideoFacts(**video),
            model=ModelFacts(**about["model"]),
            skeleton=Skeleton(**about["skeleton"]),
            people=tuple(about["people"]),
            calibration=about["calibration"],
            settings=about["settings"],
            **{name: arrays[name] for name in _ARRAYS},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{os.fspath(path)}: expected the poses of a video (.npz of predict.py): {error}") from error
