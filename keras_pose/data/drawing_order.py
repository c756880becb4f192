"""The endless order in which training draws its samples: a function of the seed alone, so it can resume anywhere.

Samples of one part come in passes, each a permutation of its own. Several parts (sources of data) take turns: of every
`CYCLE` draws each part has a number that follows from its share, at random places, and each part goes on with its own
passes. So a part with few samples comes to its end more often, and is neither drowned nor drawn in runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np

CYCLE = 1000  # draws after which all parts have had exactly their shares, in whole draws
_KEPT = 8  # batches in flight touch few passes


class EndlessOrder:
    """An endless order of positions.

    Args:
      parts: (share, int [N] positions) of each part; shares are above 0, with the sum 1.

    Raises:
      ValueError: if a part has no positions.
    """

    def __init__(self, parts: Sequence[tuple[float, np.ndarray]]) -> None:
        for number, (_, positions) in enumerate(parts):
            if not len(positions):
                raise ValueError(f"expected positions in each part, received none in part {number}")
        self._positions = [np.asarray(positions) for _, positions in parts]
        self._quotas = divide_evenly([share for share, _ in parts], CYCLE)
        self._permutations: dict[tuple[int, ...], np.ndarray] = {}
        self._lock = threading.Lock()

    def positions(self, seed: int, places: Iterable[int]) -> list[int]:
        """Returns the positions at these places (from 0) of the order that belongs to a seed (0 or more)."""
        return [self._position(seed, place) for place in places]

    def _position(self, seed, place):
        if len(self._positions) == 1:
            return self._in_passes(0, place, (seed,))
        # Find the part whose turn it is, and how many turns it had before.
        cycle, within = divmod(place, CYCLE)
        turns = self._turns(seed, cycle)
        part = int(turns[within])
        before = cycle * self._quotas[part] + int((turns[:within] == part).sum())
        return self._in_passes(part, before, (seed, part + 1))

    def _in_passes(self, part, place, key):
        positions = self._positions[part]
        number, within = divmod(place, len(positions))
        return int(positions[self._permutation((*key, number), len(positions))[within]])

    def _turns(self, seed, cycle):
        """Returns int [CYCLE], the part that each draw of a cycle is of."""
        parts = np.repeat(np.arange(len(self._quotas)), self._quotas)
        return parts[self._permutation((seed, 0, cycle), CYCLE)]

    def _permutation(self, key, count):
        with self._lock:
            if key not in self._permutations:
                if len(self._permutations) > _KEPT * (len(self._positions) + 1):
                    self._permutations.pop(next(iter(self._permutations)))
                self._permutations[key] = np.random.Generator(np.random.PCG64(list(key))).permutation(count)
            return self._permutations[key]


def divide_evenly(shares: Sequence[float], total: int) -> list[int]:
    """Divides a whole number by shares: the largest remainders are rounded up, and each share gets at least 1.

    Args:
      shares: fractions with the sum 1.
      total: the number to divide, at least the number of shares.
    """
    exact = np.asarray(shares, np.float64) / np.sum(shares) * total
    counts = np.maximum(np.floor(exact).astype(int), 1)
    while counts.sum() < total:
        counts[int(np.argmax(exact - counts))] += 1
    while counts.sum() > total:
        counts[int(np.argmax(counts - exact + (counts > 1) * total))] -= 1
    return counts.tolist()
