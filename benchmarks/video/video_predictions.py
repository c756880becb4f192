"""Predictions of whole videos, for `video_jitter`: of every frame that decodes, and of the labelled frames."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import keras
import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.evaluation import scoring
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference import loading
from keras_pose.inference.pose_model import FramePose
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.runs import trained


class VideoPredictor(Protocol):
    """What predicts the frames of a video in order, such as `StreamingPredictor`."""

    def predict(self, frames: Iterable[np.ndarray]) -> Iterator[FramePose]: ...


def stream_clip(predictor: VideoPredictor, clip: Clip, most_frames: int | None = None) -> ClipPredictions:
    """Predicts every frame of a clip's video.

    Args:
      predictor: what predicts it.
      clip: the clip.
      most_frames: number of frames after which to stop; None: never.

    Returns:
      Predictions of the frames that decode, with the labels of those that have one.

    Raises:
      ValueError: if the clip consists of separate images, or has fewer than 3 frames.
    """
    # The labelled images beside a video may be compressed differently, so read the video itself.
    video = getattr(clip.frames, "video", clip.frames)
    if video.num_frames is None or video.num_frames < 3:
        raise ValueError(
            f"clip {clip.name}: expected a video of at least 3 frames, received separate images or fewer frames"
        )
    count = min(video.num_frames, most_frames or video.num_frames)
    poses = list(predictor.predict(video.read([position])[0] for position in range(count)))
    joints = np.stack([pose.joints for pose in poses])
    # Copy the labels that lie within the predicted frames.
    truth = np.full(joints.shape, np.nan, np.float32)
    visibility = np.full(joints.shape[:2], UNLABELLED, np.uint8)
    inside = clip.labelled < count
    truth[clip.labelled[inside]] = clip.joints[inside]
    visibility[clip.labelled[inside]] = clip.visibility[inside]
    scores = np.stack([pose.scores for pose in poses])
    frames = np.array([pose.frame for pose in poses])
    return ClipPredictions(clip.name, frames, joints, scores, truth, visibility, clip.frames.size_hw)


def predict_run(
    run_dir: str, clips: Sequence[Clip], most_frames: int | None = None, echo: Callable[[str], None] = print
) -> tuple[list[ClipPredictions], list[ClipPredictions]]:
    """Predicts clips with a run.

    Args:
      run_dir: folder of the run.
      clips: labelled clips of videos.
      most_frames: see `stream_clip`.
      echo: function that shows a line of text.

    Returns:
      Predictions of the labelled frames, each with its own window, and predictions of the whole videos.
    """
    keras.backend.clear_session()
    at_labels = scoring.predict_clips(loading.load_predictor(run_dir), clips)
    stream = StreamingPredictor.from_config(*trained.load_model(run_dir))
    start = time.perf_counter()
    streamed = [stream_clip(stream, clip, most_frames) for clip in clips]
    seconds = time.perf_counter() - start
    count = sum(len(clip.frames) for clip in streamed)
    echo(f"{run_dir}: {count} frames of {len(clips)} videos, {count / seconds:.0f} a second with decoding")
    return at_labels, streamed


def stream_offset_px(at_labels: Sequence[ClipPredictions], streamed: Sequence[ClipPredictions]) -> float | None:
    """Returns the mean distance between the two predictions of a labelled frame: in its window and in the stream."""
    distances = []
    for clip, video in zip(at_labels, streamed):
        inside = clip.frames < len(video.frames)
        differences = clip.predicted[inside].astype(np.float64) - video.predicted[clip.frames[inside]]
        distances.append(np.linalg.norm(differences, axis=-1).ravel())
    pooled = np.concatenate(distances)
    return float(pooled.mean()) if len(pooled) else None
