"""What every file of poses says about itself, as JSON: video, model, skeleton, people, calibration, settings, frames.

HDF5, Parquet and JSON files hold this text inside. CSV files have no room for it: it is in a file of the same name and
`.json` beside them.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses
from keras_pose.skeleton import Skeleton

KEY = "keras_pose"
CONFIDENCE = "confidence"
SCORE = "score"


def describe(poses: VideoPoses) -> dict[str, Any]:
    """Returns the description of a file of poses.

    Returns:
      `VideoPoses.describe()` with three more entries: `frames`, runs [first, last, step] of the predicted frames;
      `missing_frames`, runs of those that could not be decoded; `likelihood`, which number other tools find in fields
      called likelihood or score: "confidence" (calibrated) or "score" (height of the heatmap). Numbers that JSON does
      not have are None. Keys are sorted.
    """
    about = {
        **poses.describe(),
        "frames": _runs(poses.frames),
        "missing_frames": _runs(poses.frames[~poses.decoded]),
        "likelihood": SCORE if poses.calibration is None else CONFIDENCE,
    }
    return json.loads(json.dumps(_finite(about), sort_keys=True))


def to_text(poses: VideoPoses) -> str:
    """Returns the description as one line of JSON in ASCII; the same poses give the same text."""
    return json.dumps(describe(poses), sort_keys=True)


def parse(path: str | os.PathLike[str], text: str) -> dict[str, Any]:
    """Returns the description that a file holds as text.

    Raises:
      ValueError: if it is damaged; the message names the file.
    """
    try:
        about = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: expected a description of poses as JSON, but {error}") from error
    if not isinstance(about, dict):
        raise ValueError(f"{os.fspath(path)}: expected a description of poses as JSON, received {text[:40]!r}")
    return about


def explain_likelihood(poses: VideoPoses) -> str:
    """Returns what the likelihood of a joint means, in words."""
    if poses.calibration is None:
        return "height of the heatmap at the joint, 0 to 1; not calibrated"
    distance = poses.calibration.get("distance_px")
    return f"calibrated probability that the joint lies within {distance} px of the true one"


def rebuild(about: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the arguments of `VideoPoses` that are no arrays.

    Raises:
      KeyError, TypeError, ValueError: if it is not the description of a file of poses.
    """
    return {
        "video": VideoFacts(**{**about["video"], "size_hw": tuple(about["video"]["size_hw"])}),
        "model": ModelFacts(**about["model"]),
        "skeleton": Skeleton(**about["skeleton"]),
        "people": tuple(about["people"]),
        "calibration": about["calibration"],
        "settings": about["settings"],
    }


def frame_numbers(runs: list[list[int]]) -> np.ndarray:
    """Returns int64 [N], the numbers that runs [first, last, step] stand for."""
    parts = [np.arange(first, last + 1, step) for first, last, step in runs]
    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)


def beside(path: str | os.PathLike[str]) -> str:
    """Returns the path of the description of a CSV file."""
    return f"{os.fspath(path)}.json"


def write_beside(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes the description of a CSV file beside it."""
    files.write_text(beside(path), json.dumps(describe(poses), sort_keys=True, indent=2) + "\n")


def read_beside(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Reads the description of a CSV file.

    Raises:
      OSError: if there is none.
      ValueError: if it is damaged.
    """
    return parse(beside(path), files.read_text(beside(path)))


def _runs(numbers):
    """Returns rising numbers as runs [first, last, step]; a step ends a run when it changes."""
    runs = []
    start = 0
    steps = np.diff(numbers)
    changes = np.flatnonzero(np.diff(steps)) + 1
    while start < len(numbers):
        place = np.searchsorted(changes, start, "right")
        end = int(changes[place]) if place < len(changes) else len(numbers) - 1
        step = int(steps[start]) if start < end else 1
        runs.append([int(numbers[start]), int(numbers[end]), step])
        start = end + 1
    return runs


def _finite(value):
    if isinstance(value, Mapping):
        return {str(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
