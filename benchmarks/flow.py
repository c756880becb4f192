"""Flow estimators on held-out signers: `python -m benchmarks.flow [--quick] [--size=128] [--figure=a.png] [--json=…]`.

The synthetic signers know their true flow. The pairs are consecutive frames, half of them forwards and half backwards
in time, because a window needs both. The end-point error is the length of (estimate − truth), averaged over pixels
whose surface is visible in both frames:

- all: the whole frame;
- body: the signer;
- moving: pixels, of the signer or not, whose true flow is above 1 px.

Intervals are 95 % bootstrap intervals over clips; a ratio draws the same clips for both. Times are for one pair of
frames that is already in memory, from RGB bytes to flow; all estimators take turns.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
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
OURS = "in_graph"
RIVAL = "dis_fast"
TARGET = "<= 1.5"
Estimator = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (target, source) to flow


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two frames and the truth about them.

    Args:
      clip: number of its clip.
      target, source: uint8 [H, W, 3], RGB.
      flow: float32 [H, W, 2], the true flow, px.
      regions: bool [H, W] by name, one of `REGIONS`.
    """

    clip: int
    target: np.ndarray
    source: np.ndarray
    flow: np.ndarray
    regions: dict[str, np.ndarray]


def open_pairs(clips: int, size_px: int) -> list[Pair]:
    """Draws `PAIRS` of each of the first clips of the held-out split."""
    pairs = []
    for index in range(clips):
        clip = SignerClip(SPLIT, index, FRAMES, (size_px, size_px))
        for target, source in PAIRS:
            truth = clip.flow(target, source)
            seen = clip.visible_in(target, source)
            moving = np.linalg.norm(truth, axis=-1) > MOVING_PX
            regions = {"all": seen, "body": seen & clip.body_mask(target), "moving": seen & moving}
            pairs.append(Pair(index, clip.frames[target], clip.frames[source], truth, regions))
    return pairs


def list_installed() -> tuple[str, ...]:
    """Returns the names of the estimators that can run here."""
    return tuple(n for n in estimators.ESTIMATORS if n not in opencv.CONTRIB or opencv.has_contrib())


def endpoint_error(flow: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Returns float [H, W], px: the length of the difference between two flows [H, W, 2]."""
    return np.linalg.norm(flow - truth, axis=-1)


def sum_errors(estimate: Estimator, pairs: Sequence[Pair]) -> dict[str, np.ndarray]:
    """Runs an estimator on all pairs.

    Args:
      estimate: function (target, source) of uint8 [H, W, 3] to float32 [H, W, 2].
      pairs: pairs of frames.

    Returns:
      float64 [clips, 2] by region: the sum of end-point errors in px and the number of pixels, for each clip.
    """
    clips = sorted({pair.clip for pair in pairs})
    sums = {region: np.zeros((len(clips), 2)) for region in REGIONS}
    for pair in pairs:
        error = endpoint_error(estimate(pair.target, pair.source), pair.flow)
        for region, inside in pair.regions.items():
            sums[region][clips.index(pair.clip)] += error[inside].sum(), inside.sum()
    return sums


def draw_clips(count: int) -> np.ndarray:
    """Returns float64 [1 + RESAMPLES, count]: how often each clip counts; first once each, then in each resample."""
    draws = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return np.concatenate([np.ones((1, count)), draws])


def mean_error(sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the mean end-point error, px, [1 + RESAMPLES].

    Args:
      sums: float64 [clips, 2], as `sum_errors` returns them.
      weights: float64 [1 + RESAMPLES, clips], as `draw_clips` returns them.
    """
    total, count = (weights @ sums).T
    return total / np.maximum(count, 1)


def _make_row(what, draws, unit, target=None):
    low, high = np.percentile(draws[1:], (2.5, 97.5))
    return Row(what, draws[0], unit, low, high, target)


def error_rows(errors: Mapping[str, Mapping[str, np.ndarray]]) -> list[Row]:
    """Returns rows of the mean end-point errors, and of this package's estimator against OpenCV's.

    Args:
      errors: by estimator, as `sum_errors` returns them.
    """
    weights = draw_clips(len(errors[OURS]["body"]))
    means = {(name, region): mean_error(errors[name][region], weights) for region in REGIONS for name in errors}
    rows = [_make_row(f"error, {region}, {name}", draws, "px") for (name, region), draws in means.items()]
    for region in REGIONS:
        ratio = means[OURS, region] / means[RIVAL, region]
        target = TARGET if region == "body" else None
        rows.append(_make_row(f"error, {region}, {OURS} / {RIVAL}", ratio, "x", target))
    return rows


def open_batch(pairs: Sequence[Pair], jit_compile: bool) -> Callable[[], np.ndarray]:
    """Returns a function that estimates the flow of `BATCH` pairs at once in the graph, and waits for it."""
    import tensorflow as tf

    from keras_pose.flow.in_graph import estimate_flow

    graph = tf.function(estimate_flow, jit_compile=jit_compile, autograph=False)
    chosen = [pairs[i % len(pairs)] for i in range(BATCH)]
    frames = [tf.constant(np.stack([getattr(p, part) for p in chosen])) for part in ("target", "source")]
    return lambda: graph(*frames).numpy()


def time_rows(opened: Mapping[str, Estimator], pairs: Sequence[Pair], repeats: int) -> list[Row]:
    """Times all estimators in turn on one pair, and the one in the graph on a batch too.

    Args:
      opened: estimators by name.
      pairs: pairs of frames.
      repeats: turns of each.
    """
    functions: dict[str, Callable[[], Any]] = {
        name: functools.partial(f, pairs[0].target, pairs[0].source) for name, f in opened.items()
    }
    batches = {f"{OURS}, batch of {BATCH}": False, f"{OURS}, batch of {BATCH}, XLA": True}
    functions.update({name: open_batch(pairs, jit_compile) for name, jit_compile in batches.items()})
    timings = time_in_turn(functions, repeats)
    scales = collections.defaultdict(lambda: 1e3, dict.fromkeys(batches, 1e3 / BATCH))
    return [timings[name].to_row(f"time per pair, {name}", "ms", scales[name]) for name in functions]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Error and time of all optical flow estimators on held-out signers.")
    parser.add_argument("--size", type=int, default=128, metavar="PX", help="Height and width of the frames.")
    parser.add_argument("--figure", metavar="FILE", help="Also draw one pair and its flows to this PNG.")
    arguments = parser.parse_args(argv)
    if arguments.size < opencv.MIN_SIDE_PX:
        parser.error(f"--size: expected at least {opencv.MIN_SIDE_PX}, received {arguments.size}")
    pairs = open_pairs(clips=6 if arguments.quick else 60, size_px=arguments.size)
    opened = {name: estimators.open_estimator(name) for name in list_installed()}
    for name in (n for n in estimators.ESTIMATORS if n not in opened):
        print(f"{name}: not installed (opencv-contrib), skipped")
    rows = error_rows({name: sum_errors(estimate, pairs) for name, estimate in opened.items()})
    rows += time_rows(opened, pairs, repeats=5 if arguments.quick else 30)
    harness.report("flow", rows, arguments)
    if arguments.figure:
        save_png(arguments.figure, flow_figure.draw(opened, pairs))


if __name__ == "__main__":
    main()
