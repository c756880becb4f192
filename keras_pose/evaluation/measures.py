"""Sums and counts from which every mean of an evaluation is formed, and which the bootstrap resamples.

A measure is a mean over labelled joints: the error, the share within d px, PCK, the area under the accuracy curve.
Kept as sum and count per unit (clip or frame) and joint, any of them can be formed again for a resample by one matrix
product. Letters in shapes: U units, K measures, J joints, R resamples.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from keras_pose.evaluation import reference_lengths
from keras_pose.evaluation.predictions import check


@dataclasses.dataclass(frozen=True)
class Measures:
    """Sums and counts of labelled joints.

    Args:
      keys: K names: "mean_error_px", "accuracy_px/6", "pck/0.2", "auc".
      sums: float64 [U, K, J], sum of the measure over the unit's labelled joints.
      counts: float64 [U, K, J], number of joints in that sum.
      unit: "clips" or "frames", what a unit is.
    """

    keys: tuple[str, ...]
    sums: np.ndarray
    counts: np.ndarray
    unit: str

    @property
    def num_units(self) -> int:
        return len(self.sums)

    def weighted(self, weights):
        """Adds up the units with weights float64 [R, U]; returns sums and counts, float64 [R, K, J]."""
        return np.tensordot(weights, self.sums, 1), np.tensordot(weights, self.counts, 1)


def build_measures(
    predictions, skeleton, distances_px=(), pck_reference=None, pck_fractions=(), auc_max_px=None
) -> Measures:
    """Gathers sums and counts, per clip where at least two have labels, else per frame.

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
    check(predictions, skeleton)
    pairs = reference_lengths.resolve(pck_reference, skeleton) if pck_reference is not None else None
    keys = ["mean_error_px", *(f"accuracy_px/{number_key(d)}" for d in distances_px)]
    keys += [f"pck/{number_key(f)}" for f in pck_fractions] if pairs is not None else []
    keys += ["auc"] if auc_max_px is not None else []
    tables = []
    for clip in predictions:
        errors = clip.errors_px()
        lengths = reference_lengths.lengths_px(clip, pairs) if pairs is not None else None
        values = _values(errors, lengths, distances_px, pck_fractions, auc_max_px)
        tables.append(values[np.isfinite(errors).any(1)])
    labelled = [table for table in tables if len(table)]
    if len(labelled) > 1:
        sums = np.stack([np.nansum(table, 0) for table in labelled])
        counts = np.stack([np.isfinite(table).sum(0) for table in labelled])
    else:
        frames = np.concatenate(tables)
        sums, counts = np.nan_to_num(frames), np.isfinite(frames)
    unit = "clips" if len(labelled) > 1 else "frames"
    return Measures(tuple(keys), sums.astype(np.float64), counts.astype(np.float64), unit)


def _values(errors, lengths, distances_px, pck_fractions, auc_max_px):
    """Returns float64 [N, K, J]: each measure of each joint, NaN where it does not count."""
    missing = np.isnan(errors)
    columns = [errors] + [np.where(missing, np.nan, errors <= d) for d in distances_px]
    if lengths is not None:
        unknown = missing | np.isnan(lengths)[:, None]
        columns += [np.where(unknown, np.nan, errors <= f * lengths[:, None]) for f in pck_fractions]
    if auc_max_px is not None:
        # The mean over d in [0, max] of "error at most d" is 1 − error/max, not below 0: the area without sampling.
        columns.append(np.clip(1.0 - errors / auc_max_px, 0.0, None))
    return np.stack(columns, axis=1)


def pooled_means(sums, counts) -> np.ndarray:
    """Returns float64 [R, K]: means over all labelled joints alike, NaN where there are none."""
    return _divide(sums.sum(-1), counts.sum(-1))


def group_means(sums, counts, joints) -> np.ndarray:
    """Returns float64 [R, K]: the average over `joints` (positions) of each joint's mean, as papers report pairs.

    A joint without labels is left out of the average; NaN where none has any.
    """
    each = _divide(sums[..., list(joints)], counts[..., list(joints)])
    known = np.isfinite(each)
    return _divide(np.where(known, each, 0.0).sum(-1), known.sum(-1))


def _divide(a, b):
    return np.divide(a, b, out=np.full(np.shape(a), np.nan), where=b > 0)


def nest(keys, values) -> dict:
    """Turns ("accuracy_px/6", 0.8), … into {"accuracy_px": {"6": 0.8}, …}."""
    nested = {}
    for key, value in zip(keys, values):
        head, _, tail = key.partition("/")
        if tail:
            nested.setdefault(head, {})[tail] = value
        else:
            nested[head] = value
    return nested


def number_key(value) -> str:
    """Returns a number as metrics.json writes it in a key: 6 -> "6", 0.05 -> "0.05"."""
    return f"{float(value):g}"


def joint_groups(skeleton) -> dict[str, tuple[int, ...]]:
    """Groups joints as figures report them: left and right together ("wrist"), midline joints alone.

    Returns:
      Name of each group to positions of its joints, in the order of the skeleton.
    """
    partner = {a: (a, b) for a, b in skeleton.flip_pairs}
    partner.update({b: (a, b) for a, b in skeleton.flip_pairs})
    groups = {}
    for joint in skeleton.joints:
        pair = partner.get(joint)
        name = _common_name(*pair) if pair else joint
        if pair and (name in skeleton.joints or not name):
            name = "/".join(pair)
        members = tuple(sorted(skeleton.index(j) for j in pair)) if pair else (skeleton.index(joint),)
        if groups.get(name, members) != members:
            name = "/".join(pair)
        groups[name] = members
    return groups


def _common_name(left, right):
    """ "left_wrist", "right_wrist" -> "wrist"; "l_wrist", "r_wrist" -> "wrist"; "" where nothing is common."""
    stripped = [
        re.sub(rf"(?i){side}", "", name) if side in name.lower() else re.sub(rf"(?i)(^{side[0]}[_\-. ])", "", name)
        for name, side in ((left, "left"), (right, "right"))
    ]
    stripped = [re.sub(r"([_\-. ])[_\-. ]+", r"\1", name).strip("_-. ") for name in stripped]
    return stripped[0] if stripped[0] == stripped[1] else ""
