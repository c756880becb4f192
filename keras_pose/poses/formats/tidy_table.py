"""The tidy table of poses: one row per frame, person and joint. Files in CSV and Parquet hold it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from keras_pose.poses.formats import description
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.skeleton import Skeleton

# The columns in their order. Empty: not there, or unknown.
COLUMNS = (
    "frame",
    "time_s",
    "person",
    "joint",
    "x",
    "y",
    "score",
    "confidence",
    "expected_error_px",
    "ambiguous",
    "decoded",
)
_ARRAY_OF = {"score": "scores", "confidence": "confidences", "expected_error_px": "expected_errors_px"}
_NEEDED = ("frame", "joint", "x", "y")


def columns(poses: VideoPoses, first: int, last: int) -> dict[str, np.ndarray]:
    """Returns the rows of poses number first to last - 1.

    Returns:
      {column: [(last - first)·P·J]}; `person` and `joint` are numbers of the names.
    """
    count = last - first
    num_people = len(poses.people)
    num_joints = poses.skeleton.num_joints
    each = num_people * num_joints
    joints = poses.joints[first:last].reshape(-1, 2)
    found = {
        "frame": np.repeat(poses.frames[first:last], each),
        "time_s": np.repeat(poses.times_s[first:last], each),
        "person": np.tile(np.repeat(np.arange(num_people, dtype=np.int32), num_joints), count),
        "joint": np.tile(np.arange(num_joints, dtype=np.int32), count * num_people),
        "x": joints[:, 0],
        "y": joints[:, 1],
        **{column: getattr(poses, name)[first:last].ravel() for column, name in _ARRAY_OF.items()},
        "ambiguous": poses.ambiguous[first:last].ravel(),
        "decoded": np.repeat(poses.decoded[first:last], each),
    }
    return {name: found[name] for name in COLUMNS}


def to_poses(path: str | os.PathLike[str], table: pd.DataFrame, about: Mapping[str, Any] | None) -> VideoPoses:
    """Returns the poses of a tidy table. Rows and columns may be in any order, and rows may be missing.

    Args:
      path: the file, for messages and for the name of the video if there is no description.
      table: the rows; at least the columns frame, joint, x and y.
      about: description of the file; None if it has none. Then size and frame rate of the video are unknown (0).

    Raises:
      ValueError: if a column is missing, a name is not in the description, or two rows are of the same joint.
    """
    missing = [name for name in _NEEDED if name not in table.columns]
    if missing:
        raise ValueError(f"{os.fspath(path)}: expected the columns {', '.join(_NEEDED)}, found no {', '.join(missing)}")
    person = table["person"].astype(str) if "person" in table.columns else pd.Series("person", table.index)
    joint = table["joint"].astype(str)
    names = (list(person.unique()), list(joint.unique()))
    facts: dict[str, Any] = _facts(path, *names) if about is None else description.rebuild(about)
    frames, rows = np.unique(table["frame"].to_numpy(np.int64), return_inverse=True)
    people = _numbers(path, "person", person, facts["people"])
    joints = _numbers(path, "joint", joint, facts["skeleton"].joints)
    arrays: dict[str, Any] = empty_arrays(len(frames), len(facts["people"]), facts["skeleton"].num_joints)
    flat = np.ravel_multi_index((rows, people, joints), arrays["scores"].shape)
    taken = np.bincount(flat, minlength=arrays["scores"].size)
    if taken.max(initial=0) > 1:
        n, p, j = np.unravel_index(int(taken.argmax()), arrays["scores"].shape)
        what = f"{facts['skeleton'].joints[j]!r} of {facts['people'][p]!r} in frame {frames[n]}"
        raise ValueError(f"{os.fspath(path)}: expected one row per frame, person and joint, received two for {what}")
    place = (rows, people, joints)
    arrays["frames"] = frames
    arrays["joints"][place] = np.stack([_floats(table, "x"), _floats(table, "y")], -1)
    arrays["times_s"][rows] = _floats(table, "time_s")
    for column, name in _ARRAY_OF.items():
        arrays[name][place] = _floats(table, column)
    arrays["ambiguous"][place] = _flags(path, table, "ambiguous", False)
    arrays["decoded"][rows] = _flags(path, table, "decoded", True)
    return VideoPoses(**facts, **arrays)


def _facts(path, people, joints):
    """What is known of a table without a description."""
    video = VideoFacts(os.path.basename(os.fspath(path)), (0, 0))
    skeleton = Skeleton("table", tuple(joints))
    return {"video": video, "model": ModelFacts(""), "skeleton": skeleton, "people": tuple(people)}


def _numbers(path, column, names, known):
    numbers = pd.Index(known).get_indexer(names)
    if (numbers < 0).any():
        wrong = names.iloc[int(np.argmax(numbers < 0))]
        raise ValueError(f"{os.fspath(path)}: {column}: expected one of {', '.join(known)}, received {wrong!r}")
    return numbers


def _floats(table, column):
    return table[column].to_numpy(np.float64, na_value=np.nan) if column in table.columns else np.nan


def _flags(path, table, column, default):
    if column not in table.columns:
        return default
    if table[column].dtype == bool:
        return table[column].to_numpy()
    words = table[column].astype(str).str.lower()
    known = words.map({"true": True, "false": False, "1": True, "0": False})
    if known.isna().any():
        wrong = table[column][known.isna()].iloc[0]
        raise ValueError(f"{os.fspath(path)}: {column}: expected true or false, received {wrong!r}")
    return known.to_numpy(bool)
