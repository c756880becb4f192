"""The config.yaml of a DeepLabCut project: a new one, or one to which videos are added."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from keras_pose import files
from keras_pose.poses.video_poses import VideoFacts
from keras_pose.skeleton import Skeleton

FILE_NAME = "config.yaml"


def write_config(
    project: str, skeleton: Skeleton, scorer: str, videos: Mapping[str, VideoFacts], date: datetime.date | None = None
) -> str:
    """Writes the config of a new project, with the fields that DeepLabCut 2 and 3 read.

    Args:
      project: its folder.
      skeleton: the body parts.
      scorer: whose labels the project holds.
      videos: {name: the video}.
      date: the day of the project, which DeepLabCut puts into names of files; today by default.

    Returns:
      The path of the file.
    """
    day = date or datetime.date.today()
    content: dict[str, Any] = {
        "Task": skeleton.name or "poses",
        "scorer": scorer,
        "date": f"{day:%b}{day.day}",
        "multianimalproject": False,
        "identity": None,
        "project_path": os.path.abspath(project),
        "engine": "pytorch",
        "video_sets": {os.path.abspath(video.path): _crop(video.size_hw) for video in videos.values()},
        "bodyparts": list(skeleton.joints),
        "start": 0,
        "stop": 1,
        "numframes2pick": 20,
        "skeleton": [list(edge) for edge in skeleton.edges],
        "skeleton_color": "black",
        "pcutoff": 0.6,
        "dotsize": 6,
        "alphavalue": 0.7,
        "colormap": "rainbow",
        "TrainingFraction": [0.95],
        "iteration": 0,
        "default_net_type": "resnet_50",
        "default_augmenter": "default",
        "snapshotindex": -1,
        "batch_size": 8,
        "cropping": False,
        "x1": 0,
        "x2": 640,
        "y1": 277,
        "y2": 624,
        "corner2move2": [50, 50],
        "move2corner": True,
    }
    path = os.path.join(project, FILE_NAME)
    files.write_text(path, yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    return path


def add_videos(text: str, videos: Sequence[tuple[str, tuple[int, int]]]) -> str:
    """Adds videos to the text of a config.yaml. All other lines stay as they are, comments too, if that is possible.

    Args:
      text: the file.
      videos: (path, (height, width) px) of each new video. If its name is listed, whatever the folder and ending, it
        is left out: DeepLabCut would read its labels twice.

    Returns:
      The new text.
    """
    wanted = yaml.safe_load(text)
    listed = wanted.get("video_sets") or {}
    known = list(listed) if isinstance(listed, (dict, list)) else []
    names = {_stem(path) for path in known}
    new = {path: _crop(size_hw) for path, size_hw in videos if _stem(path) not in names}
    if not new:
        return text
    wanted["video_sets"] = {**({path: {} for path in known} if isinstance(listed, list) else listed), **new}
    lines = text.splitlines()
    heads = [i for i, line in enumerate(lines) if line.split("#")[0].rstrip() in ("video_sets:", "video_sets: {}")]
    if len(heads) == 1:
        indent = _indent_of_entries(lines[heads[0] + 1 :])
        added = yaml.safe_dump(new, sort_keys=False, allow_unicode=True, width=10**6).splitlines()
        changed = [*lines[: heads[0]], "video_sets:", *(" " * indent + line for line in added), *lines[heads[0] + 1 :]]
        result = "\n".join(changed) + "\n"
        try:
            if yaml.safe_load(result) == wanted:
                return result
        except yaml.YAMLError:
            pass  # an unusual layout; the whole file is written again
    return yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True)


def _indent_of_entries(lines):
    """The indentation of the entries that follow; 2 if there are none."""
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return len(first) - len(first.lstrip()) or 2


def _stem(path):
    """The name by which DeepLabCut knows a video, whichever system its path comes from."""
    return os.path.splitext(str(path).replace("\\", "/").rsplit("/", 1)[-1])[0]


def _crop(size_hw):
    return {"crop": f"0, {size_hw[1]}, 0, {size_hw[0]}"}
