"""The table of measures. A measure is a mean over labelled joints: an error, or the share of joints that are close.

`MEASURES` decides the keys of metrics.json (overall, per joint, per group, with confidence intervals), the columns of
the page, and the metrics that `bootstrap.paired_difference` accepts. To add a measure, add one entry to it:

    "near_shoulders": Measure(
        lambda clip: clip.within(0.1 * clip.lengths_px("shoulders")),
        label="within 10 % of the shoulders' width",
        unit="%",
        applies_to=lambda skeleton: {"left_shoulder", "right_shoulder"} <= set(skeleton.joints),
    ),

A robust error would be `lambda clip: np.minimum(clip.errors_px, 20.0)`, with `unit="px", lower_is_better=True`.
Letters in shapes: N frames of a clip, J joints.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, Union

import numpy as np

from keras_pose.evaluation import reference_lengths
from keras_pose.evaluation.predictions import ClipPredictions
from keras_pose.skeleton import Skeleton

PckReference = Union[str, Sequence[str]]  # what `reference_lengths.resolve` takes
Column = Callable[["ScoredClip"], np.ndarray]


@dataclasses.dataclass(frozen=True)
class MeasureOptions:
    """What to measure: see `measures.build_measures`."""

    distances_px: Sequence[float] = ()
    pck_reference: PckReference | None = None
    pck_fractions: Sequence[float] = ()
    auc_max_px: float | None = None


@dataclasses.dataclass(frozen=True)
class ScoredClip:
    """What a measure sees of a clip.

    Args:
      predictions: `ClipPredictions`.
      skeleton: their `Skeleton`.
      options: `MeasureOptions`.
      errors_px: float64 [N, J], distance of prediction and truth, NaN for unlabelled joints.
      landmarks: names of the landmarks that any scored clip has; a reference length may need them.
    """

    predictions: ClipPredictions
    skeleton: Skeleton
    options: MeasureOptions
    errors_px: np.ndarray
    landmarks: Sequence[str] = ()

    def lengths_px(self, reference: PckReference) -> np.ndarray:
        """Returns float64 [N, 1]: a reference length in each frame, NaN if it is not known there."""
        return reference_lengths.measure_px(self.predictions, reference, self.skeleton, self.landmarks)[:, None]

    def within(self, limits_px: np.ndarray | float) -> np.ndarray:
        """Returns float64 [N, J]: 1 for an error of at most `limits_px`, 0 for a larger one, NaN if the limit is NaN.

        Args:
          limits_px: float, or float [N, 1] for a limit of each frame.
        """
        return np.where(np.isnan(limits_px), np.nan, self.errors_px <= limits_px)


@dataclasses.dataclass(frozen=True)
class Measure:
    """A mean over labelled joints.

    Args:
      values: function (`ScoredClip`) -> float or bool [N, J], the value of each joint; NaN if it does not count.
        Unlabelled joints never count. If there are levels, the function takes the level as its second argument.
      label: heading on the page; "{}" stands for the level.
      unit: "px", "%" (of a fraction) or "" (a plain number): how the page formats the figure.
      lower_is_better: whether a smaller figure is the better one.
      levels: the field of `MeasureOptions` that lists the levels, one figure each ("accuracy_px/6"); "": a single
        figure.
      needs: the field of `MeasureOptions` without which the measure is left out; "": none.
      applies_to: function (`Skeleton`) -> bool; False: the measure is left out for that skeleton.
      in_tables: whether the tables of the page have a column for it.
      by_visibility: whether "by_visibility" in metrics.json has it too.
    """

    values: Callable[..., np.ndarray]
    label: str
    unit: str
    lower_is_better: bool = False
    levels: str = ""
    needs: str = ""
    applies_to: Callable[[Skeleton], bool] = lambda skeleton: True
    in_tables: bool = True
    by_visibility: bool = False


MEASURES: dict[str, Measure] = {
    "mean_error_px": Measure(
        lambda clip: clip.errors_px, label="mean error", unit="px", lower_is_better=True, by_visibility=True
    ),
    "accuracy_px": Measure(
        lambda clip, distance_px: clip.within(distance_px),
        label="within {} px",
        unit="%",
        levels="distances_px",
        by_visibility=True,
    ),
    "pck": Measure(
        lambda clip, fraction: clip.within(fraction * clip.lengths_px(clip.options.pck_reference)),
        label="PCK at {}",
        unit="%",
        levels="pck_fractions",
        needs="pck_reference",
    ),
    "auc": Measure(
        # The mean over d in [0, max] of "error at most d" is 1 − error/max, not below 0: the area without sampling.
        lambda clip: np.clip(1.0 - clip.errors_px / clip.options.auc_max_px, 0.0, None),
        label="area under the accuracy curve",
        unit="",
        needs="auc_max_px",
        in_tables=False,
    ),
}


def list_columns(skeleton: Skeleton, options: MeasureOptions) -> list[tuple[str, Column]]:
    """Lists the figures that a skeleton and options ask for.

    Returns:
      Pairs of a key ("mean_error_px", "accuracy_px/6") and a function `ScoredClip` -> float64 [N, J], the value of
      each joint, NaN if it does not count.
    """
    columns: list[tuple[str, Column]] = []
    for name, measure in MEASURES.items():
        if (measure.needs and getattr(options, measure.needs) is None) or not measure.applies_to(skeleton):
            continue
        if not measure.levels:
            columns.append((name, functools.partial(_joint_values, measure, ())))
            continue
        for level in getattr(options, measure.levels):
            columns.append((f"{name}/{number_key(level)}", functools.partial(_joint_values, measure, (level,))))
    return columns


def _joint_values(measure, level, clip):
    values = np.asarray(measure.values(clip, *level), np.float64)
    return np.where(np.isnan(clip.errors_px), np.nan, values)


def find_measure(key: str) -> Measure:
    """Returns the measure of a key such as "mean_error_px" or "accuracy_px/6"."""
    return MEASURES[key.partition("/")[0]]


def label_of(key: str) -> str:
    """Returns a key in words: "accuracy_px/6" -> "within 6 px"."""
    return find_measure(key).label.format(key.partition("/")[2])


def options_for(key: str, pck_reference: PckReference | None, auc_max_px: float | None) -> dict[str, Any]:
    """Returns the options of `measures.build_measures` that give one figure.

    Args:
      key: such as "mean_error_px" or "accuracy_px/6".
      pck_reference: see `reference_lengths.resolve`; used if the measure needs it.
      auc_max_px: px; used if the measure needs it.

    Raises:
      ValueError: for an unknown key, or without what the measure needs.
    """
    name, _, level = key.partition("/")
    measure = MEASURES.get(name)
    if measure is None or (not _is_number(level) if measure.levels else level):
        expected = ", ".join(f"{name}/<number>" if of.levels else name for name, of in MEASURES.items())
        raise ValueError(f"unknown metric {key!r}, expected one of {expected}")
    options: dict[str, Any] = {measure.levels: (float(level),)} if measure.levels else {}
    if measure.needs:
        given = {"pck_reference": pck_reference, "auc_max_px": auc_max_px}[measure.needs]
        if given is None:
            raise ValueError(f"metric {key!r} needs {measure.needs}, received None")
        options[measure.needs] = given
    return options


def number_key(value: float) -> str:
    """Returns a number as metrics.json writes it in a key: 6 -> "6", 0.05 -> "0.05"."""
    return f"{float(value):g}"


def _is_number(text):
    try:
        return np.isfinite(float(text))
    except ValueError:
        return False
