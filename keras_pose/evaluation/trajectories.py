"""How the path of a joint over consecutive frames differs between pooled maps and single frames: jitter and lag.

Jitter is the mean length of the second difference (`accuracy.jitter_px`). Lag is how many frames late a path follows
another: the shift at which their normalised cross-correlation is largest, refined by a parabola through the maximum and
its neighbours. Paths are projected onto the direction in which the joint moves most, so that error across the motion
does not count. Letters in shapes: T consecutive frames, J joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_pose.evaluation import accuracy
from keras_pose.evaluation.beside_frame import BesideFrame

MAX_LAG = 3  # frames
_LEAST_MOTION = 0.01  # of the frame's longer side: joints that spread less are at rest


def compare(stretches: Sequence[BesideFrame]) -> dict[str, Any]:
    """Measures jitter and lag of pooled positions.

    Args:
      stretches: predictions of consecutive frames, as `beside_frame.find_stretches` returns them.

    Returns:
      Dictionary ready for JSON: "num_frames" and "num_stretches"; "jitter_px": {"single", "pooled", "ratio"};
      "lag_frames": {"behind_labels", "behind_single"}. None instead of what cannot be measured.
    """
    single = accuracy.jitter_px([of.single for of in stretches]) if stretches else None
    pooled = accuracy.jitter_px([of.pooled for of in stretches]) if stretches else None
    paths = [of.pooled.predicted for of in stretches]
    least = [_LEAST_MOTION * max(of.pooled.size_hw) if of.pooled.size_hw else 0.0 for of in stretches]
    return {
        "num_stretches": len(stretches),
        "num_frames": sum(len(of.pooled.frames) for of in stretches),
        "jitter_px": {"single": single, "pooled": pooled, "ratio": pooled / single if single and pooled else None},
        "lag_frames": {
            "behind_labels": lag_frames(paths, [of.pooled.truth for of in stretches], least),
            "behind_single": lag_frames(paths, [of.single.predicted for of in stretches], least),
        },
    }


def lag_frames(
    paths: Sequence[np.ndarray], references: Sequence[np.ndarray], least_px: Sequence[float], max_lag: int = MAX_LAG
) -> float | None:
    """Finds how many frames late paths follow their references.

    Args:
      paths: float [T, J, 2] each, px.
      references: float [T, J, 2] each, px; a joint that is NaN in any frame of a stretch is left out.
      least_px: for each stretch, the standard deviation from which on a joint counts as moving.
      max_lag: largest lag that is looked for, in frames; stretches of at most 2 · `max_lag` + 2 frames are left out.

    Returns:
      Lag in frames, negative if paths run ahead, −`max_lag` to `max_lag`; None if nothing moves.
    """
    pairs = [
        pair
        for path, reference, least in zip(paths, references, least_px)
        if len(path) > 2 * max_lag + 2
        for pair in _moving_joints(path, reference, least)
    ]
    if not pairs:
        return None
    # Shift either of the two: the mean of both lags is 0 for equal paths, however short they are.
    forwards = _best_shift(pairs, max_lag)
    backwards = _best_shift([(b, a) for a, b in pairs], max_lag)
    return (forwards - backwards) / 2


def _best_shift(pairs, max_lag):
    """Returns the shift of the second paths, float64 [T] each, at which they fit the first ones best."""
    shifts = range(-max_lag, max_lag + 1)
    products = np.zeros(len(shifts))
    energies = np.full(len(shifts), 1e-12)
    for path, model in pairs:
        # The same frames of the path at every shift of the other.
        core = np.arange(max_lag, len(path) - max_lag)
        values = path[core] - path[core].mean()
        for i, shift in enumerate(shifts):
            moved = model[core - shift] - model[core - shift].mean()
            products[i] += values @ moved
            energies[i] += moved @ moved
    return _peak(products / np.sqrt(energies)) - max_lag


def _moving_joints(path, reference, least_px):
    """Yields (path, reference), float64 [T] each, along the direction in which each joint moves most."""
    for joint in range(path.shape[1]):
        model = np.asarray(reference[:, joint], np.float64)
        if not np.isfinite(model).all():
            continue
        centred = model - model.mean(0)
        _, spread, axes = np.linalg.svd(centred, full_matrices=False)
        if spread[0] / np.sqrt(len(model)) > max(least_px, 1e-6):
            yield np.asarray(path[:, joint], np.float64) @ axes[0], centred @ axes[0]


def _peak(values):
    """Returns the place of the maximum of float [n], refined by a parabola unless it is at an end."""
    top = int(np.argmax(values))
    if top in (0, len(values) - 1):
        return float(top)
    before, at, after = values[top - 1 : top + 2]
    bend = before - 2 * at + after
    return top + (0.5 * (before - after) / bend if bend < 0 else 0.0)
