"""What `keras-pose suggest` is asked for: videos, poses, labels. Mistakes show at once: it loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence

from keras_pose import files, shipped
from keras_pose.analysis.video_list import find_videos
from keras_pose.data.source import Source
from keras_pose.labelling import existing_labels, predicted_videos
from keras_pose.labelling.config import SuggestConfig
from keras_pose.labelling.writers import WRITERS
from keras_pose.poses import video_poses

_MODEL_FILES = ("flags.txt", "saved_model.pb")


@dataclasses.dataclass(frozen=True)
class Checked:
    """What the flags name.

    Args:
      videos: paths of the videos.
      labels: what is labelled already; None: nothing.
    """

    videos: list[str]
    labels: Source | None


def check(config: SuggestConfig) -> Checked:
    """Checks all that can be checked without TensorFlow, finds the videos, and opens the existing labels.

    Raises:
      ValueError: for missing files or libraries, labels that cannot be read, two videos of one name, or a folder that
        is in use.
    """
    WRITERS[config.to].load().check()
    files.check_folder(config.out_dir, "--out_dir")
    run_dir = shipped.find(config.run_dir)
    if run_dir and not any(os.path.isfile(os.path.join(run_dir, name)) for name in _MODEL_FILES):
        raise ValueError(
            f"--run_dir: expected the folder of a run (with flags.txt) or of an export's version (with "
            f"saved_model.pb) or upper_body, received {run_dir}{shipped.explain_shadow(run_dir)}"
        )
    videos = find_videos(config.videos) if any(config.videos) else []
    for path in config.pose_paths:
        if not os.path.isfile(path):
            raise ValueError(f"--poses: expected files, found no file {path}")
    _check_names(config.pose_paths, videos)
    result = os.path.join(config.out_dir, "suggested.csv")
    if os.path.exists(result):
        raise ValueError(f"--out_dir: expected a new folder, {config.out_dir} holds a finished suggestion; rename it")
    return Checked(videos, existing_labels.open_labels(config.labels, config.run_dir))


def _check_names(pose_paths: Sequence[str], videos: Sequence[str]) -> None:
    known = [video_poses.load(path).video.path for path in pose_paths]
    known = [path for path in known if os.path.isfile(path)]  # one that has moved is given as --video
    names: dict[str, str] = {}
    for path in dict.fromkeys([*map(os.path.abspath, known), *map(os.path.abspath, videos)]):
        other = names.setdefault(predicted_videos.video_name(path).casefold(), path)
        if other != path:
            raise ValueError(
                f"--video: expected videos of different names, received {other} and {path}: labelling tools know a "
                "video by its name"
            )
