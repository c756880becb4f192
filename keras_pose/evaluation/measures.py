"""Sums and counts from which every mean of an evaluation is formed, and which the bootstrap resamples.

The table in `measure_table` says which means there are. If each is kept as sum and count per row (session, clip or
frame) and joint, one matrix product forms it for every resample. Letters in shapes: U rows, K measures (levels
counted), J joints, R resamples.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from keras_pose.evaluation import reference_lengths, resampling
from keras_pose.evaluation.measure_table import MeasureOptions, PckReference, ScoredClip, list_columns
from keras_pose.evaluation.predictions import ClipPredictions, check_predictions, landmark_names
from keras_pose.skeleton import Skeleton


@dataclasses.dataclass(frozen=True)
class Measures:
    """Sums and counts of labelled joints.

    Args:
      keys: K names: "mean_error_px", "accuracy_px/6", "pck/0.2", "auc".
      sums: float64 [U, K, J], sum of the measure over the row's labelled joints.
      counts: float64 [U, K, J], number of joints in that sum.
      unit: "groups", "sessions", "clips" or "blocks", what a bootstrap draws (see `resampling`); with blocks, a row is
        a frame.
      block_frames: number of consecutive frames in a block.
      lengths: with blocks, the number of frames of each sequence, U in all.
    """

    keys: tuple[str, ...]
    sums: np.ndarray
    counts: np.ndarray
    unit: str
    block_frames: int = 1
    lengths: tuple[int, ...] = ()

    @property
    def num_rows(self) -> int:
        """U, the number of rows."""
        return len(self.sums)

    @property
    def num_units(self) -> int:
        """The number of units in a resample."""
        return resampling.num_blocks(self.num_rows, self.block_frames)

    def weighted(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Adds up the rows with weights float64 [R, U]; returns sums and counts, float64 [R, K, J]."""
        return np.tensordot(weights, self.sums, 1), np.tensordot(weights, self.counts, 1)

    def columns_of(self, name: str) -> list[int]:
        """Returns the positions among K of a measure's keys: of "accuracy_px" those of all its distances."""
        return [k for k, key in enumerate(self.keys) if key.partition("/")[0] == name]


def build_measures(
    predictions: Sequence[ClipPredictions],
    skeleton: Skeleton,
    distances_px: Sequence[float] = (),
    pck_reference: PckReference | None = None,
    pck_fractions: Sequence[float] = (),
    auc_max_px: float | None = None,
) -> Measures:
    """Gathers sums and counts: per group, session or clip if enough have labels, otherwise per frame, for blocks.

    Args:
      predictions: list of `ClipPredictions`.
      skeleton: their `Skeleton`.
      distances_px: distances d of the accuracies "within d px" (error at most d).
      pck_reference: see `reference_lengths.resolve`; None: no PCK.
      pck_fractions: fractions of the reference.
      auc_max_px: upper end of the accuracy curve's area in px; None: no area.

    Returns:
      `Measures` of the units that have a labelled joint.

    Raises:
      ValueError: for predictions that do not fit the skeleton, or an unusable reference.
    """
    options = MeasureOptions(distances_px, pck_reference, pck_fractions, auc_max_px)
    keys, tables = joint_values(predictions, skeleton, options)
    return gather(predictions, keys, tables)


def gather(predictions: Sequence[ClipPredictions], keys: Sequence[str], tables: Sequence[np.ndarray]) -> Measures:
    """Adds up the values of joints per group, session or clip if enough have labels, otherwise per frame, for blocks.

    Args:
      predictions: list of `ClipPredictions`, at least one.
      keys: K names. The first measure decides the length of blocks.
      tables: for each clip float64 [N, K, J], NaN if a joint does not count.

    Returns:
      `Measures` of the units that have a labelled joint.
    """
    # Gather the frames that have a labelled joint, by group or session.
    labelled = [pair for pair in zip(predictions, tables) if np.isfinite(pair[0].errors_px()).any()]
    unit = resampling.choose_unit([c.session_name for c, _ in labelled], [c.group_name for c, _ in labelled])
    by_name: dict[str, list[tuple[ClipPredictions, np.ndarray]]] = {}
    for clip, table in labelled:
        name = clip.group_name if unit == resampling.GROUPS else clip.session_name
        by_name.setdefault(name, []).append((clip, table))
    sequences = [_labelled_frames(members) for members in by_name.values()]
    if unit != resampling.BLOCKS:
        sums = np.stack([np.nansum(table, 0) for table in sequences])
        counts = np.stack([np.isfinite(table).sum(0) for table in sequences])
        return Measures(tuple(keys), sums, counts.astype(np.float64), unit)
    frames = np.concatenate([*sequences, np.zeros((0, len(keys), predictions[0].num_joints))])
    # The course of the first measure over the frames decides the length of blocks.
    length = resampling.block_length([np.nanmean(table[:, 0], axis=1) for table in sequences])
    counts = np.isfinite(frames).astype(np.float64)
    return Measures(tuple(keys), np.nan_to_num(frames), counts, unit, length, tuple(map(len, sequences)))


