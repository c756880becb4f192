"""What a net that pools predicts, beside what it predicts from the frame alone: the same weights, the same frames.

Letters in shapes: N frames of a clip, J joints, M maxima of a map.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import UNLABELLED, Clip, missing_frames
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.models.pose_net import PoseNet

LEAST_FRAMES = 10  # frames of a stretch, at least, if there are so many: shorter ones say nothing about lag
_FEWEST_FRAMES = 3  # that have a jitter
STRETCH_FRAMES = 15
_STRETCHES = 8


@dataclasses.dataclass(frozen=True)
class BesideFrame:
    """Predictions of a clip from windows and from the frames alone.

    Args:
      pooled: from windows.
      single: from the frames alone; its frames and labels are those of `pooled`.
      modes: float32 [N, J, M, 2], the maxima of each map of the frame alone, px of the frame.
      mode_heights: float32 [N, J, M], 0 if there is no such maximum.
    """

    pooled: ClipPredictions
    single: ClipPredictions
    modes: np.ndarray
    mode_heights: np.ndarray


def pools(predictor: Any) -> bool:
    """Whether a predictor pools the maps of neighbouring frames."""
    if not isinstance(predictor, WindowPredictor):
        return False
    pooling = PoseNet(predictor.model).pooling()
    return pooling is not None and pooling.reads_neighbours


def predict(predictor: WindowPredictor, clip: Clip, report_frames: Callable[[int], None] | None = None) -> BesideFrame:
    """Predicts the labelled frames of a clip, see `WindowPredictor.predict_beside_frame`."""
    points, scores = predictor.predict_beside_frame(clip, report_frames=report_frames)
    both = [ClipPredictions.of_clip(clip, points[:, :, i], scores[:, :, i]) for i in range(2)]
    return BesideFrame(both[0], both[1], points[:, :, 2:], scores[:, :, 2:])


def cut_stretch(clip: Clip, start: int, stop: int) -> Clip:
    """Returns a clip whose labelled frames are the existing ones from `start` to before `stop`.

    Frames that have no label in `clip` are unlabelled there: NaN.
    """
    count = clip.frames.num_frames or 0
    missing = missing_frames(clip.frames)
    frames = [place for place in range(max(start, 0), min(stop, count)) if place not in missing]
    joints = np.full((len(frames), *clip.joints.shape[1:]), np.nan, np.float32)
    visibility = np.full(joints.shape[:2], UNLABELLED, np.uint8)
    rows = {int(position): row for row, position in enumerate(clip.labelled)}
    for i, place in enumerate(frames):
        if place in rows:
            joints[i] = clip.joints[rows[place]]
            visibility[i] = clip.visibility[rows[place]]
    return Clip(
        clip.name,
        clip.frames,
        np.array(frames),
        joints,
        visibility,
        session=clip.session,
        group=clip.group,
        region=clip.region,
    )


def find_runs(frames: np.ndarray, least: int = LEAST_FRAMES) -> list[slice]:
    """Returns the runs of consecutive frames among rising positions int [N], each of at least `least` frames."""
    ends = np.flatnonzero(np.diff(frames) != 1) + 1
    borders = [0, *ends.tolist(), len(frames)]
    return [slice(a, b) for a, b in zip(borders, borders[1:]) if b - a >= least]


def find_stretches(
    predictor: WindowPredictor, clips: Sequence[Clip], predicted: Sequence[BesideFrame]
) -> list[BesideFrame]:
    """Returns predictions of consecutive frames: of those that are predicted already, if there are such.

    If labels are sparse, frames between them are predicted: stretches of `STRETCH_FRAMES` around the middle label of
    some clips, evenly spread over all. If all clips are too short for `LEAST_FRAMES`, shorter stretches are returned.
    """
    found = _cut_runs(predicted, LEAST_FRAMES)
    if found:
        return found
    long_enough = [clip for clip in clips if clip.num_labelled and (clip.frames.num_frames or 0) >= LEAST_FRAMES]
    chosen = np.unique(np.linspace(0, len(long_enough) - 1, min(_STRETCHES, len(long_enough))).round().astype(int))
    stretches = []
    for number in chosen:
        clip = long_enough[number]
        count = clip.frames.num_frames
        middle = min(int(clip.labelled[clip.num_labelled // 2]), count - 1)
        start = max(0, min(middle - STRETCH_FRAMES // 2, count - STRETCH_FRAMES))
        stretches.append(predict(predictor, cut_stretch(clip, start, start + STRETCH_FRAMES)))
    return _cut_runs(stretches, LEAST_FRAMES) or _cut_runs(predicted, _FEWEST_FRAMES)


def _cut_runs(predicted, least):
    return [_part(of, run) for of in predicted for run in find_runs(of.pooled.frames, least)]


def _part(of, rows):
    def cut(clip):
        arrays = {name: getattr(clip, name)[rows] for name in ("frames", "predicted", "scores", "truth", "visibility")}
        return dataclasses.replace(clip, **arrays, landmarks={})

    return BesideFrame(cut(of.pooled), cut(of.single), of.modes[rows], of.mode_heights[rows])
