"""Fits a calibration to labelled frames that the net was not trained on.

Validation sets are small: a joint often has a dozen labels. So the parameters of each joint are drawn towards those of
a fit that all joints share (a hierarchical prior): slope and intercept deviate from the shared ones with a standard
deviation that cross-validation over whole clips chooses, from none (one fit for all) to loose. Left and right share
theirs, unless cross-validation shows that they differ: nets learn from mirrored frames too. The shared slope is drawn
towards 0, so a score counts only as far as the labels show that it should. Mean errors near and far from the truth are
drawn towards the shared ones as if `_PSEUDO_LABELS` further labels had these.

Logits are standardised for the fit, so that a prior means the same for every net. The objective is convex, its minimum
unique, and the same labels give the same calibration. Letters in shapes: N frames, J joints, S samples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import optimize

from keras_pose.confidence.calibration import Calibration, check_distance, logit, sigmoid

MIN_LABELLED = 40  # labelled joints without which nothing is fitted
MIN_CLIPS_OF_JOINTS = 4  # clips without which the joints share one fit
SPREADS = (0.0, 0.1, 0.25, 0.5, 1.0)  # allowed standard deviations, in units of standardised logits
_SLOPE_PRIOR = 2.0  # standard deviation of the shared slope
_INTERCEPT_PRIOR = 5.0
_PSEUDO_LABELS = 20
_FOLDS = 5


class CannotCalibrateError(ValueError):
    """The labels do not allow a calibration; the message is the reason."""


def fit(
    joints: Sequence[str],
    scores: np.ndarray,
    errors: np.ndarray,
    clips: np.ndarray,
    distance: float,
    pairs: Sequence[tuple[str, str]] = (),
    weights_sha256: str = "",
) -> Calibration:
    """Fits a calibration.

    Args:
      joints: J names.
      scores: float [N, J], heights of the heatmaps; NaN: no score.
      errors: float [N, J], distances to the true joints as fractions of the longer side of the region; NaN: unlabelled.
      clips: int [N], the clip (or session) of each frame; frames of a clip resemble each other.
      distance: the distance that probabilities are about, as such a fraction.
      pairs: names of joints that mirror each other, left and right.
      weights_sha256: see `Calibration`.

    Raises:
      CannotCalibrateError: for a net without scores, or fewer than `MIN_LABELLED` labelled joints.
      ValueError: for a distance out of range.
    """
    check_distance(distance, "distance")
    scores = np.asarray(scores, np.float64)
    errors = np.asarray(errors, np.float64)
    if np.isnan(scores).all() and scores.size:
        raise CannotCalibrateError("the net gives no scores (a coordinate net predicts positions only)")
    rows, columns = np.nonzero(np.isfinite(scores) & np.isfinite(errors))
    if len(rows) < MIN_LABELLED:
        raise CannotCalibrateError(f"{len(rows)} labelled joints to fit to; at least {MIN_LABELLED} are needed")
    x = logit(scores[rows, columns])
    y = (errors[rows, columns] <= distance).astype(np.float64)
    of_clip = np.asarray(clips)[rows]

    # Standardise the logits, choose how far joints may deviate, fit.
    mean = x.mean()
    scale = max(x.std(), 1e-6)
    x = (x - mean) / scale
    groups, spread = choose_prior(x, y, columns, of_clip, list_groupings(joints, pairs))
    of_group = groups[columns]
    num_groups = groups.max() + 1
    slopes, intercepts = (values[groups] for values in fit_logistic(x, y, of_group, num_groups, spread))

    near, far = _mean_errors(errors[rows, columns], y > 0, of_group, num_groups, distance)
    return Calibration(
        joints=tuple(joints),
        distance=float(distance),
        slopes=tuple(slopes / scale),
        intercepts=tuple(intercepts - slopes * mean / scale),
        near_errors=tuple(near[groups]),
        far_errors=tuple(far[groups]),
        lowest=1 / (len(rows) + 2),
        spread=spread,
        num_frames=len(np.unique(rows)),
        num_clips=len(np.unique(of_clip)),
        num_labelled=len(rows),
        weights_sha256=weights_sha256,
    )


def list_groupings(joints: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[np.ndarray]:
    """Returns the groupings of joints to choose from, int [J] each: left and right together, then each joint alone."""
    alone = np.arange(len(joints))
    together = alone.copy()
    for left, right in pairs:
        together[joints.index(right)] = together[joints.index(left)]
    together = np.unique(together, return_inverse=True)[1]
    return [together, alone] if pairs else [alone]


def choose_prior(
    x: np.ndarray, y: np.ndarray, columns: np.ndarray, clips: np.ndarray, groupings: Sequence[np.ndarray]
) -> tuple[np.ndarray, float]:
    """Chooses which joints share their parameters, and how far these may deviate, by cross-validation over whole clips.

    Args:
      x: float64 [S], standardised logits.
      y: float64 [S], 1 if the joint lies within the distance, else 0.
      columns: int [S], the joint.
      clips: int [S], the clip.
      groupings: int [J] each, the group of each joint, the simplest first.

    Returns:
      One of `groupings`, and the one of `SPREADS` with the lowest log loss on clips that were left out. A grouping is
      chosen before a simpler one only if its loss is lower by more than a standard error. If there are too few clips,
      the first grouping and 0.
    """
    names, of_clip = np.unique(clips, return_inverse=True)
    if len(names) < MIN_CLIPS_OF_JOINTS:
        return groupings[0], 0.0
    chosen = groupings[0], 0.0
    lowest: np.ndarray | None = None  # losses of what was chosen
    for groups in groupings:
        losses = [_left_out_losses(x, y, groups[columns], of_clip, spread) for spread in SPREADS]
        k = int(np.argmin([of_clips.sum() for of_clips in losses]))
        if lowest is not None:
            gains = lowest - losses[k]
            if gains.sum() <= gains.std() * len(gains) ** 0.5:
                continue
        chosen = groups, SPREADS[k]
        lowest = losses[k]
    return chosen


def _left_out_losses(x, y, groups, of_clip, spread):
    """Returns float64 [clips]: the log loss of each clip by a fit to the clips of other folds."""
    num_clips = of_clip.max() + 1
    fold = of_clip % min(_FOLDS, num_clips)
    losses = np.zeros(num_clips)
    for k in range(fold.max() + 1):
        kept = fold != k
        slopes, intercepts = fit_logistic(x[kept], y[kept], groups[kept], groups.max() + 1, spread)
        left_out = groups[~kept]
        each = _log_losses(slopes[left_out] * x[~kept] + intercepts[left_out], y[~kept])
        losses += np.bincount(of_clip[~kept], each, num_clips)
    return losses


def fit_logistic(
    x: np.ndarray, y: np.ndarray, columns: np.ndarray, num_joints: int, spread: float
) -> tuple[np.ndarray, np.ndarray]:
    """Fits slopes and intercepts to samples.

    Args:
      x: float64 [S], standardised logits.
      y: float64 [S], 1 or 0.
      columns: int [S], the joint.
      num_joints: J.
      spread: standard deviation of the joints' parameters around the shared ones; 0: none.

    Returns:
      slopes float64 [J], 0 or more, and intercepts float64 [J].
    """
    # Parameters: the shared slope and intercept, then the slopes and intercepts of the joints.
    own = num_joints if spread else 0

    def objective(parameters):
        slope, intercept = parameters[:2]
        slopes = parameters[2 : 2 + own] if own else np.full(num_joints, slope)
        intercepts = parameters[2 + own :] if own else np.full(num_joints, intercept)
        logits = slopes[columns] * x + intercepts[columns]
        value = _log_losses(logits, y).sum()
        value += 0.5 * (slope / _SLOPE_PRIOR) ** 2 + 0.5 * (intercept / _INTERCEPT_PRIOR) ** 2
        residual = sigmoid(logits) - y
        to_slopes = np.bincount(columns, residual * x, num_joints)
        to_intercepts = np.bincount(columns, residual, num_joints)
        gradient = np.array([slope / _SLOPE_PRIOR**2, intercept / _INTERCEPT_PRIOR**2])
        if not own:
            return value, gradient + [to_slopes.sum(), to_intercepts.sum()]
        apart = np.stack([slopes - slope, intercepts - intercept]) / spread**2
        value += 0.5 * spread**2 * (apart**2).sum()
        return value, np.concatenate([gradient - apart.sum(1), to_slopes + apart[0], to_intercepts + apart[1]])

    start = np.concatenate([[1.0, 0.0], np.ones(own), np.zeros(own)])
    bounds = [(0, None), (None, None)] + [(0, None)] * own + [(None, None)] * own
    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 1000})
    if own:
        return found.x[2 : 2 + own], found.x[2 + own :]
    return np.full(num_joints, found.x[0]), np.full(num_joints, found.x[1])


def _log_losses(logits, y):
    return np.logaddexp(0, logits) - y * logits


def _mean_errors(errors, is_near, columns, num_joints, distance):
    """Returns the mean errors [J] of joints within the distance and beyond it, drawn towards those of all joints.

    If no joint lies within the distance, half the distance stands in for its mean; if none lies beyond, twice.
    """
    means = []
    for chosen, stand_in in ((is_near, distance / 2), (~is_near, 2 * distance)):
        shared = (errors[chosen].sum() + stand_in) / (chosen.sum() + 1)
        counts = np.bincount(columns[chosen], minlength=num_joints)
        sums = np.bincount(columns[chosen], errors[chosen], num_joints)
        means.append((sums + _PSEUDO_LABELS * shared) / (counts + _PSEUDO_LABELS))
    return means
