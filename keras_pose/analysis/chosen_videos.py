"""What `predict.py` analyses: model, videos, formats. Mistakes show at once: it loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os

from keras_pose import files
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.video_list import find_videos
from keras_pose.poses import formats
from keras_pose.tracking import sources


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What to analyse.

    Args:
      model_path: folder of a run or an export.
      videos: paths of the videos.
      endings: of the files of poses.
    """

    model_path: str
    videos: list[str]
    endings: list[str]


def choose(config: PredictConfig) -> Chosen:
    """Checks the flags and finds the videos.

    Raises:
      ValueError: for a folder that is no model, no videos, an unknown format, one whose library is missing, or flags
        that contradict each other.
    """
    path = config.model_path
    marks = {"run_dir": ("flags.txt",), "saved_model": ("saved_model.pb",), "model": ("flags.txt", "saved_model.pb")}
    flag = next(name for name in marks if getattr(config, name))
    if not any(os.path.isfile(os.path.join(path, mark)) for mark in marks[flag]):
        expected = {"run_dir": "a run", "saved_model": "the version of an export", "model": "a run or an export"}[flag]
        raise ValueError(
            f"--{flag}: expected the folder of {expected} (with {' or '.join(marks[flag])}), received {path}"
        )
    if not config.endings and not config.labelled:
        raise ValueError("--formats: expected at least one format, or --labelled, received neither")
    formats.check(config.endings)
    sources.check_flags(config.region, config.tracks, config.detector)
    videos = find_videos(config.videos)
    if config.out_dir:
        files.check_folder(config.out_dir, "--out_dir")
    return Chosen(path, videos, config.endings)