def _labelled_frames(group):
    """Returns float64 [N, K, J], the labelled frames of the clips of a session, in the order of their positions."""
    tables = [table[np.isfinite(clip.errors_px()).any(1)] for clip, table in group]
    positions = [clip.frames[np.isfinite(clip.errors_px()).any(1)] for clip, _ in group]
    return np.concatenate(tables)[np.argsort(np.concatenate(positions), kind="stable")]


def joint_values(
    predictions: Sequence[ClipPredictions], skeleton: Skeleton, options: MeasureOptions
) -> tuple[tuple[str, ...], list[np.ndarray]]:
    """Measures every joint of every frame.

    Args:
      predictions: list of `ClipPredictions`.
      skeleton: their `Skeleton`.
      options: `MeasureOptions`.

    Returns:
      K keys, and for each clip float64 [N, K, J], NaN if a joint does not count.

    Raises:
      ValueError: for predictions that do not fit the skeleton, or an unusable reference.
    """
    check_predictions(predictions, skeleton)
    landmarks = landmark_names(predictions)
    if options.pck_reference is not None:
        reference_lengths.resolve(options.pck_reference, skeleton, landmarks)  # fails if its joints are missing
    columns = list_columns(skeleton, options)
    tables = []
    for clip in predictions:
        scored = ScoredClip(clip, skeleton, options, clip.errors_px(), landmarks)
        tables.append(np.stack([column(scored) for _, column in columns], axis=1))
    return tuple(key for key, _ in columns), tables


def pooled_means(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns float64 [R, K]: means over all labelled joints alike, NaN if there are none."""
    return _divide(sums.sum(-1), counts.sum(-1))


def group_means(sums: np.ndarray, counts: np.ndarray, joints: Iterable[int]) -> np.ndarray:
    """Returns float64 [R, K]: the average over `joints` (positions) of each joint's mean, as papers report pairs.

    The average leaves out joints without labels; it is NaN if no joint has any.
    """
    members = list(joints)
    each = _divide(sums[..., members], counts[..., members])
    known = np.isfinite(each)
    return _divide(np.where(known, each, 0.0).sum(-1), known.sum(-1))


def _divide(a, b):
    return np.divide(a, b, out=np.full(np.shape(a), np.nan), where=b > 0)


def nest(keys: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    """Turns ("accuracy_px/6", 0.8), … into {"accuracy_px": {"6": 0.8}, …}."""
    nested: dict[str, Any] = {}
    for key, value in zip(keys, values):
        head, _, tail = key.partition("/")
        if tail:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[head] = value
    return nested


def joint_groups(skeleton: Skeleton) -> dict[str, tuple[int, ...]]:
    """Groups joints as papers report them: left and right together ("wrist"), midline joints alone.

    Returns:
      Name of each group to positions of its joints, in the order of the skeleton.
    """
    partner = {a: (a, b) for a, b in skeleton.flip_pairs}
    partner.update({b: (a, b) for a, b in skeleton.flip_pairs})
    groups: dict[str, tuple[int, ...]] = {}
    for joint in skeleton.joints:
        pair = partner.get(joint)
        if pair is None:
            groups[joint] = (skeleton.index(joint),)
            continue
        name = _common_name(*pair)
        members = tuple(sorted(skeleton.index(j) for j in pair))
        # A common name that is also a joint's, or another pair's, would be ambiguous.
        if not name or name in skeleton.joints or groups.get(name, members) != members:
            name = "/".join(pair)
        groups[name] = members
    return groups


def _common_name(left, right):
    """ "left_wrist", "right_wrist" -> "wrist"; "l_wrist", "r_wrist" -> "wrist"; "" if they have nothing in common."""
    stripped = [
        re.sub(rf"(?i){side}", "", name) if side in name.lower() else re.sub(rf"(?i)(^{side[0]}[_\-. ])", "", name)
        for name, side in ((left, "left"), (right, "right"))
    ]
    stripped = [re.sub(r"([_\-. ])[_\-. ]+", r"\1", name).strip("_-. ") for name in stripped]
    return stripped[0] if stripped[0] == stripped[1] else ""
