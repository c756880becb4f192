"""Strips of frames for the best and the worst that pooling does: one joint, the frame alone above pooled."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.evaluation import beside_frame
from keras_pose.evaluation.beside_frame import BesideFrame
from keras_pose.skeleton import Skeleton
from keras_pose.viz import skeletons
from keras_pose.viz.pictures import Tile, draw_grid

_FRAMES = 7
_SIDE_PX = 200
_LEAST_VIEW = 0.25  # of the frame's longer side: side of the square that is shown
_NOTE = (
    "cross: truth, if the frame is labelled    disc: prediction    white line: the error    "
    "upper row: the frame alone, lower row: pooled"
)

Picture = tuple[np.ndarray, str, str]  # as `report.write_report` takes them


@dataclasses.dataclass(frozen=True)
class Case:
    """One joint in one frame: its errors from the frame alone and pooled, px of the frame."""

    clip_name: str
    frame: int
    joint: int
    single_px: float
    pooled_px: float


def choose_cases(predicted: Sequence[BesideFrame]) -> tuple[Case | None, Case | None]:
    """Returns the joint whose error pooling reduces most, and the one whose error it increases most.

    None if there is no such joint.
    """
    best: Case | None = None
    worst: Case | None = None
    for of in predicted:
        single = of.single.errors_px()
        pooled = of.pooled.errors_px()
        for row, joint in np.argwhere(np.isfinite(single)).tolist():
            values = float(single[row, joint]), float(pooled[row, joint])
            gain = values[0] - values[1]
            case = Case(of.pooled.name, int(of.pooled.frames[row]), joint, *values)
            if gain > (best.single_px - best.pooled_px if best else 0.0):
                best = case
            if -gain > (worst.pooled_px - worst.single_px if worst else 0.0):
                worst = case
    return best, worst


def draw_cases(
    predictors: Mapping[str, Any],
    predicted: Mapping[str, Sequence[BesideFrame]],
    clips: Sequence[Clip],
    skeleton: Skeleton,
) -> dict[str, Picture]:
    """Draws the best and the worst case of the first run that pools.

    Args:
      predictors: dict name of run -> predictor; it predicts the frames around the two cases.
      predicted: dict name of run that pools -> its predictions of these clips.
      clips: the clips.
      skeleton: their skeleton.

    Returns:
      dict file name -> (uint8 [H, W, 3], heading, text for people who cannot see it).
    """
    pictures: dict[str, Picture] = {}
    if not predicted:
        return pictures
    name, found = next(iter(predicted.items()))
    by_name = {clip.name: clip for clip in clips}
    for which, case in zip(("best", "worst"), choose_cases(found)):
        if case is None:
            continue
        clip = by_name[case.clip_name]
        near = beside_frame.cut_stretch(clip, case.frame - _FRAMES // 2, case.frame + _FRAMES // 2 + 1)
        if case.frame not in near.labelled:
            near = clip.select(clip.labelled == case.frame)  # a separate image has no neighbours
        heading = f"Pooling at its {which}" + (f": {name}" if len(predictors) > 1 else "")
        picture = draw_strip(case, beside_frame.predict(predictors[name], near), near, skeleton, heading)
        joint = skeleton.joints[case.joint].replace("_", " ")
        text = f"{joint} in {len(near.labelled)} frames, predicted from the frame alone and pooled"
        pictures[f"pooling_{which}.png"] = picture, heading, text
    return pictures


def draw_strip(case: Case, near: BesideFrame, clip: Clip, skeleton: Skeleton, heading: str) -> np.ndarray:
    """Draws one joint in the frames around a case, the frame alone above pooled.

    Args:
      case: what to show.
      near: predictions of the frames to show.
      clip: the clip whose labelled frames these are.
      skeleton: its skeleton.
      heading: text over the strip.

    Returns:
      uint8 [H, W, 3].
    """
    middle = int(np.flatnonzero(near.pooled.frames == case.frame)[0])
    centre = near.pooled.truth[middle, case.joint].astype(np.float64)
    longer = max(clip.frames.size_hw)
    view = int(np.clip(2.4 * _spread_px(near, middle, case.joint), _LEAST_VIEW * longer, longer))
    frames = clip.frames.read(near.pooled.frames.tolist())
    name = skeleton.joints[case.joint].replace("_", " ")
    tiles = [
        _draw_tile(frame, of, row, case.joint, skeleton, centre, view, label + (", this case" if row == middle else ""))
        for label, of in (("frame alone", near.single), ("pooled", near.pooled))
        for row, frame in enumerate(frames)
    ]
    errors = f"{name}: {case.single_px:.1f} px from the frame alone, {case.pooled_px:.1f} px pooled"
    return draw_grid(tiles, len(frames), f"{heading} ({errors})", f"{case.clip_name}, frame {case.frame}    {_NOTE}")


def _spread_px(near, middle, joint):
    """Returns how far the joint's labels, and its predictions in the middle, lie from its label there."""
    truth = near.pooled.truth[:, joint].astype(np.float64)
    shown = [truth[np.isfinite(truth).all(-1)], near.pooled.predicted[[middle], joint]]
    shown.append(near.single.predicted[[middle], joint])
    return float(np.abs(np.concatenate(shown) - truth[middle]).max())


def _draw_tile(frame, of, row, joint, skeleton, centre, view, label):
    """Draws the square of `view` px around `centre` (x, y) of one frame, with one joint."""
    start = np.floor(centre - view / 2).astype(int)
    window = np.zeros((view, view, 3), np.uint8)
    height, width = frame.shape[:2]
    left, top = np.maximum(start, 0)
    right, bottom = np.minimum(start + view, (width, height))
    if right > left and bottom > top:
        window[top - start[1] : bottom - start[1], left - start[0] : right - start[0]] = frame[top:bottom, left:right]
    picture, scale = skeletons.enlarge(window, _SIDE_PX)
    only = np.full((skeleton.num_joints, 1), np.nan)
    only[joint] = 0.0
    predicted = skeletons.scale_points(of.predicted[row] - start + only, scale)
    truth = skeletons.scale_points(of.truth[row] - start + only, scale)
    picture = skeletons.draw_skeleton(picture, predicted, skeleton)
    picture = skeletons.draw_truth(picture, truth, skeleton, predicted)
    error = np.linalg.norm(of.predicted[row, joint] - of.truth[row, joint])
    shown = f"{error:.1f} px" if np.isfinite(error) else "no label"
    return Tile(picture, (f"frame {int(of.frames[row])}: {shown}", label))
