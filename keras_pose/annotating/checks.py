"""What `keras-pose annotate` is asked for, checked before TensorFlow is loaded."""

from __future__ import annotations

import contextlib
import os

from keras_pose import files
from keras_pose.analysis.video_list import find_videos
from keras_pose.annotating import teacher_names
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.data.importers import annotated_videos
from keras_pose.flow import estimators
from keras_pose.tracking import sources


def check(config: AnnotateConfig) -> list[str]:
    """Checks teacher, region, flow and folder, and finds the videos.

    Returns:
      Paths of the videos.

    Raises:
      ValueError: for a text that names no teacher, no videos, a region that is none, flow that is not installed, or a
        folder that cannot be written.
    """
    teacher_names.check(config.teacher, config.teacher_python)
    sources.check_flags(config.region)
    if config.agree_frames:
        estimators.open_estimator(config.flow)
    files.check_folder(config.out_dir, "--out_dir")
    return find_videos(config.videos)


def describe_interruption(out_dir: str) -> str:
    """Returns what an interrupted command has kept, and how it goes on.

    Args:
      out_dir: the folder that it wrote to; it may not exist yet.
    """
    finished = 0
    begun = False
    with contextlib.suppress(OSError, ValueError):
        begun = any(name.endswith(".parts") for name in os.listdir(out_dir))
        path = os.path.join(out_dir, annotated_videos.FILE_NAME)
        finished = sum(video.get("status") != "failed" for video in annotated_videos.read_description(path)["videos"])
    kept = []
    if finished:
        kept.append("1 video is finished" if finished == 1 else f"{finished} videos are finished")
    if begun:
        kept.append("the poses of the video that it was at are kept up to the last part")
    if not kept:
        return "interrupted before anything was finished; the same command starts again"
    return f"interrupted: {', and '.join(kept)} in {out_dir}; the same command goes on there"
