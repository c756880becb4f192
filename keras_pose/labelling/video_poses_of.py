"""The poses of videos, predicted by a run or an export, or earlier."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

import keras_pose
from keras_pose import console
from keras_pose.inference.pose_model import PoseModel
from keras_pose.labelling.config import SuggestConfig
from keras_pose.media.video import VideoFrames
from keras_pose.poses import video_poses
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


def poses_of_videos(config: SuggestConfig, echo: Callable[[str], None]) -> list[VideoPoses]:
    """Returns the poses of all videos: given, found from an earlier start, or predicted now.

    Args:
      config: the videos, what predicts them, and the folder that keeps their poses.
      echo: function that shows a line of text.

    Raises:
      ValueError: if no video can be read, or poses do not fit; a video that cannot be read is left out with a line.
    """
    done = [video_poses.load(path) for path in config.pose_paths]
    done = [_at_its_place(poses, config.video_paths) for poses in done]
    covered = {poses.video.name for poses in done}
    wanted = [path for path in config.video_paths if video_name(path) not in covered]
    if wanted and not config.run_dir:
        raise ValueError(f"--run_dir: must be given to predict {wanted[0]}, of which --poses has no poses")
    model = None
    facts = describe_model(config.run_dir)
    for number, path in enumerate(wanted):
        kept = os.path.join(config.out_dir, "poses", f"{video_name(path)}.npz")
        if os.path.exists(kept):
            poses = video_poses.load(kept)
            if poses.model == facts and poses.video.path == os.path.abspath(path):
                done.append(poses)
                continue
        if model is None:
            with console.quiet_import():
                from keras_pose.inference import loading  # loads TensorFlow
            model = loading.load(config.run_dir)
        line = console.LiveLine()
        count = [0]

        def advance(line=line, count=count, path=path, number=number):
            count[0] += 1
            line.update(lambda: f"predicting {video_name(path)} ({number + 1}/{len(wanted)}): {count[0]} frames")

        try:
            poses = video_poses_of(model, facts, path, advance)
        except ValueError as error:
            echo(f"left out: {error}")
            continue
        finally:
            line.clear()
        video_poses.save(kept, poses)
        echo(f"{path}: predicted {poses.num_frames} frames")
        done.append(poses)
    if not done:
        raise ValueError("--video: expected videos, but none of them can be read")
    _check_same_joints(done)
    return done


def _at_its_place(poses, paths):
    """Poses of a video that has moved get the path that was given for it."""
    path = next((os.path.abspath(p) for p in paths if video_name(p) == poses.video.name), poses.video.path)
    if not os.path.isfile(path):
        raise ValueError(f"--poses: their video {path} is not there; give its path with --video")
    return poses.replace(video=VideoFacts(path, poses.video.size_hw, poses.video.fps, poses.video.num_frames))


def _check_same_joints(videos):
    first = videos[0]
    for poses in videos:
        if poses.skeleton.joints != first.skeleton.joints:
            raise ValueError(
                f"--poses: expected poses of one net, received the joints {', '.join(first.skeleton.joints)} and "
                f"{', '.join(poses.skeleton.joints)}"
            )
        if len(poses.people) != 1:
            raise ValueError(f"--poses: expected one person, {poses.video.path} has {len(poses.people)}")


def video_name(path: str) -> str:
    """Returns the name of a video, by which labelling tools know it: that of its file without the ending."""
    return os.path.splitext(os.path.basename(path))[0]


def describe_model(path: str | os.PathLike[str]) -> ModelFacts:
    """Returns what is known of a run or an export: the same weights give the same digest.

    Args:
      path: folder of a run, or of a version of an export; another folder gives the digest of nothing.
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
