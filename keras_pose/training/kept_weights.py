"""Which weights a run keeps: the latest that validation cannot tell from the best.

The lowest of many validation errors is partly luck, the more so the fewer people or recordings are held out: weights
with the lowest error on one person may be twice as wrong on all others as those of the last step, when the learning
rate is low and the average long. So later weights are given up only if their errors are significantly higher than those
of the best ones, by a paired one-sided t-test over groups of validation frames, or far higher. This is in the spirit of
the rule of one standard error (Breiman et al., "Classification and Regression Trees", 1984), which takes the simplest
model that cannot be told from the best.
"""

from __future__ import annotations

import collections
import math
from collections.abc import Sequence

import numpy as np
from scipy import special

from keras_pose.data.samples import Samples

LEVEL = 0.05  # of the test
FACTOR = 2  # on the lowest error; more is no chance, even on one person
_BLOCKS = 10  # of a group that training knows, too


def group_frames(held_out: Samples, training: Samples) -> np.ndarray:
    """Divides validation frames into groups that err independently, as far as the frames to come are concerned.

    A group (`Clip.group`) that training has not seen stays whole, since its frames say little about other people. A
    group that training knows, such as the only video there is, is divided into up to ten blocks of consecutive frames.

    Args:
      held_out: the validation frames, N.
      training: the training frames.

    Returns:
      int32 [N], the group of each frame, from 0 without gaps.
    """
    known = {clip.group for clip, _ in training.rows}
    names = [clip.group for clip, _ in held_out.rows]
    counts = collections.Counter(names)
    seen = dict.fromkeys(counts, 0)
    keys = []
    for name in names:
        keys.append((name, seen[name] * _BLOCKS // counts[name] if name in known else 0))
        seen[name] += 1
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys], np.int32)


def is_worse(errors: Sequence[float], best: Sequence[float]) -> bool:
    """Returns whether errors are significantly higher than those of the best weights, or more than `FACTOR` times them.

    Args:
      errors: the mean error of each group; NaN: the group has no labels.
      best: the same with the best weights. With fewer than two groups, no difference is significant.
    """
    if len(errors) != len(best):
        return False  # of a version that did not measure them
    both = np.array([errors, best], np.float64)
    both = both[:, ~np.isnan(both).any(axis=0)]
    if both.size and both[0].mean() > FACTOR * both[1].mean():
        return True
    differences = both[0] - both[1]
    if len(differences) < 2 or not differences.mean() > 0:
        return False
    standard_error = differences.std(ddof=1) / math.sqrt(len(differences))
    with np.errstate(divide="ignore"):
        return bool(special.stdtr(len(differences) - 1, -differences.mean() / standard_error) < LEVEL)
