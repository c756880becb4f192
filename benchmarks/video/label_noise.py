"""How well the labels of a project repeat: the distance between two labels of the same, or nearly the same, picture.

Labels are sparse, so their noise cannot be read from their course in time. Two measurements are possible:

- The same picture, identical to the last bit, was labelled twice: the distance between the two labels.
- Two frames of a video are close together: the distance between the label of one and the label of the other, moved onto
  it by optical flow. Errors of flow add to this distance, so it is an upper bound of the noise. Points for which flow
  forwards and flow backwards disagree are left out.

If labels miss the truth independently of each other, each by a Gaussian of the same width in x and y, then their repeat
distance d has two consequences: the truth itself would score a mean error of d/√2, and a person who labels every frame
would produce a jitter of √3·d in second differences. An error that all labels share (a point that is always placed too
low) remains invisible.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence

import cv2
import numpy as np

from benchmarks.common.rows import Row
from keras_pose.data import selection
from keras_pose.data.clip import Clip
from keras_pose.data.config import DataConfig
from keras_pose.data.importers.deeplabcut import project
from keras_pose.evaluation import bootstrap, measures, resampling
from keras_pose.flow import estimators
from keras_pose.flow.composition_numpy import compose

TRACKED_FRAMES = 4
CONSISTENT_PX = 1.0
FLOW = "dis_medium"
ERROR_OF_TRUTH = 2**-0.5  # times the repeat distance
JITTER_OF_LABELS = 3**0.5  # times the repeat distance


def open_clips(spec: str, config: DataConfig) -> list[Clip]:
    """Opens all clips of a source. Labels past the end of a DeepLabCut project's video get their frame if it is found.

    Args:
      spec: a source, as `--data`.
      config: how to read it.
    """
    if os.path.isfile(os.path.join(spec, "config.yaml")):
        return list(project.read(spec, find_past_end=True).clips)
    return list(selection.open_data(spec, config).clips)


def compare_repeated(clips: Sequence[Clip]) -> dict[str, np.ndarray]:
    """Measures the distances between labels of one picture.

    Returns:
      float64 [pairs · J], px, by name of the clip; clips without such a picture are left out.
    """
    found: dict[str, list[np.ndarray]] = {}
    for clip in clips:
        images = [clip.read_window(row)[0] for row in range(clip.num_labelled)]
        for a, b in itertools.combinations(range(clip.num_labelled), 2):
            if np.array_equal(images[a], images[b]):
                found.setdefault(clip.name, []).append(_distances(clip.joints[a], clip.joints[b]))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def compare_tracked(
    clips: Sequence[Clip],
    estimate_flow: Callable[[np.ndarray, np.ndarray], np.ndarray],
    most_frames: int = TRACKED_FRAMES,
) -> dict[str, np.ndarray]:
    """Measures the distances between labels of frames that are close together, moved onto each other by flow.

    Args:
      clips: labelled clips.
      estimate_flow: function (target, source) of uint8 [H, W, 3] to float32 [H, W, 2].
      most_frames: the largest distance between two frames.

    Returns:
      float64 [points], px, by name of the clip; clips without such points are left out.
    """
    found: dict[str, list[np.ndarray]] = {}
    for clip in clips:
        for a, b in itertools.combinations(range(clip.num_labelled), 2):
            first = int(clip.labelled[a])
            last = int(clip.labelled[b])
            if last - first > most_frames or not (clip.has_neighbours(a) and clip.has_neighbours(b)):
                continue
            frames = getattr(clip.frames, "video", clip.frames).read(range(first, last + 1))
            moved, misfit_px = _track(clip.joints[a], frames, estimate_flow)
            found.setdefault(clip.name, []).append(_distances(moved, clip.joints[b], misfit_px <= CONSISTENT_PX))
    joined = {name: np.concatenate(parts) for name, parts in found.items()}
    return {name: distances for name, distances in joined.items() if len(distances)}


def make_rows(clips: Sequence[Clip]) -> list[Row]:
    """Returns rows of the repeat distance and its consequences for error and jitter; none if nothing repeats."""
    by_tracking = compare_tracked(clips, estimators.open_estimator(FLOW))
    rows: list[Row] = []
    for what, found in (
        ("the same picture labelled twice", compare_repeated(clips)),
        (f"labels up to {TRACKED_FRAMES} frames apart, moved by flow", by_tracking),
    ):
        if found:
            points = _count(sum(map(len, found.values())), "point")
            rows += _noise_rows(f"{what} ({points} of {_count(len(found), 'clip')})", found)
    return rows


def _noise_rows(what, found) -> Iterator[Row]:
    mean = np.concatenate(list(found.values())).mean()
    low, high = mean_interval(found)
    for name, factor in (
        ("distance", 1.0),
        ("mean error that the truth would have (if independent)", ERROR_OF_TRUTH),
        ("jitter that labels of every frame would have (if independent)", JITTER_OF_LABELS),
    ):
        limits = (low and low * factor, high and high * factor)
        yield Row(f"{what}: {name}", mean * factor, "px", *limits)


def mean_interval(found: Mapping[str, np.ndarray]) -> tuple[float | None, float | None]:
    """Returns the 95 % bootstrap interval over clips of the mean of all points, (None, None) for too few clips."""
    if len(found) < resampling.MIN_GROUPS:
        return None, None
    table = measures.Measures(
        ("mean",),
        np.array([values.sum() for values in found.values()])[:, None, None],
        np.array([len(values) for values in found.values()], np.float64)[:, None, None],
        "clips",
    )
    low, high = bootstrap.intervals(table, {})["mean"]
    return low, high


def _distances(a, b, wanted=True):
    distances = np.linalg.norm(a.astype(np.float64) - b, axis=-1)
    return distances[np.isfinite(distances) & wanted]


def _track(points, frames, estimate_flow):
    """Moves float32 [J, 2] of the first frame to the last; also returns the px by which the way back misses them."""
    onward, back = (_compose_along(order, estimate_flow) for order in (frames, frames[::-1]))
    moved = points + _sample_flow(onward, points)
    return moved, np.linalg.norm(moved + _sample_flow(back, moved) - points, axis=-1)


def _compose_along(frames, estimate_flow):
    flow = None
    for target, source in zip(frames[:-1], frames[1:]):
        to_next = estimate_flow(target, source)
        flow = to_next if flow is None else compose(flow, to_next)
    return flow


def _sample_flow(flow, points):
    """Returns float32 [J, 2]: flow at points, NaN for those that are unlabelled."""
    known = np.nan_to_num(points.astype(np.float32))
    sampled = cv2.remap(flow, known[:, :1], known[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.where(np.isnan(points), np.nan, sampled[:, 0])


def _count(number, what):
    return f"{number} {what}{'' if number == 1 else 's'}"
