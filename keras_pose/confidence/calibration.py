"""What a score is worth: the probability that a joint lies within a stated distance, and the error to expect.

The score is the height of the heatmap at the joint. It rises with the accuracy of a joint, but it is no probability. Of
a score s, joint j lies within the distance with the probability

    p = sigmoid(slope_j · logit(s) + intercept_j),   slope_j ≥ 0

(Platt 1999, "Probabilistic outputs for support vector machines"; on the logit, the slope is one over the temperature
of Guo et al. 2017, "On calibration of modern neural networks"). The error to expect is the mean of two kinds of joints,
those within the distance and those beyond it:

    e = p · near_j + (1 − p) · far_j

`fitting.fit` finds the parameters. Letters in shapes: J joints, ... any leading axes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

DISTANCE = 0.025  # of the longer side of the region: 16 px of 640
LOWEST_SCORE = 1e-3  # lower scores count as this one, and scores near 1 likewise

_PER_JOINT = ("slopes", "intercepts", "near_errors", "far_errors")
_MEANING = (
    "confidences: probability that the joint lies within distance_px of the true one, fitted on the validation frames "
    "of the run; expected_errors_px: expected distance to the true joint"
)


@dataclasses.dataclass(frozen=True)
class Calibration:
    """What the scores of a net mean. All lengths are fractions of the longer side of the region that the net sees.

    Args:
      joints: J names.
      distance: the distance that probabilities are about.
      slopes: J numbers of 0 or more: how much the logit of the score counts.
      intercepts: J numbers.
      near_errors: J mean errors of joints within the distance.
      far_errors: J mean errors of joints beyond the distance.
      lowest: the lowest probability, and 1 minus the highest: 1 / (labelled joints + 2).
      spread: standard deviation of the joints' own parameters around the shared ones that the fit allowed; 0: all
        joints share one fit.
      num_frames: labelled frames of the fit.
      num_clips: clips (or sessions) of the fit.
      num_labelled: labelled joints of the fit.
      weights_sha256: SHA-256 of the weights file whose scores these are, hexadecimal; empty: unknown.

    Raises:
      ValueError: for a distance or a bound out of range, or parameters that do not fit the joints.

    Example:

    >>> calibration = Calibration(("hand",), 0.025, (1.0,), (0.0,), (0.01,), (0.2,), lowest=0.001)
    >>> calibration.probabilities([0.5])  # [0.5]
    >>> calibration.expected_errors([0.5])  # [0.105]
    """

    joints: tuple[str, ...]
    distance: float
    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    near_errors: tuple[float, ...]
    far_errors: tuple[float, ...]
    lowest: float = 0.0
    spread: float = 0.0
    num_frames: int = 0
    num_clips: int = 0
    num_labelled: int = 0
    weights_sha256: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "joints", tuple(self.joints))
        check_distance(self.distance, "distance")
        if not 0 <= self.lowest < 0.5:
            raise ValueError(f"lowest: expected a probability from 0 to below 0.5, received {self.lowest}")
        for name in _PER_JOINT:
            values = tuple(float(value) for value in getattr(self, name))
            if len(values) != len(self.joints) or not np.isfinite(values).all():
                raise ValueError(f"{name}: expected {len(self.joints)} finite numbers, received {list(values)}")
            object.__setattr__(self, name, values)
        if min(self.slopes, default=0) < 0:
            raise ValueError(f"slopes: expected numbers of 0 or more, received {list(self.slopes)}")

    def probabilities(self, scores: np.ndarray | Sequence) -> np.ndarray:
        """Returns the probability that each joint lies within the distance.

        Args:
          scores: float [..., J]; NaN: no score.

        Returns:
          float32 [..., J], rising with the score, from `lowest` to 1 − `lowest`; NaN if there is no score.

        Raises:
          ValueError: for another number of joints.
        """
        return self._probabilities(scores).astype(np.float32)

    def expected_errors(self, scores: np.ndarray | Sequence) -> np.ndarray:
        """Returns the error to expect of each joint, as a fraction of the longer side of the region.

        Args:
          scores: float [..., J]; NaN: no score.

        Returns:
          float32 [..., J], falling as the score rises; NaN if there is no score.

        Raises:
          ValueError: for another number of joints.
        """
        near = self._probabilities(scores)
        return (near * np.array(self.near_errors) + (1 - near) * np.array(self.far_errors)).astype(np.float32)

    def _probabilities(self, scores):
        scores = np.asarray(scores, np.float64)
        if scores.ndim < 1 or scores.shape[-1] != len(self.joints):
            raise ValueError(f"scores: expected [..., {len(self.joints)}], received {list(scores.shape)}")
        logits = np.array(self.slopes) * logit(scores) + np.array(self.intercepts)
        return np.clip(sigmoid(logits), self.lowest, 1 - self.lowest)

    def describe(self, side_px: float) -> dict[str, Any]:
        """Returns what the numbers mean for a region of this size, as JSON.

        Args:
          side_px: longer side of the region that the net looks at, in px of the frame.
        """
        return {"distance_px": round(float(self.distance * side_px), 6), "meaning": _MEANING, **self.describe_fit()}

    def describe_fit(self) -> dict[str, Any]:
        """Returns the distance, as a fraction of the longer side, and what the fit saw, as JSON."""
        return {
            "distance": self.distance,
            "num_frames": self.num_frames,
            "num_clips": self.num_clips,
            "num_labelled_joints": self.num_labelled,
        }

    def to_dict(self) -> dict[str, Any]:
        """Returns all fields as JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(self).items()
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Calibration:
        """Makes a calibration of what `to_dict` returned; fields of later versions are ignored.

        Raises:
          ValueError: for missing fields or values out of range.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        try:
            return cls(**{name: value for name, value in fields.items() if name in known})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"expected the fields of a calibration, received others: {error}") from error


def check_distance(distance: float, name: str) -> None:
    """Checks a distance.

    Raises:
      ValueError: unless it is above 0 and at most 1; the message names it as `name`.
    """
    if not 0 < distance <= 1:
        raise ValueError(f"{name}: expected a fraction of the longer side, above 0 and at most 1, received {distance}")


def logit(scores: np.ndarray) -> np.ndarray:
    """Returns log(s / (1 − s)) of scores, which are kept away from 0 and 1 by `LOWEST_SCORE`; NaN stays NaN."""
    inside = np.clip(np.asarray(scores, np.float64), LOWEST_SCORE, 1 - LOWEST_SCORE)
    return np.log(inside) - np.log1p(-inside)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Returns 1 / (1 + exp(−x)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(logits, np.float64)))
