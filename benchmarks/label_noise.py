"""How well labels of a project repeat: what is left of the distance between two labels of (nearly) the same picture.

Labels are sparse, so their noise cannot be read off their course in time. Two things speak of it:

- the same picture, to the last bit, labelled twice: the distance of the two labels;
- frames of a video that stand close together: the distance of a label and the other frame's, brought onto it by optical
  flow. What flow misses adds to it, so it bounds the noise from above. Points where flow forwards and backwards do not
  fit together are left out.

If labels missed the truth independently of each other, each by a Gaussian of the same width in x and y, their repeat
distance d would mean: the truth itself would score a mean error of d/√2, and a person who labels every frame would
tremble by √3·d in second differences. A habit that all labels share (a point put too low each time) is not seen.
"""

from __future__ import annotations

import itertools
import os

import cv2
import numpy as np

from benchmarks.common import harness
from keras_pose.data import selection
from keras_pose.data.importers import deeplabcut
from keras_pose.evaluation import bootstrap, measures
from keras_pose.flow import estimators
from keras_pose.flow.composition_numpy import compose

TRACKED_FRAMES = 4
CONSISTENT_PX = 1.0
FLOW = "dis_medium"
ERROR_OF_TRUTH, JITTER_OF_LABELS = 2**-0.5, 3**0.5  # times the repeat distance


def open_clips(spec, config):
    """Opens all clips of a source; of a DeepLabCut project also labels past the end get their frame, where it is found.

    Args:
      spec: a source, as `--data`.
      config: `TrainConfig`.

    Returns:
      list of `Clip`.
    """
    if os.path.isfile(os.path.join(spec, "config.yaml")):
        return deeplabcut.read(spec, find_past_end=True).clips
    return selection.open_data(spec, config).clips


def repeated(clips) -> dict:
    """Distances of labels of one picture.

    Args:
      clips: list of `Clip`.

    Returns:
      dict name of clip -> float64 [pairs · J], px; clips without such a picture are left out.
    """
    found = {}
    for clip in clips:
        images = [clip.read_window(row)[0] for row in range(clip.num_labelled)]
        for a, b in itertools.combinations(range(clip.num_labelled), 2):
            if np.array_equal(images[a], images[b]):
                found.setdefault(clip.name, []).append(_distances(clip.joints[a], clip.joints[b]))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def tracked(clips, estimate_flow, most_frames=TRACKED_FRAMES) -> dict:
    """Distances of labels of frames that stand close together, brought onto each other.

    Args:
      clips: list of `Clip`.
      estimate_flow: function (target, source) of uint8 [H, W, 3] to float32 [H, W, 2].
      most_frames: the largest distance of two frames.

    Returns:
      dict name of clip -> float64 [points], px; clips without such points are left out.
    """
    found = {}
    for clip in clips:
        for a, b in itertools.combinations(range(clip.num_labelled), 2):
            first, last = int(clip.labelled[a]), int(clip.labelled[b])
            if last - first > most_frames or not (clip.has_neighbours(a) and clip.has_neighbours(b)):
                continue
            frames = getattr(clip.frames, "video", clip.frames).read(range(first, last + 1))
            moved, misfit = _track(clip.joints[a], frames, estimate_flow)
            found.setdefault(clip.name, []).append(_distances(moved, clip.joints[b], misfit <= CONSISTENT_PX))
    found = {name: np.concatenate(parts) for name, parts in found.items()}
    return {name: distances for name, distances in found.items() if len(distances)}


def make_rows(clips) -> list:
    """Returns rows of the repeat distance and of what it means for errors and jitter; none where nothing repeats."""
    rows = []
    for what, found in (
        ("the same picture labelled twice", repeated(clips)),
        (f"labels up to {TRACKED_FRAMES} frames apart, moved by flow", tracked(clips, estimators.open_estimator(FLOW))),
    ):
        if found:
            rows += _rows(
                f"{what} ({_count(sum(map(len, found.values())), 'point')} of {_count(len(found), 'clip')})", found
            )
    return rows


def _rows(what, found):
    mean = np.concatenate(list(found.values())).mean()
    low, high = interval(found)
    for name, factor in (
        ("distance", 1.0),
        ("mean error that the truth would have (if independent)", ERROR_OF_TRUTH),
        ("jitter that labels of every frame would have (if independent)", JITTER_OF_LABELS),
    ):
        limits = (low and low * factor, high and high * factor)
        yield harness.Row(f"{what}: {name}", mean * factor, "px", *limits)


def interval(found):
    """Returns the 95 % bootstrap interval over clips of the mean of all points, (None, None) for a single clip."""
    if len(found) < 2:
        return None, None
    table = measures.Measures(
        ("mean",),
        np.array([values.sum() for values in found.values()])[:, None, None],
        np.array([len(values) for values in found.values()], np.float64)[:, None, None],
        "clips",
    )
    return bootstrap.intervals(table, {})["mean"]


def _distances(a, b, wanted=True):
    distances = np.linalg.norm(a.astype(np.float64) - b, axis=-1)
    return distances[np.isfinite(distances) & wanted]


def _track(points, frames, estimate_flow):
    """Where float32 [J, 2] of the first frame are in the last, and the px by which the way back misses them."""
    onward, back = (_flow_along(order, estimate_flow) for order in (frames, frames[::-1]))
    moved = points + _at(onward, points)
    return moved, np.linalg.norm(moved + _at(back, moved) - points, axis=-1)


def _flow_along(frames, estimate_flow):
    flow = None
    for target, source in zip(frames[:-1], frames[1:]):
        step = estimate_flow(target, source)
        flow = step if flow is None else compose(flow, step)
    return flow


def _at(flow, points):
    """float32 [J, 2]: flow at points, NaN where these are unlabelled."""
    known = np.nan_to_num(points.astype(np.float32))
    sampled = cv2.remap(flow, known[:, :1], known[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.where(np.isnan(points), np.nan, sampled[:, 0])


def _count(number, what):
    return f"{number} {what}{'' if number == 1 else 's'}"
