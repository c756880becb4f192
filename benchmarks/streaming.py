"""What a window costs on video: `python -m benchmarks.streaming [--quick] [--tf_threads=<n>] [--json=<file>]`.

Frames are pushed through `StreamingPredictor` at 256×256 px. The net for single frames and flowing nets with 5 and 15
neighbours on each side take turns in blocks of frames. The nets are untrained: speed does not depend on weights. The
frames show a synthetic signer forwards and backwards and are already decoded; only the last rows read and decode a
video file. `--quick` skips the paper net. `--tf_threads` limits the threads of a TensorFlow operation in all rows.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.common.timing import Timings, time_in_turn
from benchmarks.video import streaming_stages, video_file
from benchmarks.video.streaming_stages import FLOW, JOINTS, SIZE_HW
from keras_pose.data.synthetic import signers
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.models import factory, flowing_net

SINGLE = "single frames"


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Args:
      repeats: blocks of each predictor.
      block: frames of a block.
    """

    repeats: int = 40
    block: int = 30


@dataclasses.dataclass(frozen=True)
class Case:
    """A flowing net on video.

    Args:
      num_neighbours: neighbours on each side.
      mode: centred or causal.
      flow: name of the estimator.
      pooling: kind of pooling.
    """

    num_neighbours: int
    mode: str = "centred"
    flow: str = FLOW
    pooling: str = "parametric"


LITE_CASES = {
    "n=5": Case(5),
    "n=15": Case(15),
    "n=5, causal": Case(5, mode="causal"),
    "n=15, causal": Case(15, mode="causal"),
    "n=5, chain": Case(5, pooling="chain"),
    "n=5, dis_fast": Case(5, flow="dis_fast"),
}
# The paper net is so slow that it can afford better flow, too.
PAPER_CASES = {"n=5": Case(5), "n=15": Case(15), "n=5, dis_medium": Case(5, flow="dis_medium")}


def make_predictors(net: keras.Model, cases: Mapping[str, Case]) -> dict[str, StreamingPredictor]:
    """Opens a predictor for each case, and one for the heatmap net `net` itself."""
    predictors = {SINGLE: StreamingPredictor(net, signers.SKELETON, SIZE_HW)}
    for name, case in cases.items():
        model = flowing_net.build_flowing_net(net, 2 * case.num_neighbours + 1, SIZE_HW, case.pooling)
        predictors[name] = StreamingPredictor(model, signers.SKELETON, SIZE_HW, flow=case.flow, mode=case.mode)
    return predictors


def time_blocks(predictors: Mapping[str, StreamingPredictor], frames: np.ndarray, sizes: Sizes) -> Timings:
    """Times blocks of pushed frames in turn, in seconds a frame. All windows are full when the clock starts."""

    def make_block(predictor):
        source = itertools.cycle(frames)

        def push_block():
            for _ in range(sizes.block):
                predictor.push(next(source))

        for _ in range(32):  # more than the largest window
            predictor.push(next(source))
        return push_block

    blocks = {name: make_block(predictor) for name, predictor in predictors.items()}
    timings = time_in_turn(blocks, sizes.repeats, warmup=1)
    return Timings({name: samples / sizes.block for name, samples in timings.samples.items()})


def window_rows(preset: str, timings: Timings, target: str) -> list[Row]:
    """Returns rows of a frame's time with each window, its ratio to single frames, and of what neighbours add.

    Args:
      preset: name of the preset.
      timings: seconds a frame, by case.
      target: of the ratio of n=5 to single frames.
    """
    rows = [timings[name].to_row(f"{preset}, {name}", "ms a frame", 1e3) for name in timings.samples]
    for name in timings.samples:
        if name != SINGLE:
            ratio = timings.ratio(name, SINGLE)
            rows.append(ratio.to_row(f"{preset}, {name} / {SINGLE}", "times", target=target if name == "n=5" else None))
    return rows + extra_rows(preset, timings)


def extra_rows(preset: str, timings: Timings) -> list[Row]:
    """Returns rows of what 5 and 15 neighbours add to a frame's time, and of the ratio of the two.

    They are differences of medians, because the difference of single turns may be close to 0. Spreads come from
    resampled turns. The ratio is left out if what 5 neighbours add cannot be told from noise.
    """
    samples = np.stack([timings.samples[name] for name in (SINGLE, "n=5", "n=15")])
    turns = np.random.default_rng(0).integers(0, samples.shape[1], (1000, samples.shape[1]))
    medians = np.concatenate([np.median(samples, axis=1)[:, None], np.median(samples[:, turns], axis=2)], axis=1)
    five, fifteen = medians[1:] - medians[0]  # the first entry is of all turns, the others of resamples
    rows = [
        Row(f"{preset}, what {name} adds", added[0] * 1e3, "ms a frame", *np.percentile(added, (2.5, 97.5)) * 1e3)
        for name, added in (("n=5", five), ("n=15", fifteen))
    ]
    if np.percentile(five, 2.5) <= 0:
        return rows
    ratios = fifteen / five
    low, high = np.percentile(ratios, (2.5, 97.5))
    return [*rows, Row(f"{preset}, what n=15 adds / what n=5 adds", ratios[0], "times", low, high, "<= 1.3")]


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("What a window of frames costs on video.")
    parser.add_argument(
        "--tf_threads", type=int, default=0, help="Threads of a TensorFlow operation; 0: TensorFlow decides."
    )
    arguments = parser.parse_args(argv)
    if arguments.tf_threads:
        tf.config.threading.set_intra_op_parallelism_threads(arguments.tf_threads)
    keras.utils.set_random_seed(0)
    sizes = Sizes(repeats=5, block=10) if arguments.quick else Sizes()
    length = video_file.Length(frames=100, settled_frame=40) if arguments.quick else video_file.Length()
    frames = streaming_stages.make_frames()
    net = factory.build_model("heatmap", "lite", JOINTS, SIZE_HW)
    predictors = make_predictors(net, LITE_CASES)
    rows = window_rows("lite", time_blocks(predictors, frames, sizes), "<= 1.15")
    rows += streaming_stages.stage_rows(net, sizes.repeats)
    rows += video_file.video_rows(predictors["n=5"], length)
    if not arguments.quick:
        paper = factory.build_model("heatmap", "paper", JOINTS, SIZE_HW)
        timings = time_blocks(make_predictors(paper, PAPER_CASES), frames, Sizes(repeats=10, block=2))
        rows += window_rows("paper", timings, "<= 1.10")
    harness.report("streaming", rows, arguments)


if __name__ == "__main__":
    main()
