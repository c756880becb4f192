"""The frames of a run that are predicted beside the scored ones: a sample of those for training and for validation.

The training error beside the error of new frames tells which of the two to work on: a net that knows its own frames by
heart needs more labels or stronger augmentation, one that does not needs more steps or a larger input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.data.clip import Clip
from keras_pose.evaluation.predictions import ClipPredictions

MOST_FRAMES = 100
PARTS = ("train", "validation", "test")


def sample_clips(clips: Sequence[Clip], most: int = MOST_FRAMES) -> list[Clip]:
    """Returns the clips with at most this many labelled frames, evenly spread over all; always the same ones.

    Args:
      clips: the clips.
      most: number of frames, at least 0.
    """
    total = sum(clip.num_labelled for clip in clips)
    if total <= most:
        return [clip for clip in clips if clip.num_labelled]
    chosen = np.floor((np.arange(most) + 0.5) * total / most).astype(int) if most else np.zeros(0, int)
    first = 0
    kept = []
    for clip in clips:
        rows = chosen[(chosen >= first) & (chosen < first + clip.num_labelled)] - first
        first += clip.num_labelled
        if len(rows):
            kept.append(clip.select(rows))
    return kept


def sample_parts(parts: Mapping[str, Sequence[Clip]], scored: str, most: int = MOST_FRAMES) -> dict[str, list[Clip]]:
    """Returns a sample of each part but the scored one; parts without frames are left out.

    Args:
      parts: clips by the name of their part, of `PARTS`.
      scored: name of the part that is scored; a name such as "test frames" is cut at the space.
      most: frames of each part.
    """
    name = scored.partition(" ")[0]
    samples = {part: sample_clips(parts[part], most) for part in PARTS if part in parts and part != name}
    return {part: clips for part, clips in samples.items() if clips}


def describe_errors(predictions: Mapping[str, Sequence[ClipPredictions]]) -> dict[str, float | int]:
    """Returns what metrics.json has on other parts: "<part>_mean_error_px" and "<part>_num_frames".

    Args:
      predictions: predictions by the name of the part.
    """
    figures: dict[str, float | int] = {}
    for part, clips in predictions.items():
        errors = np.concatenate([clip.errors_px() for clip in clips])
        known = errors[np.isfinite(errors)]
        if len(known):
            figures[f"{part}_mean_error_px"] = float(known.mean())
            figures[f"{part}_num_frames"] = int(np.isfinite(errors).any(1).sum())
    return figures
