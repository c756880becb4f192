"""Flow over several frames: composed or estimated at once?

`python -m benchmarks.flow_composition [--flow NAME …] [--quick] [--json=<file>] [--figure=<file>]`

A window needs the flow from its middle frame to each neighbour. If each flow is estimated, every frame costs as many
flows as the window has neighbours; if flows between consecutive frames are composed, it costs one. Both are compared
with the true flow of synthetic signers (test split, 128 px), on the parts of the body that are visible in both frames,
and at the wrists. Composing the true flow shows what composition itself loses: surfaces that were hidden in between,
and the blur of bilinear sampling.

The second question is which map shows where the estimated flow fails. For each map of `keras_pose.flow.reliability`,
the rows give the area under the curve (AUC), on the body, for telling pixels that are visible and right within 1 px
from all others.

Intervals are 95 % percentile bootstrap intervals over clips.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy import stats

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from benchmarks.figures import flow_composition_figure
from keras_pose.data.clip import VISIBLE
from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import composition_numpy, estimators, reliability
from keras_pose.viz import pictures

GAPS = (1, 2, 3, 4, 5)
TARGETS = (5, 10, 15)  # of 16 frames
WRISTS = (1, 2)
GOOD_PX = 1.0
DIRECT = "direct"
COMPOSED = "composed"
TRUE = "true flow"
Flow = Callable[[int, int], np.ndarray]  # frame numbers (target, source) to float32 [H, W, 2]
_RESAMPLES = 2000


def estimate_flows(clip: SignerClip, name: str) -> Flow:
    """Returns a function of two frame numbers to the flow that an estimator finds between these frames of a clip."""
    estimate = estimators.open_estimator(name)
    return lambda target, source: estimate(clip.frames[target], clip.frames[source])


def compose_flows(flow: Flow, target: int, gaps: Sequence[int] = GAPS) -> Iterator[np.ndarray]:
    """Yields the flow from frame `target` to each frame before it, composed of flows between consecutive frames."""
    composed = None
    for gap in gaps:
        short = flow(target - gap + 1, target - gap)
        composed = short if composed is None else composition_numpy.compose(composed, short)
        yield composed


def measure_clip(clip: SignerClip, flow: Flow, targets: Sequence[int] = TARGETS) -> dict[tuple[str, int, str], float]:
    """Measures the errors of direct and composed flow in a clip.

    Returns:
      Errors in px by (way, gap, measure). The measures are "body mean", "body median" and, if a wrist is visible,
      "wrist mean".
    """
    errors: dict[tuple[str, int, str], list[np.ndarray]] = collections.defaultdict(list)
    for target in targets:
        for gap, composed in zip(GAPS, compose_flows(flow, target)):
            source = target - gap
            body = clip.body_mask(target) & clip.visible_in(target, source)
            truth = clip.flow(target, source)
            for way, found in ((DIRECT, flow(target, source)), (COMPOSED, composed)):
                errors[way, gap, "body"] += [np.linalg.norm(found - truth, axis=-1)[body]]
                errors[way, gap, "wrist"] += [wrist_errors(clip, found, target, source)]
    values = {}
    for (way, gap, region), parts in errors.items():
        pixels = np.concatenate(parts)
        if len(pixels):
            values[way, gap, f"{region} mean"] = pixels.mean()
        if region == "body":
            values[way, gap, "body median"] = np.median(pixels)
    return values


def wrist_errors(clip: SignerClip, flow: np.ndarray, target: int, source: int) -> np.ndarray:
    """Returns float [0 to 2], px: how far the flow misses each wrist that is visible in both frames."""
    seen = [j for j in WRISTS if clip.visibility[[target, source], j].min() == VISIBLE]
    start = clip.joints[target, seen]
    end = clip.joints[source, seen]
    x, y = np.clip(np.rint(start), 0, np.array(clip.size_hw[::-1]) - 1).astype(int).T
    return np.linalg.norm(start + flow[y, x] - end, axis=-1)


def measure_reliability(clip: SignerClip, name: str, gap: int, targets: Sequence[int] = TARGETS) -> dict[str, float]:
    """Returns the AUC of each reliability map in a clip; {} if all of its flow is good, or none."""
    flow = estimate_flows(clip, name)
    scores: dict[str, list[np.ndarray]] = collections.defaultdict(list)
    labels = []
    for target in targets:
        source = target - gap
        body = clip.body_mask(target)
        forward = flow(target, source)
        backward = flow(source, target)
        # Find the pixels of the body whose flow is good, and the scores that are to tell them apart.
        error_px = np.linalg.norm(forward - clip.flow(target, source), axis=-1)
        labels.append((clip.visible_in(target, source) & (error_px <= GOOD_PX))[body])
        target_image, source_image = (clip.frames[frame].astype(np.float32) for frame in (target, source))
        scores["forward-backward"].append(reliability.forward_backward(forward, backward).numpy()[body])
        scores["photometric"].append(reliability.photometric(target_image, source_image, forward).numpy()[body])
    good = np.concatenate(labels)
    if good.all() or not good.any():
        return {}
    return {kind: area_under_curve(np.concatenate(parts), good) for kind, parts in scores.items()}


def area_under_curve(scores: np.ndarray, positive: np.ndarray) -> float:
    """Returns the probability that a positive scores above a negative; ties count half (Mann and Whitney 1947).

    Args:
      scores: float [N].
      positive: bool [N].
    """
    n = positive.sum()
    return (stats.rankdata(scores)[positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n))


def mean_row(what: str, unit: str, values: Sequence[float] | np.ndarray) -> Row:
    """Returns a row of the mean over clips with its bootstrap interval."""
    values = np.asarray(values)
    drawn = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
    return Row(what, values.mean(), unit, low, high)


def error_rows(name: str, clips: Sequence[SignerClip]) -> Iterator[Row]:
    """Yields rows of one kind of flow: the error of each way and gap, and how much worse composing is, clip by clip.

    Args:
      name: an estimator, or TRUE.
      clips: clips to measure.
    """
    results = [measure_clip(c, c.flow if name == TRUE else estimate_flows(c, name)) for c in clips]
    for measure in ("body mean", "body median", "wrist mean"):
        for gap in GAPS:
            found = {
                way: np.array([r[way, gap, measure] for r in results if (way, gap, measure) in r])
                for way in (DIRECT, COMPOSED)
            }
            for way in (DIRECT, COMPOSED) if name != TRUE else (COMPOSED,):
                yield mean_row(f"{name}, {way}, {gap} frames, {measure} error", "px", found[way])
            if gap > 1 and name != TRUE and measure != "body median":
                what = f"{name}, composed − direct, {gap} frames, {measure} error"
                yield mean_row(what, "px", found[COMPOSED] - found[DIRECT])


def reliability_rows(name: str, clips: Sequence[SignerClip]) -> Iterator[Row]:
    """Yields rows of the AUC of both reliability maps."""
    for gap in (1, 3):
        results = [r for r in (measure_reliability(clip, name, gap) for clip in clips) if r]
        for kind in results[0]:
            yield mean_row(f"{name}, {gap} frames, AUC of {kind}", "of 1", [r[kind] for r in results])


def time_rows(name: str, clip: SignerClip) -> list[Row]:
    """Returns rows of the time of one flow and of one composition."""
    flow = estimate_flows(clip, name)
    first = flow(2, 1)
    second = flow(1, 0)
    functions = {"estimating": lambda: flow(2, 1), "composing": lambda: composition_numpy.compose(first, second)}
    timings = time_in_turn(functions, repeats=20, calls=5)
    return [timings[what].to_row(f"{name}, {what}", "ms/flow", 1e3) for what in functions]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Error of flow over several frames, composed of short flows or estimated at once.")
    parser.add_argument(
        "--flow",
        nargs="+",
        default=["dis_fast"],
        metavar="NAME",
        choices=estimators.ESTIMATORS,
        help=f"Estimators to measure: {', '.join(estimators.ESTIMATORS)}. Default: dis_fast.",
    )
    parser.add_argument("--figure", metavar="FILE", help="Also draw the errors to this PNG.")
    arguments = parser.parse_args(argv)
    clips = [SignerClip("test", index, max(TARGETS) + 1) for index in range(4 if arguments.quick else 40)]
    rows = list(error_rows(TRUE, clips))
    for name in arguments.flow:
        rows += [*error_rows(name, clips), *reliability_rows(name, clips), *time_rows(name, clips[0])]
    harness.report("flow_composition", rows, arguments)
    if arguments.figure:
        pictures.save_png(arguments.figure, flow_composition_figure.draw(rows, arguments.flow))


if __name__ == "__main__":
    main()
