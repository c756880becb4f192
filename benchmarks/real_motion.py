"""Flow on real people: how far from its label does a joint end that is carried along the flow for several frames?

`python -m benchmarks.real_motion --jhmdb=<folder> [--size=256] [--flow NAME …] [--films=60] [--skip=0]
[--both] [--test] [--direct] [--quick] [--json=<file>]`

JHMDB has 15 joints in each frame of clips of film. A joint starts at its label, and moves on by the flow of each frame
to the next, as the flow of a window is composed. After 3, 5 and 10 frames its distance to the label there is the error,
in px of an input of `--size`, into which the whole frame fits. Joints outside the frame count at neither end. Every
second film is read backwards (with `--both`, each film both ways), because a window needs both directions.

Labels are a staircase in time (puppets that were kept for some frames), so even perfect flow has an error. It weighs
least on "moving wrists", whose labels are more than 3 % of the size apart. Two rows say what can be reached. "noise of
the labels" moves a joint by the motion of its label after smoothing (a parabola through 11 frames): what perfect flow
would still be off by, if nothing moves faster than a parabola follows. "best for each joint" is the smallest error of
all estimators, found with the label. "not moved" leaves the joint where it was; "body's median motion" moves it by the
median of the motion of all labels.

Without `--test`, clips are of films that test_upper.txt does not have, one clip of each, so that an estimator can be
chosen on them; with it, they are the clips of test_upper.txt. Intervals are 95 % bootstrap intervals over films; ratios
to dis_fast draw the same films for both. Times are of one pair of frames, RGB bytes to flow, all estimators in turn.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from benchmarks.motion.carried_joints import (
    BEST,
    GAPS,
    NOT_MOVED,
    REGIONS,
    Errors,
    Estimator,
    find_best,
    measure,
    measure_without_flow,
)
from benchmarks.motion.real_clips import RealClip, open_clips
from keras_pose.flow import estimators, opencv
from keras_pose.flow import names as flow_names
from keras_pose.pooling.config import WindowConfig

DIRECT = ", direct"
RIVAL = "dis_fast"
FLOWS = (*flow_names.CORE, flow_names.IN_GRAPH)
ERROR_TARGET = "<= 0.6"
TIME_TARGET = "<= 3"
_RESAMPLES = 1000


def draw_films(films: Sequence[str]) -> np.ndarray:
    """Returns float [1 + resamples, clips]: how often each clip counts; clips of one film count together."""
    titles, film_of_clip = np.unique(films, return_inverse=True)
    share = np.full(len(titles), 1 / len(titles))
    draws = np.random.default_rng(0).multinomial(len(titles), share, _RESAMPLES)
    return np.concatenate([np.ones((1, len(films))), draws[:, film_of_clip]])


def summarise(parts: Sequence[np.ndarray], draws: np.ndarray) -> dict[str, np.ndarray]:
    """Returns {"mean", "median"} of errors, each float [1 + resamples]; NaN for a draw without errors.

    Args:
      parts: errors of each clip, px.
      draws: as `draw_films` returns them.
    """
    clip_of = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    pooled = np.concatenate(parts)
    order = np.argsort(pooled)
    reached = np.cumsum(draws[:, clip_of[order]], axis=1)
    count = reached[:, -1]
    count = np.where(count > 0, count, np.nan)
    middle = (reached >= reached[:, -1:] / 2).argmax(axis=1)
    sums = draws @ [part.sum() for part in parts]
    return {"mean": sums / count, "median": np.where(np.isnan(count), np.nan, pooled[order][middle])}


def error_rows(measured: Mapping[str, Errors], films: Sequence[str], chosen: str) -> list[Row]:
    """Returns rows of the errors, and of the ratios to dis_fast; none of a region without joints.

    Args:
      measured: errors by estimator.
      films: the film of each clip.
      chosen: the estimator that the target is about.
    """
    draws = draw_films(films)
    rows = []
    ratios = []
    for gap in GAPS:
        for region in REGIONS:
            if not any(len(part) for part in measured[NOT_MOVED][gap, region]):
                continue
            parts = {name: errors[gap, region] for name, errors in measured.items()}
            found = {name: summarise(part, draws) for name, part in parts.items() if any(map(len, part))}
            for name, of in found.items():
                for what, values in of.items():
                    title = f"{gap} frames, {region}, {what}, {name}"
                    rows.append(_make_row(title, values, "px"))
                    if name != RIVAL and RIVAL in found:
                        target = ERROR_TARGET if (name, gap, region) == (chosen, 5, "wrists") else None
                        ratios.append(_make_row(f"{title} / {RIVAL}", values / found[RIVAL][what], "x", target))
    return rows + ratios


def _make_row(what, draws, unit, target=None):
    low, high = np.nanpercentile(draws[1:], (2.5, 97.5))
    return Row(what, draws[0], unit, low, high, target)


def time_rows(opened: Mapping[str, Estimator], clip: RealClip, repeats: int, chosen: str) -> list[Row]:
    """Times all estimators in turn on the first two frames of a clip."""
    pair = clip.frames[0], clip.frames[1]
    timings = time_in_turn({name: functools.partial(f, *pair) for name, f in opened.items()}, repeats, calls=3)
    rows = [timings[name].to_row(f"time per pair, {name}", "ms", 1e3) for name in opened]
    for name in (n for n in opened if n != RIVAL and RIVAL in opened):
        target = TIME_TARGET if name == chosen else None
        rows.append(timings.ratio(name, RIVAL).to_row(f"time, {name} / {RIVAL}", "x", target=target))
    return rows


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the arguments of the command."""
    parser = harness.make_parser("Error of joints of real people that are carried along the flow.")
    parser.add_argument("--jhmdb", required=True, metavar="FOLDER", help="Folder of JHMDB, with test_upper.txt.")
    parser.add_argument("--size", type=int, default=256, metavar="PX", help="Height and width of the input.")
    parser.add_argument(
        "--flow",
        nargs="+",
        default=FLOWS,
        metavar="NAME",
        choices=estimators.ESTIMATORS,
        help=f"Estimators to measure: {', '.join(estimators.ESTIMATORS)}. Default: {', '.join(FLOWS)}.",
    )
    parser.add_argument("--films", type=int, default=60, metavar="N", help="Most clips to measure.")
    parser.add_argument("--skip", type=int, default=0, metavar="N", help="Clips to leave out before the first.")
    parser.add_argument("--both", action="store_true", help="Read each clip in both directions: twice the time.")
    parser.add_argument("--test", action="store_true", help="Measure the clips of test_upper.txt.")
    parser.add_argument("--direct", action="store_true", help="Also estimate flow over several frames at once.")
    arguments = parser.parse_args(argv)
    if arguments.size < 2 * opencv.MIN_SIDE_PX:
        parser.error(f"--size: expected at least {2 * opencv.MIN_SIDE_PX}, received {arguments.size}")
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    most = 4 if arguments.quick else arguments.films
    clips = open_clips(arguments.jhmdb, arguments.size, arguments.test, most, arguments.skip, arguments.both)
    opened = {name: estimators.open_estimator(name) for name in arguments.flow}
    chosen = WindowConfig().flow_estimator((arguments.size, arguments.size))
    measured = measure_without_flow(clips)
    for name, estimate in opened.items():
        measured[name] = measure(clips, estimate)
        if arguments.direct:
            measured[name + DIRECT] = measure(clips, estimate, direct=True)
    if len(opened) > 1:
        measured[BEST] = find_best([measured[name] for name in opened])
    rows = error_rows(measured, [clip.film for clip in clips], chosen)
    rows += time_rows(opened, clips[0], 5 if arguments.quick else 40, chosen)
    harness.report("real_motion", rows, arguments)


if __name__ == "__main__":
    main()
