"""Reads the published predictions of the Flowing ConvNets (Pfister, Charles and Zisserman, ICCV 2015).

The .mat files of qxcv/joint-regressor (Apache-2.0) hold the authors' predictions on Poses in the Wild and on MPII
Cooking beside the truth. Fields: `raw_results{sequence}{frame}` is 7×2; `test_seqs.data(i)` has `joint_locs` (7×2, or
the 12 joints of MPII Cooking) and, on Poses in the Wild, `visible`; `test_seqs.seqs{sequence}` are 1-based rows of
`data`. Coordinates are MATLAB's, with the first pixel at 1. Invisible joints count as unlabelled, as in the paper's
figures, which tests reproduce with this reader. The predictions on MPII Cooking lie some 58 px to the right of the
file's truth, on all joints, so they reproduce no published figure as they stand.
"""

from __future__ import annotations

import os

import numpy as np
import scipy.io

from keras_pose.data.clip import UNLABELLED, VISIBLE
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import UPPER_BODY

SKELETON = UPPER_BODY  # "head" is the neck or chin in Poses in the Wild

# Head's upper point, wrists, elbows and shoulders among the 12 joints of MPII Cooking.
_OF_MPII_COOKING = (10, 6, 7, 4, 5, 2, 3)


def read_predictions(path: str | os.PathLike, size_hw: tuple[int, int] | None = None) -> list[ClipPredictions]:
    """Reads one .mat file.

    Args:
      path: str or path-like.
      size_hw: (height, width) of the frames in px, which the file does not contain; None: unknown.

    Returns:
      One `ClipPredictions` per sequence, named "sequence_01", …; `frames` counts the frames of the sequence from 0, its
      scores are NaN (the file has none), its joints follow `SKELETON`.

    Raises:
      ValueError: for a file that lacks a field or whose sequences do not match; the message names both.
    """
    try:
        content = scipy.io.loadmat(path)
        truth = content["test_seqs"][0, 0]
        data = truth["data"].ravel()
        sequences = truth["seqs"].ravel()
        results = content["raw_results"].ravel()
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: expected test_seqs.data, test_seqs.seqs and raw_results, but {error}") from error
    if len(results) != len(sequences):
        raise ValueError(f"{path}: expected {len(sequences)} sequences in raw_results, received {len(results)}")
    return [
        _read_sequence(f"{path}, sequence {i}", f"sequence_{i:02d}", rows.ravel(), frames.ravel(), data, size_hw)
        for i, (rows, frames) in enumerate(zip(sequences, results), start=1)
    ]


def _read_sequence(place, name, rows, frames, data, size_hw):
    if len(frames) != len(rows):
        raise ValueError(f"{place}: expected {len(rows)} frames in raw_results, received {len(frames)}")
    if len(rows) and not 1 <= rows.min() <= rows.max() <= len(data):
        raise ValueError(f"{place}: expected rows 1 to {len(data)}, received {rows.min()} to {rows.max()}")
    labels = [_read_labels(f"{place}, row {row}", data[int(row) - 1]) for row in rows]
    shape = (len(rows), SKELETON.num_joints)
    predicted = _stack([np.asarray(frame, np.float64) for frame in frames], (*shape, 2), place)
    truth = _stack([joints for joints, _ in labels], (*shape, 2), place)
    visible = _stack([visible for _, visible in labels], shape, place).astype(bool) & np.isfinite(truth).all(-1)
    return ClipPredictions(
        name=name,
        frames=np.arange(len(rows)),
        predicted=predicted - 1.0,
        scores=np.full(shape, np.nan),
        truth=np.where(visible[..., None], truth - 1.0, np.nan),
        visibility=np.where(visible, VISIBLE, UNLABELLED),
        size_hw=size_hw,
    )


def _read_labels(place, row):
    if "joint_locs" not in row.dtype.names:
        raise ValueError(f"{place}: expected a field joint_locs, received {', '.join(row.dtype.names)}")
    joints = np.asarray(row["joint_locs"], np.float64)
    if joints.shape == (12, 2):
        joints = joints[list(_OF_MPII_COOKING)]
    visible = row["visible"].ravel() if "visible" in row.dtype.names else np.ones(len(joints))
    return joints, np.asarray(visible, np.float64)


def _stack(arrays, shape, place):
    wrong = [array.shape for array in arrays if array.shape != shape[1:]]
    if wrong:
        raise ValueError(f"{place}: expected joints {list(shape[1:])} in each frame, received {list(wrong[0])}")
    return np.stack(arrays) if arrays else np.zeros(shape)
