"""Poses without loss as a NumPy archive (.npz); see `video_poses.save`."""

from __future__ import annotations

import os
from typing import Any

from keras_pose.poses import video_poses
from keras_pose.poses.formats import description
from keras_pose.poses.video_poses import VideoPoses


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses with all their arrays."""
    video_poses.save(path, poses)


def read(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses with all their arrays.

    Raises:
      OSError: if it cannot be opened.
      ValueError: if it is something else; the message names it.
    """
    return video_poses.load(path)


def read_description(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Returns the description of the poses in an archive."""
    return description.describe(video_poses.load(path))
