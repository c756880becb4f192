"""Values of poses in the forms that several formats need: likelihoods, and tables with a row for each frame from 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_pose.poses.video_poses import VideoPoses, empty_arrays


def take(poses: VideoPoses, first: int, last: int) -> VideoPoses:
    """Returns poses number first to last - 1."""
    return poses.replace(**{name: getattr(poses, name)[first:last] for name in empty_arrays(0, 1, 1)})


def are_there(poses: VideoPoses) -> np.ndarray:
    """Returns bool [N, P, J]: whether the joint has a position."""
    return np.isfinite(poses.joints).all(-1)


def likelihoods(poses: VideoPoses, absent: float) -> np.ndarray:
    """Returns the one number per joint that formats of other tools have room for.

    Args:
      poses: the poses.
      absent: value of joints that are not there.

    Returns:
      float32 [N, P, J]: calibrated confidences if the poses are calibrated, otherwise scores. A map may be a little
        higher than its peak in training: such a score counts as 1.
    """
    values = np.clip(poses.scores, 0, 1) if poses.calibration is None else poses.confidences
    return np.where(are_there(poses), values, np.float32(absent))


def mean_likelihoods(poses: VideoPoses) -> np.ndarray:
    """Returns float32 [N, P], the mean likelihood of the joints that are there; NaN for nobody."""
    values = likelihoods(poses, np.nan)
    known = np.isfinite(values)
    sums = np.where(known, values, 0).sum(-1, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return (sums / known.sum(-1)).astype(np.float32)


def num_rows(poses: VideoPoses) -> int:
    """Returns the number of rows of a table that has one for each frame from 0 to the last predicted one."""
    return int(poses.frames[-1]) + 1 if poses.num_frames else 0


def spread(poses: VideoPoses, values: np.ndarray, fill: float, first: int = 0, last: int | None = None) -> np.ndarray:
    """Returns a table with a row for each frame, predicted or not.

    Args:
      poses: N poses; their frame numbers are the rows.
      values: [N, …], what stands in these rows.
      fill: value of the other rows.
      first: the first row to return.
      last: the row behind the last one; None: all.

    Returns:
      [last - first, …], of the type of `values`.
    """
    last = num_rows(poses) if last is None else last
    start, stop = np.searchsorted(poses.frames, [first, last])
    table = np.full((last - first, *values.shape[1:]), fill, values.dtype)
    table[poses.frames[start:stop] - first] = values[start:stop]
    return table


def unique_names(names: Sequence[str], forbidden: str) -> list[str]:
    """Returns names without some characters, all different and none empty.

    Args:
      names: different names.
      forbidden: characters that become "_".
    """
    plain = ["".join("_" if c in forbidden else c for c in name) or "_" for name in names]
    found: list[str] = []
    for name, original in zip(plain, names):
        taken = {*found, *(other for other, source in zip(plain, names) if other == source != original)}
        number = 2
        unique = name
        while unique in taken:
            unique = f"{name}_{number}"
            number += 1
        found.append(unique)
    return found
