"""What `predict.py` analyses: model, videos, formats. Mistakes show at once: it loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os

from keras_pose import files, shipped
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.video_list import find_videos
from keras_pose.media import live_sources
from keras_pose.poses import formats


@dataclasses.dataclass(frozen=True)
class Chosen:
    """What to analyse.

    Args:
      model_path: folder of a run or an export.
      videos: paths of the videos.
      endings: of the files of poses.
      live: the camera or stream to show instead; empty: none.
    """

    model_path: str
    videos: list[str]
    endings: list[str]
    live: str = ""


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
            f"--{flag}: expected the folder of {expected} (with {' or '.join(marks[flag])}), received "
            f"{path}{shipped.explain_shadow(path)}"
        )
    config.where.check_files()
    if config.out_dir:
        files.check_folder(config.out_dir, "--out_dir")
    live = _find_live(config.videos)
    if live:
        _check_live(config)
        return Chosen(path, [], [], live)
    if not config.endings and not config.drawing.labelled:
        raise ValueError("--formats: expected at least one format, or --labelled, received neither")
    try:
        formats.check(config.endings)
    except ValueError as error:
        raise ValueError(f"--formats: {str(error).removeprefix('format: ')}") from error
    if config.look_ahead:
        raise ValueError(f"--look_ahead={config.look_ahead}: expected a camera or a stream, received videos")
    return Chosen(path, find_videos(config.videos), config.endings)


def _find_live(texts):
    """The camera or stream that is to be shown; empty if there is none."""
    parts = [part for text in texts for part in files.split_paths(text)]
    others = any(live_sources.is_live(part) or os.path.exists(part) for part in parts[1:])
    if len(texts) == 1 and live_sources.is_address(texts[0]) and not others:
        return texts[0]  # an address may contain commas
    found = [part for part in parts if live_sources.is_live(part)]
    if found and len(parts) > 1:
        names = ", ".join(live_sources.describe(part) for part in parts)
        raise ValueError(f"--video: expected one camera or stream and nothing else, or videos, received {names}")
    return found[0] if found else ""


def _check_live(config):
    """Checks that no flag is set that only makes sense for videos."""
    unusual = {
        "--start": config.start,
        "--end": config.end,
        "--every": config.every - 1,
        "--tracks": config.where.tracks,
        "--smoothing": config.smoothing != "none",
        "--part": config.share.part,
        "--ray_address": config.ray.ray_address,
    }
    given = [name for name, value in unusual.items() if value]
    if given:
        raise ValueError(f"{', '.join(given)}: expected videos, received a camera or a stream as --video")
