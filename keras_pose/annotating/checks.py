"""What `keras-pose annotate` is asked for, checked before TensorFlow is loaded."""

from __future__ import annotations

from keras_pose import files
from keras_pose.analysis.video_list import find_videos
from keras_pose.annotating import teacher_names
from keras_pose.annotating.config import AnnotateConfig
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
