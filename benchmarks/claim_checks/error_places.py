"""Where wrong predictions lie: kinds of errors by a rule, which needs no map.

A joint within the tolerance (the distance of the accuracy) of its label is right. Of the others, the first that fits:
- swap: within the tolerance of the joint of the other side (left and right are confused);
- other joint: within the tolerance of any other labelled joint;
- near: within three times the tolerance of its own label: a near miss;
- background: none of these.
Swap, other joint and background are wrong modes: the net chose another place. A near miss is no wrong mode.

`evaluation.error_kinds`, which explains errors by the map, decides what is right and what is swapped.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_pose.evaluation import error_kinds
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

NO_LABEL = -1
RIGHT = 0
SWAP = 1
OTHER_JOINT = 2
NEAR = 3
BACKGROUND = 4
NAMES = {SWAP: "left-right swaps", OTHER_JOINT: "at another joint", BACKGROUND: "background", NEAR: "near misses"}
WRONG_MODES = (SWAP, OTHER_JOINT, BACKGROUND)
NEAR_TOLERANCES = 3.0


def classify(clip: ClipPredictions, skeleton: Skeleton, fraction: float) -> np.ndarray:
    """Finds the kind of error of each joint.

    Args:
      clip: predictions and labels.
      skeleton: the joints and their flip pairs.
      fraction: tolerance as a part of the longer side of what the net saw.

    Returns:
      int8 [N, J]: NO_LABEL, RIGHT or a key of NAMES.
    """
    tolerance_px = fraction * clip.seen_side_px
    known = error_kinds.classify(clip.predicted, clip.truth, clip.visibility, tolerance_px, skeleton)
    errors_px = clip.errors_px()
    # Distance of each prediction to each label: [N, J, J]; a joint is no other joint.
    apart = np.linalg.norm(clip.predicted[:, :, None].astype(np.float64) - clip.truth[:, None], axis=-1)
    apart[:, np.arange(skeleton.num_joints), np.arange(skeleton.num_joints)] = np.nan
    at_other = (np.nan_to_num(apart, nan=np.inf) <= tolerance_px).any(-1)
    # From the last to the first that fits.
    kinds = np.full(known.shape, BACKGROUND, np.int8)
    for kind, fits in (
        (NEAR, np.nan_to_num(errors_px, nan=np.inf) <= NEAR_TOLERANCES * tolerance_px),
        (OTHER_JOINT, at_other),
        (SWAP, known == error_kinds.SWAP),
        (RIGHT, known == error_kinds.RIGHT),
        (NO_LABEL, known == error_kinds.NO_LABEL),
    ):
        kinds[fits] = kind
    return kinds


def count_kinds(clips: Sequence[ClipPredictions], skeleton: Skeleton, fraction: float, kinds: Sequence[int]) -> list:
    """Returns a column for `contrasts`: 1 for each joint of one of these kinds, otherwise 0, NaN without a label."""
    column = []
    for clip in clips:
        found = classify(clip, skeleton, fraction)
        column.append(np.where(found == NO_LABEL, np.nan, np.isin(found, list(kinds)).astype(np.float64)))
    return column
