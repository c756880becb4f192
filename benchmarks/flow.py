"""Flow estimators on held-out signers: `python -m benchmarks.flow [--quick] [--size=128] [--figure=a.png] [--json=…]`.

The synthetic signers know their true flow. Frames that follow each other are compared, half the pairs forwards and half
backwards in time, as a window of frames needs both. The end-point error is the length of (estimate − truth), averaged
over pixels whose surface is seen in both frames:

- all: the whole frame;
- body: the signer;
- moving: signer or not, where the truth is above 1 px.

Intervals are of 95 %, by bootstrap over clips; a ratio draws the same clips for both. Times are of one pair of frames
already in memory, RGB bytes to flow, all estimators in turn.
"""

from __future__ import annotations

import collections
import dataclasses
import functools

import numpy as np

from benchmarks.common import harness
from benchmarks.figures import flow_figure
from keras_pose.data.synthetic.signer_clip import SignerClip
from keras_pose.flow import estimators, opencv
from keras_pose.viz.pictures import save_png

SPLIT = "test"
REGIONS = ("all", "body", "moving")
MOVING_PX = 1.0
FRAMES = 13
PAIRS = ((1, 0), (4, 5), (8, 7), (11, 12))  # (target, source)
BATCH = 16
RESAMPLES = 4000
OURS, RIVAL, TARGET = "in_graph", "dis_fast", "<= 1.5"


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two frames and the truth about them.

    Args:
      clip: int, position of its clip.
      target, source: uint8 [H, W, 3], RGB.
      flow: float32 [H, W, 2], the true flow, px.
      regions: dict of `REGIONS` to bool [H, W].
    """

    clip: int
    target: np.ndarray
    source: np.ndarray
    flow: np.ndarray
    regions: dict


def open_pairs(clips, size_px) -> list:
    """Draws `PAIRS` of each of the first clips of the held-out split."""
    pairs = []
    for index in range(clips):
        clip = SignerClip(SPLIT, index, FRAMES, (size_px, size_px))
        for target, source in PAIRS:
            truth, seen = clip.flow(target, source), clip.visible_in(target, source)
            moving = np.linalg.norm(truth, axis=-1) > MOVING_PX
            regions = {"all": seen, "body": seen & clip.body_mask(target), "moving": seen & moving}
            pairs.append(Pair(index, clip.frames[target], clip.frames[source], truth, regions))
    return pairs


def installed() -> tuple:
    """Returns the names of the estimators that can run here."""
    return tuple(n for n in estimators.ESTIMATORS if n not in opencv.CONTRIB or opencv.has_contrib())


def endpoint_error(flow, truth) -> np.ndarray:
    """float [H, W], px: the length of the difference of two flows [H, W, 2]."""
    return np.linalg.norm(flow - truth, axis=-1)


def sum_errors(estimate, pairs) -> dict:
    """Runs an estimator on all pairs.

    Args:
      estimate: function (target, source) -> float32 [H, W, 2].
      pairs: list of `Pair`.

    Returns:
      dict region -> float64 [clips, 2]: the sum of end-point errors in px and the number of pixels of each clip.
    """
    clips = sorted({pair.clip for pair in pairs})
    sums = {region: np.zeros((len(clips), 2)) for region in REGIONS}
    for pair in pairs:
        error = endpoint_error(estimate(pair.target, pair.source), pair.flow)
        for region, inside in pair.regions.items():
            sums[region][clips.index(pair.clip)] += error[inside].sum(), inside.sum()
    return sums


def draw_clips(count) -> np.ndarray:
    """float64 [1 + RESAMPLES, count]: how often each clip counts; first once each, then in each resample."""
    draws = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return np.concatenate([np.ones((1, count)), draws])


def mean_error(sums, weights) -> np.ndarray:
    """Mean end-point error, px, [1 + RESAMPLES], of float64 [clips, 2] under the weights of `draw_clips`."""
    total, count = (weights @ sums).T
    return total / np.maximum(count, 1)


def _row(what, draws, unit, target=None):
    low, high = np.percentile(draws[1:], (2.5, 97.5))
    return harness.Row(what, draws[0], unit, low, high, target)


def error_rows(errors) -> list:
    """Rows of the mean end-point errors, and of this package's estimator against OpenCV's.

    Args:
      errors: dict estimator -> what `sum_errors` returned.
    """
    weights = draw_clips(len(errors[OURS]["body"]))
    means = {(name, region): mean_error(errors[name][region], weights) for region in REGIONS for name in errors}
    rows = [_row(f"error, {region}, {name}", draws, "px") for (name, region), draws in means.items()]
    for region in REGIONS:
        ratio = means[OURS, region] / means[RIVAL, region]
        target = TARGET if region == "body" else None
        rows.append(_row(f"error, {region}, {OURS} / {RIVAL}", ratio, "x", target))
    return rows


def open_batch(pairs, jit_compile):
    """Returns a call that estimates the flow of `BATCH` pairs in the graph at once, and waits for it."""
    import tensorflow as tf

    from keras_pose.flow.in_graph import estimate_flow

    graph = tf.function(estimate_flow, jit_compile=jit_compile, autograph=False)
    chosen = [pairs[i % len(pairs)] for i in range(BATCH)]
    frames = [tf.constant(np.stack([getattr(p, part) for p in chosen])) for part in ("target", "source")]
    return lambda: graph(*frames).numpy()


def time_rows(opened, pairs, repeats) -> list:
    """Times all estimators in turn on one pair, and the one in the graph also on a batch.

    Args:
      opened: dict estimator -> function (target, source).
      pairs: list of `Pair`.
      repeats: int, turns.
    """
    functions = {name: functools.partial(f, pairs[0].target, pairs[0].source) for name, f in opened.items()}
    batches = {f"{OURS}, batch of {BATCH}": False, f"{OURS}, batch of {BATCH}, XLA": True}
    functions.update({name: open_batch(pairs, jit_compile) for name, jit_compile in batches.items()})
    timings = harness.time_in_turn(functions, repeats)
    scales = collections.defaultdict(lambda: 1e3, dict.fromkeys(batches, 1e3 / BATCH))
    return [timings[name].row(f"time per pair, {name}", "ms", scales[name]) for name in functions]


def main(argv=None):
    parser = harness.make_parser("Error and time of all optical flow estimators on held-out signers.")
    parser.add_argument("--size", type=int, default=128, metavar="PX", help="height and width of the frames")
    parser.add_argument("--figure", metavar="FILE", help="also draw one pair and its flows to this .png")
    arguments = parser.parse_args(argv)
    if arguments.size < opencv.MIN_SIDE_PX:
        parser.error(f"--size: expected at least {opencv.MIN_SIDE_PX}, received {arguments.size}")
    pairs = open_pairs(clips=6 if arguments.quick else 60, size_px=arguments.size)
    opened = {name: estimators.open_estimator(name) for name in installed()}
    for name in (n for n in estimators.ESTIMATORS if n not in opened):
        print(f"{name}: not installed (opencv-contrib), left out")
    rows = error_rows({name: sum_errors(estimate, pairs) for name, estimate in opened.items()})
    rows += time_rows(opened, pairs, repeats=5 if arguments.quick else 30)
    harness.report("flow", rows, arguments)
    if arguments.figure:
        save_png(arguments.figure, flow_figure.draw(opened, pairs))


if __name__ == "__main__":
    main()
