"""What shapes the analysis of a video, and the job that it makes: the same job gives the same files."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from typing import Any

import cv2
import tensorflow as tf

import keras_pose
from keras_pose.analysis.config import PredictConfig
from keras_pose.analysis.parts import PART_FRAMES
from keras_pose.inference.pose_model import PoseModel
from keras_pose.tracking import sources

_PROBE_BYTES = 1 << 16  # at the beginning and at the end of a file
_GRAPH = "saved_model.pb"
_FREE = ("batch_size", "part_frames")  # settings that shape nothing


@dataclasses.dataclass(frozen=True)
class Settings:
    """How to analyse a video.

    Args:
      start: number of the first frame.
      end: number of the frame to stop before; 0: the end of the video.
      every: predict each k-th frame from `start` on. Frames between them are seen as neighbours only.
      frame_rate: frames per second of a video that states none, for windows in seconds; 0: as the model assumes.
      batch_size: frames times people that the net sees at once; results are the same.
      region: "whole", "follow", or "x,y,width,height" in px.
      tracks: file of boxes of people; empty: none.
      detector: folder of a SavedModel that finds people; empty: none.
      source_options: further arguments of `tracking.sources.open_source`, by name.
      smoothing: method of `tracking.smoothing`; "none": as predicted.
      smoothing_options: its further arguments, by name.
      part_frames: frames in a part that is stored; a multiple of 32, so that the parts end where batches of exports do.
    """

    start: int = 0
    end: int = 0
    every: int = 1
    frame_rate: float = 0.0
    batch_size: int = 8
    region: str = sources.WHOLE
    tracks: str = ""
    detector: str = ""
    source_options: tuple[tuple[str, float], ...] = ()
    smoothing: str = "none"
    smoothing_options: tuple[tuple[str, float], ...] = ()
    part_frames: int = PART_FRAMES

    @property
    def sees_whole_frames(self) -> bool:
        """Whether the net looks at all of each frame."""
        return self.region in ("", sources.WHOLE) and not self.tracks and not self.detector

    def describe(self) -> dict[str, Any]:
        """Returns the settings that shape the result, as JSON."""
        found = {name: value for name, value in dataclasses.asdict(self).items() if name not in _FREE}
        if not self.frame_rate:
            del found["frame_rate"]  # an analysis that began before there was this setting goes on
        return {name: dict(value) if name.endswith("_options") else value for name, value in found.items()}


def make_settings(config: PredictConfig) -> Settings:
    """Returns the settings that flags ask for."""
    return Settings(
        start=config.start,
        end=config.end,
        every=config.every,
        frame_rate=config.frame_rate,
        batch_size=config.batch_size,
        region=config.where.region,
        tracks=config.where.tracks,
        detector=config.where.detector,
        source_options=config.where.source_options,
        smoothing=config.smoothing,
        smoothing_options=config.smoothing_options,
    )


def describe_job(model: PoseModel, path: str, settings: Settings) -> dict[str, Any]:
    """Returns everything that shapes the poses of a video, as JSON: weights, video, settings, versions.

    Raises:
      OSError: if a file cannot be read.
    """
    calibration = None if model.calibration is None else model.calibration.to_dict()
    return {
        "model": {**dataclasses.asdict(model.facts), **model.settings(), "calibration": calibration},
        "video": _probe(path),
        "settings": {**settings.describe(), "part_frames": settings.part_frames},
        "tracks": _probe(settings.tracks) if settings.tracks else None,
        "detector": _probe_model(settings.detector) if settings.detector else None,
        "versions": {"keras_pose": keras_pose.__version__, "tensorflow": tf.__version__, "opencv": cv2.__version__},
    }


def digest(job: dict[str, Any]) -> str:
    """Returns the SHA-256 of a job, hexadecimal."""
    return hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()


def _probe_model(folder):
    """Probes of the graph and of the variables of a SavedModel."""
    variables = os.path.join(folder, "variables")
    names = sorted(os.listdir(variables)) if os.path.isdir(variables) else []
    return [_probe(path) for path in (os.path.join(folder, _GRAPH), *(os.path.join(variables, n) for n in names))]


def _probe(path):
    """Size, time of change, and a digest of the beginning and the end of a file."""
    status = os.stat(path)
    content = hashlib.sha256()
    with open(path, "rb") as file:
        content.update(file.read(_PROBE_BYTES))
        file.seek(max(0, status.st_size - _PROBE_BYTES))
        content.update(file.read(_PROBE_BYTES))
    return {
        "path": os.path.abspath(path),
        "size": status.st_size,
        "changed_ns": status.st_mtime_ns,
        "content": content.hexdigest(),
    }
