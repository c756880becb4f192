"""What takes the time? `python -m benchmarks.profile [--quick] [--only=<part>] [--json=<file>]`.

Four parts: `training` (a step of the quickstart), `streaming` (a frame of a video with n = 5), `predicting` (a batch
of frames from file to joints), `served` (an image sent to an export). The parts of each are timed in turn, each on its
own; shares are of the whole, and need not add up to 1, because parts overlap in threads or share caches. `rate`
compares the nets with the machine's own matrix products on the same threads. Nets are untrained: speed does not depend
on weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import time_in_turn
from benchmarks.profiling import predicting, served, training

Parts = Mapping[str, Callable[[], Any]]
PARTS: dict[str, Callable[[], Parts]] = {
    "training": training.make_parts,
    "streaming": predicting.make_streaming_parts,
    "predicting": predicting.make_predicting_parts,
    "served": served.make_parts,
}
RATE = "rate"
_SIDE = 1024


def part_rows(name: str, repeats: int) -> list[Row]:
    """Returns rows of the time of each part and of its share; the first part of a profile is the whole."""
    parts = PARTS[name]()
    timings = time_in_turn(parts, repeats)
    whole = next(iter(parts))
    rows = []
    for part in parts:
        rows.append(timings[part].to_row(f"{name}: {part}", "ms", 1e3))
        if part != whole:
            rows.append(timings.ratio(part, whole).to_row(f"{name}: {part}, share", "of the whole"))
    return rows


def rate_rows(repeats: int, presets: Sequence[str] = ("lite", "paper"), side_px: int = 256) -> list[Row]:
    """Returns rows of the products a second of the nets, relative to those of a matrix product."""
    matrix = tf.random.normal([_SIDE, _SIDE])
    multiply = tf.function(lambda: tf.matmul(matrix, matrix), autograph=False)
    rows = []
    for preset in presets:
        keras.utils.set_random_seed(0)
        run, products = predicting.make_net(preset, side_px)
        timings = time_in_turn({"net": run, "matrix": lambda: multiply().numpy()}, repeats)
        speed = 2e-9 * _SIDE**3 / timings.samples["matrix"]
        share = 2e-9 * products / timings.samples["net"] / speed
        low, middle, high = np.percentile(share, (2.5, 50, 97.5))
        rows.append(Row(f"rate: matrix products beside {preset}", float(np.median(speed)), "GFLOP/s"))
        rows.append(Row(f"rate: {preset}, {side_px} px, one frame", middle, "of the matrix products", low, high))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("What takes the time in training, streaming, predicting and serving.")
    parser.add_argument("--only", default="", choices=[*PARTS, RATE], help="Measure this part alone.")
    arguments = parser.parse_args(argv)
    repeats = 3 if arguments.quick else 20
    rows: list[Row] = []
    for name in PARTS:
        if arguments.only in ("", name):
            rows += part_rows(name, repeats)
    if arguments.only in ("", RATE):
        rows += rate_rows(max(3, repeats // 4), ("lite",) if arguments.quick else ("lite", "paper"))
    harness.report("profile", rows, arguments)


if __name__ == "__main__":
    main()
