"""How far probabilities can be trusted: reliability diagram, expected calibration error (ECE), Brier score.

Joints are sorted by their probability into bins of about equal numbers. In each bin, the mean probability is compared
with the share of joints that lie within the distance:

    ECE = Σ_b (n_b / n) · |mean probability_b − share_b|      (Naeini et al. 2015; equal-mass bins: Nixon et al. 2019)

Chance alone makes the ECE of a small sample too high. `debiased_error` takes off what independent joints would add by
chance (Kumar, Liang and Ma 2019, "Verified uncertainty calibration"). Letters in shapes: S joints, B bins, U units that
are drawn together, ... any leading axes.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special

NUM_BINS = 10
_MIN_PER_BIN = 20
_Z = 1.96  # of a 95 % interval


@dataclasses.dataclass(frozen=True)
class Diagram:
    """The points of a reliability diagram, in the order of rising probability.

    Args:
      predicted: float64 [B], mean probability of the joints of a bin.
      observed: float64 [B], share of them that lie within the distance.
      low: float64 [B], lower end of the 95 % Wilson interval of `observed` (frames taken as independent).
      high: float64 [B], its upper end.
      counts: int64 [B], joints.
    """

    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    counts: np.ndarray


def bin_of(probabilities: np.ndarray, num_bins: int = NUM_BINS) -> np.ndarray:
    """Sorts joints into bins of about equal numbers. Equal probabilities go into one bin.

    Args:
      probabilities: float [S].
      num_bins: largest number of bins; there are fewer if a bin would hold fewer than 20 joints.

    Returns:
      int [S], the bin of each joint, from 0.
    """
    if not len(probabilities):
        return np.zeros(0, np.int64)
    count = max(1, min(num_bins, len(probabilities) // _MIN_PER_BIN))
    edges = np.quantile(probabilities, np.arange(1, count) / count)
    bins = np.searchsorted(np.unique(edges), probabilities, side="right")
    return np.unique(bins, return_inverse=True)[1]


def bin_sums(
    probabilities: np.ndarray, within: np.ndarray, bins: np.ndarray, units: np.ndarray | None = None
) -> np.ndarray:
    """Sums up the joints of each bin.

    Args:
      probabilities: float [S].
      within: bool [S], whether the joint lies within the distance.
      bins: int [S], from `bin_of`.
      units: int [S], the unit of each joint, such as its clip; None: all are one unit.

    Returns:
      float64 [B, 3], or [U, B, 3] with units: number of joints, sum of their probabilities, number within.
    """
    num_bins = int(bins.max()) + 1 if len(bins) else 0
    num_units = 1 if units is None else (int(units.max()) + 1 if len(units) else 0)
    place = bins if units is None else units * num_bins + bins
    values = (np.ones(len(bins)), np.asarray(probabilities, np.float64), np.asarray(within, np.float64))
    sums = np.stack([np.bincount(place, value, num_units * num_bins) for value in values], -1)
    return sums if units is None else sums.reshape(num_units, num_bins, 3)


def calibration_error(sums: np.ndarray) -> np.ndarray:
    """Returns the ECE, float64 [...], of sums [..., B, 3] (from `bin_sums`, or weighted); NaN without joints."""
    counts, predicted, within = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.abs(predicted - within).sum(-1) / counts.sum(-1)


def debiased_error(sums: np.ndarray) -> np.ndarray:
    """Returns the ECE less what chance adds to it, float64 [...], 0 or more.

    If the true gap of a bin is g, the gap that n independent joints show has about the distribution N(g, share·(1 −
    share)/n); the mean of its absolute value is above |g|. Kumar et al. take that excess at the observed gap.

    Args:
      sums: float64 [..., B, 3], from `bin_sums`.
    """
    counts, predicted, within = np.moveaxis(np.asarray(sums, np.float64), -1, 0)
    filled = np.maximum(counts, 1)
    gap = np.abs(predicted - within) / filled
    share = within / filled
    sigma = np.sqrt(np.maximum(share * (1 - share), 1e-12) / filled)
    folded = sigma * np.sqrt(2 / np.pi) * np.exp(-0.5 * (gap / sigma) ** 2) + gap * special.erf(gap / sigma / 2**0.5)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.maximum(0, ((2 * gap - folded) * counts).sum(-1) / counts.sum(-1))


def brier_score(probabilities: np.ndarray, within: np.ndarray) -> float:
    """Returns the mean square of probability − (1 if within the distance, else 0); lower is better (Brier 1950)."""
    return float(np.mean((np.asarray(probabilities, np.float64) - np.asarray(within, np.float64)) ** 2))


def diagram(sums: np.ndarray) -> Diagram:
    """Returns the points of the reliability diagram of sums [B, 3], from `bin_sums`."""
    counts, predicted, within = np.moveaxis(sums, -1, 0)
    share = within / counts
    # Wilson 1927.
    centre = (share + _Z**2 / (2 * counts)) / (1 + _Z**2 / counts)
    half = _Z / (1 + _Z**2 / counts) * np.sqrt(share * (1 - share) / counts + _Z**2 / (4 * counts**2))
    return Diagram(predicted / counts, share, centre - half, centre + half, counts.astype(np.int64))
