"""Predictions of whole videos: every frame that decodes, in the stream, beside the labelled frames in their windows."""

from __future__ import annotations

import time

import keras
import numpy as np

from keras_pose.data.clip import UNLABELLED
from keras_pose.evaluation import scoring
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference import loading
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.runs import trained


def stream_clip(predictor, clip, most_frames=None) -> ClipPredictions:
    """Predicts every frame of a clip's video.

    Args:
      predictor: `StreamingPredictor`.
      clip: `Clip`.
      most_frames: stop after so many; None: never.

    Returns:
      `ClipPredictions` of the frames that decode, with the labels that stand on them.

    Raises:
      ValueError: for a clip of separate images, or of fewer than 3 frames.
    """
    video = getattr(clip.frames, "video", clip.frames)  # not the labelled images, which may be compressed otherwise
    if video.num_frames is None or video.num_frames < 3:
        raise ValueError(f"clip {clip.name}: expected a video of at least 3 frames, found separate images or fewer")
    count = min(video.num_frames, most_frames or video.num_frames)
    poses = list(predictor.predict(video.read([position])[0] for position in range(count)))
    joints = np.stack([pose.joints for pose in poses])
    truth = np.full(joints.shape, np.nan, np.float32)
    visibility = np.full(joints.shape[:2], UNLABELLED, np.uint8)
    inside = clip.labelled < count
    truth[clip.labelled[inside]] = clip.joints[inside]
    visibility[clip.labelled[inside]] = clip.visibility[inside]
    scores = np.stack([pose.scores for pose in poses])
    frames = [pose.frame for pose in poses]
    return ClipPredictions(clip.name, frames, joints, scores, truth, visibility, clip.frames.size_hw)


def predict_run(run_dir, clips, most_frames=None, echo=print):
    """Predicts with a run.

    Returns:
      Two lists of `ClipPredictions`: of the labelled frames, each with its own window, and of the whole videos.
    """
    keras.backend.clear_session()
    at_labels = scoring.predict_clips(loading.load_predictor(run_dir), clips)
    stream = StreamingPredictor.from_config(*trained.load_model(run_dir))
    start = time.perf_counter()
    streamed = [stream_clip(stream, clip, most_frames) for clip in clips]
    seconds, count = time.perf_counter() - start, sum(len(clip.frames) for clip in streamed)
    echo(f"{run_dir}: {count} frames of {len(clips)} videos, {count / seconds:.0f} a second with decoding")
    return at_labels, streamed


def stream_offset_px(at_labels, streamed) -> float | None:
    """Mean distance of the two predictions of a labelled frame: by its own window, and in the stream."""
    distances = []
    for clip, video in zip(at_labels, streamed):
        inside = clip.frames < len(video.frames)
        both = clip.predicted[inside].astype(np.float64) - video.predicted[clip.frames[inside]]
        distances.append(np.linalg.norm(both, axis=-1).ravel())
    distances = np.concatenate(distances)
    return float(distances.mean()) if len(distances) else None
