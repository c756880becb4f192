"""The table that DeepLabCut writes predictions to, as its CSV and H5 files hold it.

A row for each frame from 0 to the last predicted one, since the tools that read it take the row for the frame number.
Columns are scorer / (individuals) / bodyparts / coords; with one person, the level of individuals is missing.
Source: DeepLabCut, "Single- and multi-animal output files".
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.poses.formats import description, values
from keras_pose.poses.video_poses import ONE_PERSON, ModelFacts, VideoFacts, VideoPoses, empty_arrays
from keras_pose.skeleton import Skeleton

COORDS = ("x", "y", "likelihood")


def columns(poses: VideoPoses) -> tuple[list[str], list[tuple[str, ...]]]:
    """Returns the names of the levels, and the names of each column at these levels."""
    scorer = f"keras_pose_{poses.model.name}" if poses.model.name else "keras_pose"
    several = len(poses.people) > 1
    levels = ["scorer", *(["individuals"] if several else []), "bodyparts", "coords"]
    names = [
        (scorer, *([person] if several else []), joint, coord)
        for person in poses.people
        for joint in poses.skeleton.joints
        for coord in COORDS
    ]
    return levels, names


def cells(poses: VideoPoses, first: int = 0, last: int | None = None) -> np.ndarray:
    """Returns the rows of frames first to last - 1 (None: all).

    Returns:
      float64 [rows, P·J·3]. A joint that is not there, and a frame that was not predicted, has x and y of NaN and a
      likelihood of 0, so that a threshold on the likelihood leaves it out.
    """
    nothing = np.array([np.nan, np.nan, 0])
    last = values.num_rows(poses) if last is None else last
    start, stop = np.searchsorted(poses.frames, [first, last])
    poses = values.take(poses, start, stop)
    filled = np.concatenate([poses.joints, values.likelihoods(poses, 0)[..., None]], -1).astype(np.float64)
    filled[~values.are_there(poses)] = nothing
    table = np.broadcast_to(nothing, (last - first, *filled.shape[1:])).copy()
    table[poses.frames - first] = filled
    return table.reshape(len(table), int(np.prod(filled.shape[1:])))


def to_poses(
    path: str | os.PathLike[str],
    levels: Sequence[str],
    names: Sequence[Sequence[str]],
    frames: np.ndarray,
    table: np.ndarray,
    about: Mapping[str, Any] | None,
) -> VideoPoses:
    """Returns the poses of a table, ours or DeepLabCut's own.

    Args:
      path: the file, for messages and for the name of the video if there is no description.
      levels: names of the levels of the columns.
      names: names of each column at these levels.
      frames: int64 [rows], numbers of the frames.
      table: float64 [rows, columns].
      about: description of the file; None if it has none. Then size and frame rate of the video are unknown (0).

    Raises:
      ValueError: if the table has other levels, or a joint has no x or y.
    """
    missing = [level for level in ("bodyparts", "coords") if level not in levels]
    if missing:
        raise ValueError(f"{os.fspath(path)}: expected column levels bodyparts and coords, received {list(levels)}")
    people_of = [name[levels.index("individuals")] if "individuals" in levels else "" for name in names]
    joints_of = [name[levels.index("bodyparts")] for name in names]
    coords_of = [name[levels.index("coords")] for name in names]
    people = list(dict.fromkeys(people_of))
    joints = list(dict.fromkeys(joints_of))
    filled = np.full((len(table), len(people), len(joints), 3), np.nan, np.float32)
    found = set()
    for c, (person, joint, coord) in enumerate(zip(people_of, joints_of, coords_of)):
        if coord in COORDS:
            filled[:, people.index(person), joints.index(joint), COORDS.index(coord)] = table[:, c]
            found.add((joint, coord))
    for joint in joints:
        for coord in ("x", "y"):
            if (joint, coord) not in found:
                raise ValueError(f"{os.fspath(path)}: expected a column {coord} of {joint!r}, found none")
    facts = _facts(path, people, joints) if about is None else description.rebuild(about)
    if facts["skeleton"].joints != tuple(joints) or (len(people) > 1 and facts["people"] != tuple(people)):
        raise ValueError(f"{os.fspath(path)}: its joints or people are not those of its description")
    return _build(facts, frames, filled, about)


def _facts(path, people, joints):
    """What is known of a table without a description."""
    video = VideoFacts(os.path.basename(os.fspath(path)), (0, 0))
    names = ONE_PERSON if people == [""] else tuple(people)
    return {"video": video, "model": ModelFacts(""), "skeleton": Skeleton("deeplabcut", tuple(joints)), "people": names}


def _build(facts, frames, filled, about):
    """Keeps the rows that were predicted, and puts the likelihood where it belongs."""
    missing = np.zeros(0, np.int64)
    if about is not None:
        kept = np.isin(frames, description.frame_numbers(about["frames"]))
        missing = description.frame_numbers(about["missing_frames"])
        frames = frames[kept]
        filled = filled[kept]
    arrays = empty_arrays(*filled.shape[:3])
    arrays["frames"] = frames
    arrays["decoded"] = ~np.isin(frames, missing)
    arrays["joints"] = filled[..., :2]
    there = np.isfinite(arrays["joints"]).all(-1)
    calibrated = about is not None and about["likelihood"] == description.CONFIDENCE
    arrays["scores"] = np.where(there, np.nan if calibrated else filled[..., 2], 0)
    if calibrated:
        arrays["confidences"] = np.where(there, filled[..., 2], np.nan)
    return VideoPoses(**facts, **arrays)
