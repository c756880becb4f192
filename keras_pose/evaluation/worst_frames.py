"""Chooses frames to look at, the worst and random ones, and draws them with truth and prediction."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton
from keras_pose.viz.pictures import Tile, draw_grid
from keras_pose.viz.skeletons import draw_skeleton, draw_truth, enlarge, scale_points

NOTE = "disc: prediction (ring: of a hidden joint)    cross: truth    white line: the error"


@dataclasses.dataclass(frozen=True)
class FrameChoice:
    """A frame of a clip, with its mean error over labelled joints and the joint with the largest error."""

    clip_name: str
    row: int
    frame_index: int
    error_px: float
    worst_joint: int
    worst_error_px: float


def choose_worst(
    predictions: Sequence[ClipPredictions], count: int = 12, per_clip: int = 2, min_gap: int = 5
) -> list[FrameChoice]:
    """Chooses the frames with the largest mean error over their labelled joints, worst first.

    Args:
      predictions: list of `ClipPredictions`.
      count: largest number of frames to choose.
      per_clip: largest number of frames from one clip, so that one bad clip does not fill the picture.
      min_gap: least distance of two choices from one clip, in frames: consecutive frames look alike.

    Returns:
      List of `FrameChoice`; empty if nothing is labelled.
    """
    chosen: list[FrameChoice] = []
    for choice in sorted(_labelled(predictions), key=lambda c: -c.error_px):
        same = [c.frame_index for c in chosen if c.clip_name == choice.clip_name]
        if len(same) < per_clip and all(abs(choice.frame_index - index) >= min_gap for index in same):
            chosen.append(choice)
        if len(chosen) == count:
            break
    return chosen


def choose_random(predictions: Sequence[ClipPredictions], count: int = 12, seed: int = 0) -> list[FrameChoice]:
    """Chooses labelled frames at random, each equally likely, in the order of clips and frames.

    Args:
      predictions: list of `ClipPredictions`.
      count: largest number of frames to choose.
      seed: int.

    Returns:
      List of `FrameChoice`.
    """
    all_choices = _labelled(predictions)
    rng = np.random.default_rng(seed)
    if not all_choices:
        return []
    positions = rng.choice(len(all_choices), min(count, len(all_choices)), replace=False)
    return [all_choices[i] for i in sorted(positions)]


def draw_choices(
    choices: Sequence[FrameChoice],
    predictions: Sequence[ClipPredictions],
    skeleton: Skeleton,
    read_frame: Callable[[str, int], np.ndarray],
    title: str,
    columns: int = 4,
    side_px: int = 320,
) -> np.ndarray:
    """Draws chosen frames as a grid, each with prediction, truth and caption (clip, frame, error).

    Args:
      choices: list of `FrameChoice`, at least one.
      predictions: the list of `ClipPredictions` that they were chosen from.
      skeleton: `Skeleton`.
      read_frame: function (clip name, frame index) -> uint8 RGB [H, W, 3], the original frame.
      title: str over the grid.
      columns: frames in a row.
      side_px: int, longer side of each frame in the picture.

    Returns:
      uint8 [H, W, 3].

    Raises:
      ValueError: if `read_frame` returns anything but a frame of the clip's size.
    """
    clips = {clip.name: clip for clip in predictions}
    tiles = [_draw_choice(choice, clips[choice.clip_name], skeleton, read_frame, side_px) for choice in choices]
    return draw_grid(tiles, columns, title, NOTE)


def _draw_choice(choice, clip, skeleton, read_frame, side_px):
    frame = np.asarray(read_frame(choice.clip_name, choice.frame_index))
    expected = (*clip.size_hw, 3) if clip.size_hw else frame.shape
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape != expected or frame.shape[2] != 3:
        raise ValueError(
            f"clip {choice.clip_name}, frame {choice.frame_index}: expected a frame uint8 "
            f"{list(expected) if clip.size_hw else '[H, W, 3]'}, received {frame.dtype} {list(frame.shape)}"
        )
    picture, scale = enlarge(frame, side_px)
    predicted = scale_points(clip.predicted[choice.row], scale)
    truth = scale_points(clip.truth[choice.row], scale)
    picture = draw_skeleton(picture, predicted, skeleton, clip.visibility[choice.row])
    picture = draw_truth(picture, truth, skeleton, predicted)
    joint = skeleton.joints[choice.worst_joint].replace("_", " ")
    caption = (
        f"{choice.error_px:.1f} px mean error",
        f"{joint} {choice.worst_error_px:.1f} px",
        f"{choice.clip_name}, frame {choice.frame_index}",
    )
    return Tile(picture, caption)


def _labelled(predictions):
    choices = []
    for clip in predictions:
        errors = clip.errors_px()
        for row in np.flatnonzero(np.isfinite(errors).any(1)):
            worst = int(np.nanargmax(errors[row]))
            mean = float(np.nanmean(errors[row]))
            largest = float(errors[row, worst])
            choices.append(FrameChoice(clip.name, int(row), int(clip.frames[row]), mean, worst, largest))
    return choices
