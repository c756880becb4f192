"""Random numbers and curves that the other modules draw.

All of them take the generator, so a clip is a function of its seeds. The order of the calls is part of the signers:
another order gives other clips.
"""

from __future__ import annotations

import numpy as np


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Returns a float in [low, high)."""
    return low + (high - low) * float(rng.random())


def wander(rng: np.random.Generator, times: np.ndarray, spacing: float, amplitude: float) -> np.ndarray:
    """Draws a smooth random curve within ±amplitude.

    Args:
      rng: draws the curve.
      times: float64 [N], frames.
      spacing: frames from one knot of the curve to the next.
      amplitude: largest value.

    Returns:
      float64 [N], the curve at these times.
    """
    start = float(times.min()) - uniform(rng, 0, spacing)
    position = (times - start) / spacing
    knots = (rng.random(int(position.max()) + 2) * 2 - 1) * amplitude
    cell = position.astype(np.int64)
    share = position - cell
    share = share * share * (3 - 2 * share)
    return knots[cell] + (knots[cell + 1] - knots[cell]) * share
