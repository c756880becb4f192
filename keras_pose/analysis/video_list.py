"""Which videos `--video` names: files and folders."""

from __future__ import annotations

import os
from collections.abc import Sequence

from keras_pose import files
from keras_pose.media.endings import is_video


def find_videos(texts: Sequence[str]) -> list[str]:
    """Finds the videos that texts name.

    Args:
      texts: each a file or a folder, or several separated by commas. Of a folder its videos are taken, sorted by name.

    Returns:
      Paths, each once.

    Raises:
      ValueError: if a text names no video.
    """
    found: dict[str, str] = {}
    for path in (path for text in texts for path in files.split_paths(text)):
        names = sorted(os.listdir(path)) if os.path.isdir(path) else []
        videos = [os.path.join(path, name) for name in names if is_video(os.path.join(path, name))]
        if os.path.isfile(path):
            videos = [path]
        if not videos:
            raise ValueError(f"--video: expected a video or a folder of videos, received {path}")
        for video in videos:
            found.setdefault(os.path.abspath(video), video)
    if not found:
        raise ValueError(f"--video: expected videos, received {list(texts)}")
    return list(found.values())
