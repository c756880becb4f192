"""One video: the teacher's poses, their agreement along the flow, and the labels that are left."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import Any

import numpy as np

from keras_pose import console, files
from keras_pose.analysis import progress, video_analysis
from keras_pose.analysis.settings import Settings
from keras_pose.annotating import weighting
from keras_pose.annotating.agreement import UNKNOWN, Agreement, person_sizes
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.annotating.weighting import VideoLabels
from keras_pose.inference.pose_model import PoseModel
from keras_pose.media.read_ahead import read_ahead
from keras_pose.media.video import VideoFrames
from keras_pose.poses.video_poses import VideoPoses

_READ_AHEAD = 8


def label_video(
    teacher: PoseModel, places: list[int], path: str, config: AnnotateConfig, parts: str
) -> tuple[VideoLabels, dict[str, Any]]:
    """Labels a video.

    Args:
      teacher: finds the joints.
      places: positions of the wanted joints among the teacher's.
      path: path of the video.
      config: which labels to keep.
      parts: folder in which the teacher's poses are kept, so that a stopped command goes on behind them.

    Returns:
      The labels, and their counts (`weighting.measure_quality`).

    Raises:
      ValueError: if the video cannot be read, or the region does not fit it.
      OSError: if a file cannot be read or written.
    """
    poses = _find_poses(teacher, path, config, parts)
    confidences = weighting.confidences_of(poses, places)
    joints = poses.joints[:, 0, places]
    candidates = (confidences >= config.min_confidence) & weighting.inside_frame(joints, poses.video.size_hw)
    agreement = _measure_agreement(path, poses, joints, np.where(candidates, confidences, 0), config)
    labels = VideoLabels(
        frames=poses.frames.astype(np.int32),
        joints=joints,
        scores=poses.scores[:, 0, places],
        confidences=confidences,
        agreement=agreement,
        weights=weighting.weigh(candidates, confidences, agreement),
    )
    return labels, weighting.measure_quality(labels, candidates)


def write(path: str, labels: VideoLabels) -> None:
    """Writes labels without loss (`data.importers.annotated_videos`). The same labels give the same bytes."""
    arrays = {field.name: getattr(labels, field.name) for field in dataclasses.fields(labels)}
    files.write_arrays(path, arrays, compressed=True)


def read(path: str | os.PathLike[str]) -> VideoLabels:
    """Reads what `write` wrote.

    Raises:
      ValueError: if the file is damaged; the message names it.
    """
    arrays = files.read_arrays(path, "labels of a video")
    try:
        return VideoLabels(**arrays)
    except TypeError as error:
        raise ValueError(f"{os.fspath(path)}: expected labels of a video: {error}") from error


def _find_poses(teacher, path, config, parts) -> VideoPoses:
    settings = Settings(every=config.every, batch_size=config.batch_size, region=config.region)
    with contextlib.closing(progress.VideoProgress(path, settings)) as line:
        return video_analysis.analyse(teacher, path, settings, parts, line.update)


def _measure_agreement(path, poses, joints, confidences, config):
    sure = confidences > 0
    if not config.agree_frames:  # nothing is compared: the weight is the confidence
        return np.ones(confidences.shape, np.float32)
    if not sure.any():
        return np.full(confidences.shape, UNKNOWN, np.float32)
    sizes = person_sizes(joints, sure, max(poses.video.size_hw))
    compared = np.where(sure[..., None], joints, np.nan)
    tolerances = config.agree_distance * sizes
    measure = Agreement(poses.frames, compared, confidences, tolerances, config.agree_frames, config.flow)
    meter = console.Meter(f"{os.path.basename(path)}: flow", int(poses.frames[-1]) + 1, "frames")
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(meter))
        video = stack.enter_context(contextlib.closing(VideoFrames(path)))
        frames = stack.enter_context(read_ahead(video.numbered(), _READ_AHEAD))
        return measure.measure(frames, meter.advance)
