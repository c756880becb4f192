"""Baselines that see positions only: what a temporal pooling of maps must beat to be worth its maps.

- median of 3: each coordinate's median over a frame and its two neighbours;
- quadratic: a parabola through the positions of a window, read in the middle. It is fitted again and again with less
  weight for positions that lie far from it (iteratively reweighted least squares with Cauchy's weights).
- median offset: the single frame, moved by how far other films' labels lie from the net's peaks. Data sets differ in
  where a shoulder is, and a pooling that is fitted learns that too: it must not count as a gain of time.

Letters in shapes: P frames of a clip, L windows, T frames of a window, J joints.
"""

from __future__ import annotations

import numpy as np

_ROUNDS = 6
_RIDGE = (1e-6, 1e-3, 1e-3)  # of the constant, the linear and the quadratic term: few frames make no wild parabola


def median_of_three(points: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Takes the median of the middle frame and its two neighbours.

    Args:
      points: float [L, T, J, 2], T at least 3.
      valid: bool [L, T], whether the clip has that frame; the middle stands for neighbours that it does not have.

    Returns:
      float64 [L, J, 2].
    """
    middle = points.shape[1] // 2
    near = points[:, middle - 1 : middle + 2].astype(np.float64)
    exists = valid[:, middle - 1 : middle + 2, None, None]
    return np.median(np.where(exists, near, near[:, 1:2]), axis=1)


def robust_quadratic(points: np.ndarray, valid: np.ndarray, scale_px: float) -> np.ndarray:
    """Fits a parabola to each joint's positions of a window and reads it in the middle.

    Args:
      points: float [L, T, J, 2].
      valid: bool [L, T], whether the clip has that frame.
      scale_px: distance from the parabola at which a position counts half.

    Returns:
      float64 [L, J, 2].
    """
    num_frames = points.shape[1]
    half = max(num_frames // 2, 1)
    at = (np.arange(num_frames) - num_frames // 2) / half
    terms = np.stack([np.ones_like(at), at, at**2], -1)  # [T, 3]
    values = np.moveaxis(points.astype(np.float64), 1, 2)  # [L, J, T, 2]
    exists = np.broadcast_to(valid[:, None].astype(np.float64), values.shape[:3])
    weights = exists
    fitted = values[:, :, num_frames // 2]
    for _ in range(_ROUNDS):
        products = np.einsum("ljt,ta,tb->ljab", weights, terms, terms) + np.diag(_RIDGE)
        right = np.einsum("ljt,ta,ljtc->ljac", weights, terms, values)
        theta = np.linalg.solve(products, right)
        fitted = theta[:, :, 0]
        misses = np.linalg.norm(values - np.einsum("ta,ljac->ljtc", terms, theta), axis=-1)
        weights = exists / (1 + (misses / scale_px) ** 2)
    return fitted


def median_offset(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Finds how far labels lie from a net's positions.

    Args:
      points: float [N, J, 2].
      labels: float [N, J, 3], (x, y, weight); only those of weight above 0 count.

    Returns:
      float64 [J, 2], the median of each coordinate; 0 for a joint without labels.
    """
    apart = np.where(labels[..., 2:] > 0, labels[..., :2] - points, np.nan)
    offsets = np.zeros(apart.shape[1:])
    for joint in np.flatnonzero((labels[..., 2] > 0).any(axis=0)):
        offsets[joint] = np.nanmedian(apart[:, joint], axis=0)
    return offsets
