"""Flow over several frames: composed or estimated at once?

`python -m benchmarks.flow_composition [--flow NAME …] [--quick] [--json=<file>] [--figure=<file>]`

A window of frames needs the flow from its middle to each of its others. Estimating each costs as many flows a frame as
the window has neighbours; composing flows between neighbouring frames costs one. Both are held against the true flow of
synthetic signers (test split, 128 px), on the body where it is seen in both frames, and at the wrists. "True flow"
composed says what composing loses by itself: what was hidden in between, and what bilinear sampling blurs.

The second question is which map tells where the estimated flow fails: the area under the curve (AUC) of each map of
`keras_pose.flow.reliability`, on the body, at telling pixels that are seen and within 1 px from the others.

Intervals are 95 % percentile bootstraps over clips.
"""

from __future__ import annotations

import collections

import numpy as np
from scipy import stats

from benchmarks.common import harness
from benchmarks.figures import flow_composition_figure
from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import composition_numpy, estimators, reliability
from keras_pose.viz import pictures

GAPS = (1, 2, 3, 4, 5)
TARGETS = (5, 10, 15)  # of 16 frames
WRISTS = (1, 2)
SEEN = 2  # the visibility of a joint that is not hidden
GOOD_PX = 1.0
DIRECT, COMPOSED = "direct", "composed"
TRUE = "true flow"
_RESAMPLES = 2000


def true_flow(clip):
    """Returns (target, source) -> float32 [H, W, 2], the clip's own flow."""
    return clip.flow


def estimated_flow(clip, name):
    """Returns (target, source) -> float32 [H, W, 2], estimated from the clip's frames."""
    estimate = estimators.open_estimator(name)
    return lambda target, source: estimate(clip.frames[target], clip.frames[source])


def composed_flows(flow, target, gaps=GAPS):
    """Yields the flow from frame `target` to each of the frames before it, composed of flows between neighbours."""
    composed = None
    for gap in gaps:
        step = flow(target - gap + 1, target - gap)
        composed = step if composed is None else composition_numpy.compose(composed, step)
        yield composed


def measure_clip(clip, flow, targets=TARGETS):
    """Errors of a clip.

    Returns:
      dict (way, gap, measure) -> float, px: "body mean", "body median" and, where a wrist is seen, "wrist mean".
    """
    errors = collections.defaultdict(list)
    for target in targets:
        for gap, composed in zip(GAPS, composed_flows(flow, target)):
            source = target - gap
            body = clip.body_mask(target) & clip.visible_in(target, source)
            truth = clip.flow(target, source)
            for way, found in ((DIRECT, flow(target, source)), (COMPOSED, composed)):
                errors[way, gap, "body"] += [np.linalg.norm(found - truth, axis=-1)[body]]
                errors[way, gap, "wrist"] += [wrist_errors(clip, found, target, source)]
    values = {}
    for (way, gap, where), parts in errors.items():
        pixels = np.concatenate(parts)
        if len(pixels):
            values[way, gap, f"{where} mean"] = pixels.mean()
        if where == "body":
            values[way, gap, "body median"] = np.median(pixels)
    return values


def wrist_errors(clip, flow, target, source):
    """Returns float [0 to 2], px: how far the flow misses each wrist that is seen in both frames."""
    seen = [j for j in WRISTS if clip.visibility[[target, source], j].min() == SEEN]
    start, end = clip.joints[target, seen], clip.joints[source, seen]
    x, y = np.clip(np.rint(start), 0, np.array(clip.size_hw[::-1]) - 1).astype(int).T
    return np.linalg.norm(start + flow[y, x] - end, axis=-1)


def measure_reliability(clip, name, gap, targets=TARGETS):
    """Returns dict map -> AUC of the clip; {} where all of its flow is good, or none."""
    flow, scores, good = estimated_flow(clip, name), collections.defaultdict(list), []
    for target in targets:
        source, body = target - gap, clip.body_mask(target)
        forward, backward = flow(target, source), flow(source, target)
        wrong_px = np.linalg.norm(forward - clip.flow(target, source), axis=-1)
        good.append((clip.visible_in(target, source) & (wrong_px <= GOOD_PX))[body])
        images = (clip.frames[frame].astype(np.float32) for frame in (target, source))
        scores["forward-backward"].append(reliability.forward_backward(forward, backward).numpy()[body])
        scores["photometric"].append(reliability.photometric(*images, forward).numpy()[body])
    good = np.concatenate(good)
    if good.all() or not good.any():
        return {}
    return {name: area_under_curve(np.concatenate(parts), good) for name, parts in scores.items()}


def area_under_curve(scores, positive):
    """The chance that a positive scores above a negative, ties counted half (Mann and Whitney 1947)."""
    n = positive.sum()
    return (stats.rankdata(scores)[positive].sum() - n * (n + 1) / 2) / (n * (len(scores) - n))


def mean_row(what, unit, values) -> harness.Row:
    """A row of the mean over clips with its bootstrap interval."""
    values = np.asarray(values)
    drawn = np.random.default_rng(0).integers(len(values), size=(_RESAMPLES, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), (2.5, 97.5))
    return harness.Row(what, values.mean(), unit, low, high)


def error_rows(name, clips):
    """Rows of one source of flow: each way and gap, and how much worse composing is, clip by clip."""
    results = [measure_clip(c, true_flow(c) if name == TRUE else estimated_flow(c, name)) for c in clips]
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


def reliability_rows(name, clips):
    """Rows of the AUC of both maps."""
    for gap in (1, 3):
        results = [r for r in (measure_reliability(clip, name, gap) for clip in clips) if r]
        for kind in results[0]:
            yield mean_row(f"{name}, {gap} frames, AUC of {kind}", "of 1", [r[kind] for r in results])


def time_rows(name, clip):
    """Rows of the time of one flow and of one composition."""
    flow = estimated_flow(clip, name)
    first, second = flow(2, 1), flow(1, 0)
    functions = {"estimating": lambda: flow(2, 1), "composing": lambda: composition_numpy.compose(first, second)}
    timings = harness.time_in_turn(functions, repeats=20, calls=5)
    return [timings[what].row(f"{name}, {what}", "ms/flow", 1e3) for what in functions]


def main(argv=None):
    parser = harness.make_parser("Error of flow composed over frames against flow estimated at once.")
    parser.add_argument("--flow", nargs="+", default=["dis_fast"], metavar="NAME", choices=estimators.ESTIMATORS)
    parser.add_argument("--figure", metavar="FILE", help="also draw the errors to this PNG")
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
