"""Which box of one frame belongs to which box of another: the largest sum of overlaps.

The rule of SORT (Bewley et al., ICIP 2016, arXiv 1602.00763) without its Kalman filter: the assignment that maximises
the sum of the intersections over unions (Hungarian algorithm), without pairs that overlap too little.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment


def overlaps(first: npt.ArrayLike, second: npt.ArrayLike) -> np.ndarray:
    """Returns float64 [N, M], the intersection over union of each pair of boxes.

    Args:
      first: float [N, 4], (left, top, width, height).
      second: float [M, 4], likewise.
    """
    a = np.asarray(first, np.float64).reshape(-1, 1, 4)
    b = np.asarray(second, np.float64).reshape(1, -1, 4)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    common = np.maximum(high - low, 0).prod(-1)
    union = a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - common
    return common / np.where(union > 0, union, 1.0)


def match(first: npt.ArrayLike, second: npt.ArrayLike, min_overlap: float) -> list[tuple[int, int]]:
    """Pairs boxes that belong together.

    Args:
      first: float [N, 4], (left, top, width, height).
      second: float [M, 4], likewise.
      min_overlap: smallest intersection over union of a pair; above 0.

    Returns:
      Pairs (row of `first`, row of `second`), rising; each row is in one pair at most.
    """
    found = overlaps(first, second)
    # A pair that is not allowed must not cost an allowed one its place.
    rows, columns = linear_sum_assignment(np.where(found >= min_overlap, found, 0.0), maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns) if found[row, column] >= min_overlap]
