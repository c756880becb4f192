"""The poses of a video, predicted by a run or an export."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

import keras_pose
from keras_pose.inference.pose_model import PoseModel
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import ModelFacts, VideoFacts, VideoPoses, empty_arrays

_WEIGHTS = ("model.weights.h5", "saved_model.pb", os.path.join("variables", "variables.data-00000-of-00001"))


def video_poses_of(
    model: PoseModel, facts: ModelFacts, path: str, progress: Callable[[], None] | None = None
) -> VideoPoses:
    """Predicts a video.

    Args:
      model: what `keras_pose.load` returns.
      facts: what is known of it (`describe_model`).
      path: path of the video.
      progress: called after each frame.

    Returns:
      `VideoPoses` of one person.

    Raises:
      ValueError: if the file is missing, or is no video.
    """
    poses = []
    for pose in model.predict_video(path):
        poses.append(pose)
        if progress is not None:
            progress()
    video = VideoFrames(path)
    arrays: dict[str, Any] = empty_arrays(len(poses), 1, model.skeleton.num_joints)
    arrays["frames"] = np.array([pose.frame for pose in poses], np.int64)
    arrays["times_s"] = np.array([np.nan if pose.time_s is None else pose.time_s for pose in poses])
    arrays["decoded"] = np.array([pose.decoded for pose in poses], bool)
    if poses:
        arrays["joints"][:, 0] = [pose.joints for pose in poses]
        arrays["scores"][:, 0] = [pose.scores for pose in poses]
    height, width = video.size_hw
    arrays["regions"][arrays["decoded"]] = [0, 0, width, height]
    facts_of_video = VideoFacts(os.path.abspath(path), video.size_hw, video.fps, len(poses))
    video.close()
    return VideoPoses(video=facts_of_video, model=facts, skeleton=model.skeleton, **arrays)


def describe_model(path: str | os.PathLike[str]) -> ModelFacts:
    """Returns what is known of a run or an export: the same weights give the same digest.

    Args:
      path: folder of a run, or of a version of an export.
    """
    folder = os.path.abspath(path)
    digest = hashlib.sha256()
    for name in _WEIGHTS:
        place = os.path.join(folder, name)
        if os.path.isfile(place):
            with open(place, "rb") as file:
                digest.update(file.read())
    is_export = os.path.isfile(os.path.join(folder, "saved_model.pb"))
    version = os.path.basename(folder) if is_export else ""
    name = os.path.basename(os.path.dirname(folder) if is_export else folder)
    return ModelFacts(name, version, digest.hexdigest(), keras_pose.__version__)
