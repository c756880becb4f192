"""The claim about the weights of parametric pooling: highest in the centre, and different for wrist and elbow.

Parametric pooling is a weighted sum of warped maps, and its loss is the squared error of the pixels, so the best
weights solve a linear system. Solving it again for resampled clips gives intervals, without any training. Weights are
those of L2 without a step size or an end of training.

Letters: G clips or films, J joints, T frames of a window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.claim_checks import pooled
from benchmarks.claim_checks.findings import ABOVE, OTHER, Finding
from benchmarks.claim_checks.study import Study
from benchmarks.pooling.warped_windows import WarpedWindows
from keras_pose.evaluation import bootstrap
from keras_pose.evaluation.measures import joint_groups
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.skeleton import Skeleton

_RIDGE = 1e-6  # of the mean of the diagonal: for maps that are all alike
_UNIT = "weight"


def find_weights(study: Study) -> Iterator[Finding]:
    """Yields how far the centre's weight is above the next largest, and how wrists and elbows differ there."""
    for poolings in pooled.open_all(study):
        windows, clips = poolings.read_windows()
        windows = windows.narrow(study.form.middle)
        groups = [clip.group or clip.name for clip in clips for _ in range(clip.num_labelled)]
        config = poolings.config
        products = sum_products(windows, groups, config.loss.sigma_px, config.model.input_size_hw[0])
        yield from compare_weights(*products, poolings.skeleton, poolings.data.name)


def sum_products(
    windows: WarpedWindows, groups: Sequence[str], sigma_px: float, height_px: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sums the products that the weights follow from, for each group.

    Args:
      windows: N windows.
      groups: the clip or film of each.
      sigma_px: width of a target in heatmap px.
      height_px: height of the net's input in px.

    Returns:
      Gram matrices float64 [G, J, T + 1, T + 1] of the maps and a constant, and moments float64 [G, J, T + 1] of these
      with the targets. Joints without a label add nothing.
    """
    count, frames, height, width, joints = windows.maps.shape
    codec = HeatmapCodec(height_px / height, sigma_px)
    names = list(dict.fromkeys(groups))
    grams = np.zeros((len(names), joints, frames + 1, frames + 1))
    moments = np.zeros((len(names), joints, frames + 1))
    for n in range(count):
        maps = (windows.maps[n].astype(np.float64) * windows.valid[n][:, None, None, None]).reshape(frames, -1, joints)
        target = codec.encode(windows.targets[n : n + 1], (height, width)).numpy()[0].reshape(-1, joints)
        inputs = np.concatenate([maps, np.ones_like(maps[:1])])  # [T + 1, pixels, J]
        labelled = windows.targets[n, :, 2] > 0
        group = names.index(groups[n])
        grams[group] += np.einsum("apj,bpj->jab", inputs, inputs) * labelled[:, None, None]
        moments[group] += np.einsum("apj,pj->ja", inputs, target) * labelled[:, None]
    return grams, moments


def solve_weights(grams: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Solves for the weights: float64 [..., J, T + 1, T + 1] and [..., J, T + 1] to [..., J, T]."""
    size = grams.shape[-1]
    scale = np.trace(grams, axis1=-2, axis2=-1)[..., None, None] / size
    solved = np.linalg.solve(grams + (_RIDGE * scale + 1e-12) * np.eye(size), moments[..., None])
    return solved[..., :-1, 0]


def compare_weights(grams: np.ndarray, moments: np.ndarray, skeleton: Skeleton, name: str) -> Iterator[Finding]:
    """Yields the findings of one data set, with intervals over resampled groups.

    Args:
      grams, moments: see `sum_products`.
      skeleton: the joints.
      name: name of the data.
    """
    rng = np.random.default_rng(0)
    count = len(grams)
    draws = rng.multinomial(count, np.full(count, 1 / count), 1000)
    whole = solve_weights(grams.sum(0), moments.sum(0))
    resampled = solve_weights(np.tensordot(draws, grams, 1), np.tensordot(draws, moments, 1))
    units = f"{count} clips or films"

    def finding(what, measure, side):
        low, high = bootstrap.limits(measure(resampled)[:, None], bootstrap.LEVEL)[0]
        value = float(measure(whole[None])[0])
        return Finding(6, what, name, value, low, high, _UNIT, side, units=units, note=describe(whole, skeleton))

    yield finding("centre − largest of the other frames, mean of the joints", _centre_excess, ABOVE)
    groups = joint_groups(skeleton)
    if {"wrist", "elbow"} <= set(groups):
        wrist, elbow = (list(groups[joint]) for joint in ("wrist", "elbow"))
        middle = whole.shape[1] // 2
        yield finding(
            "centre: wrist − elbow", lambda w: w[:, wrist, middle].mean(1) - w[:, elbow, middle].mean(1), OTHER
        )


def _centre_excess(weights):
    """float64 [R, J, T] to [R]."""
    mean = weights.mean(1)
    middle = mean.shape[1] // 2
    return mean[:, middle] - np.delete(mean, middle, axis=1).max(1)


def describe(weights: np.ndarray, skeleton: Skeleton) -> str:
    """Returns the weights float64 [J, T] of each kind of joint at the centre, beside it and at the ends, in words."""
    middle = weights.shape[1] // 2
    parts = []
    for name, members in joint_groups(skeleton).items():
        of_group = weights[list(members)].mean(0)
        beside = of_group[[middle - 1, middle + 1]].mean()
        parts.append(f"{name} {of_group[middle]:.2f}/{beside:.2f}/{of_group[[0, -1]].mean():.2f}")
    return "centre/beside/ends: " + ", ".join(parts)
