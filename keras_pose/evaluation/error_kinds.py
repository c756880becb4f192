"""Why a joint was predicted at a wrong place: which kind of error it is.

Kinds, the first that fits:
- flow: the net's own map of the frame is right, and what pooling made of the window is wrong; or the flow does not
  carry the joint to where it is labelled in a neighbouring frame (then the neighbour's map is warped to a wrong place);
- swap: the prediction lies at the joint of the other side: left and right are confused;
- mode: another maximum of the map lies at the true place, so the net saw it and preferred another one;
- hidden: the label says that the joint is hidden;
- other: none of these.

Letters in shapes: N frames, J joints, M modes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from keras_pose.data.clip import HIDDEN, UNLABELLED
from keras_pose.skeleton import Skeleton

NO_LABEL = -1
RIGHT = 0
FLOW = 1
SWAP = 2
MODE = 3
HIDDEN_JOINT = 4
OTHER = 5
# Wrong ones with their names, in the order of a table.
WRONG = {
    FLOW: "flow wrong",
    SWAP: "left and right swapped",
    MODE: "wrong mode",
    HIDDEN_JOINT: "hidden joint",
    OTHER: "other",
}
MEANINGS = {
    FLOW: "the single frame is right and the pooled map wrong, or the flow carries the joint away from its label",
    SWAP: "the prediction lies at the joint of the other side",
    MODE: "another maximum of the map lies at the true place",
    HIDDEN_JOINT: "the label says that the joint is hidden",
    OTHER: "none of these",
}


def classify(
    predicted: np.ndarray,
    truth: np.ndarray,
    visibility: np.ndarray,
    tolerance_px: float | np.ndarray,
    skeleton: Skeleton,
    modes: np.ndarray | None = None,
    mode_heights: np.ndarray | None = None,
    single: np.ndarray | None = None,
    carried_px: np.ndarray | None = None,
) -> np.ndarray:
    """Finds the kind of error of each joint. All positions are (x, y) in px of the frame.

    Args:
      predicted: float [N, J, 2].
      truth: float [N, J, 2]; NaN for unlabelled joints.
      visibility: uint8 [N, J], as in `data.clip`.
      tolerance_px: positions at most this far apart count as the same place: a number, or float [N].
      skeleton: its flip pairs say which joint is that of the other side.
      modes: float [N, J, M, 2], the maxima of each joint's map; None: unknown, then no error is a wrong mode.
      mode_heights: float [N, J, M], 0 if there is no such maximum.
      single: float [N, J, 2], predictions from the frame alone; None for nets without neighbours.
      carried_px: float [N, J], how far from its labels in neighbouring frames the flow carries the joint; NaN if no
        neighbour is labelled; None for nets without flow.

    Returns:
      int8 [N, J]: NO_LABEL, RIGHT or a key of WRONG.

    Raises:
      ValueError: if the arrays do not fit each other or the skeleton.
    """
    predicted, truth, visibility = _check(predicted, truth, visibility, skeleton)
    tolerance = np.broadcast_to(np.asarray(tolerance_px, np.float64).reshape(-1, 1), predicted.shape[:2])
    nowhere = np.zeros(predicted.shape[:2], bool)
    by_flow = nowhere if single is None else _distance(single, truth) <= tolerance
    if carried_px is not None:
        by_flow = by_flow | (np.asarray(carried_px) > tolerance)
    partner = skeleton.flip_permutation()
    other_side = truth[:, partner]
    swapped = (_distance(predicted, other_side) <= tolerance) & (partner != np.arange(len(partner)))
    other_mode = nowhere
    if modes is not None and mode_heights is not None:
        near = _distance(np.asarray(modes), truth[:, :, None]) <= tolerance[..., None]
        other_mode = (near & (np.asarray(mode_heights) > 0)).any(-1)
    # From the last to the first that fits.
    kinds = np.full(predicted.shape[:2], OTHER, np.int8)
    for kind, fits in (
        (HIDDEN_JOINT, visibility == HIDDEN),
        (MODE, other_mode),
        (SWAP, swapped),
        (FLOW, by_flow),
        (RIGHT, _distance(predicted, truth) <= tolerance),
        (NO_LABEL, visibility == UNLABELLED),
    ):
        kinds[fits] = kind
    return kinds


def count_kinds(kinds: np.ndarray, groups: Mapping[str, Sequence[int]]) -> dict[str, dict[int, int]]:
    """Counts kinds of errors by group of joints.

    Args:
      kinds: int8 [N, J], what `classify` returned.
      groups: {name: positions of joints}, such as `measures.joint_groups(skeleton)`.

    Returns:
      {name: {RIGHT and each key of WRONG: number of joints}}.
    """
    return {
        name: {kind: int((kinds[:, list(members)] == kind).sum()) for kind in (RIGHT, *WRONG)}
        for name, members in groups.items()
    }


def _distance(a, b):
    """Distances in px; infinite if a position is unknown."""
    distance = np.linalg.norm(np.asarray(a, np.float64) - b, axis=-1)
    return np.where(np.isfinite(distance), distance, np.inf)


def _check(predicted, truth, visibility, skeleton):
    predicted = np.asarray(predicted, np.float64)
    truth = np.asarray(truth, np.float64)
    visibility = np.asarray(visibility)
    expected = (len(predicted), skeleton.num_joints)
    if predicted.shape != (*expected, 2) or truth.shape != (*expected, 2) or visibility.shape != expected:
        raise ValueError(
            f"expected predictions and truth [N, {expected[1]}, 2] and visibility [N, {expected[1]}], received "
            f"{list(predicted.shape)}, {list(truth.shape)} and {list(visibility.shape)}"
        )
    return predicted, truth, visibility
