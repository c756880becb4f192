"""What a window costs on video: `python -m benchmarks.streaming [--quick] [--json=<file>]`.

Frames are pushed through `StreamingPredictor`, the net of single frames and flowing nets of 5 and 15 neighbours on each
side in turn, in blocks, at 256×256 px. Nets are freshly initialised: speed does not depend on weights. Frames are those
of a synthetic signer, to and fro, decoded already, but for the last rows, where a video file is read and decoded.
`--quick` leaves the paper net out. `--tf_threads` limits the threads of a TensorFlow operation, in all rows alike.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from benchmarks.common import harness, streaming_stages
from benchmarks.common.streaming_stages import FLOW, JOINTS, SIZE_HW
from keras_pose.data import video
from keras_pose.data.synthetic import signers
from keras_pose.inference.streaming import StreamingPredictor
from keras_pose.models import factory, flowing_net

NONE = "no window"


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured: repeats of blocks of so many frames; frames of the video, and where its memory is read."""

    repeats: int = 40
    block: int = 30
    video_frames: int = 1000
    settled_frame: int = 200


def make_predictors(net, cases) -> dict:
    """Opens a predictor for each case.

    Args:
      net: heatmap net.
      cases: dict name -> (neighbours on each side, mode, flow).
    """
    predictors = {NONE: StreamingPredictor(net, signers.SKELETON, SIZE_HW)}
    for name, (steps, mode, flow) in cases.items():
        model = flowing_net.build_flowing_net(net, 2 * steps + 1, SIZE_HW, "parametric")
        predictors[name] = StreamingPredictor(model, signers.SKELETON, SIZE_HW, flow=flow, mode=mode)
    return predictors


def time_blocks(predictors, frames, sizes) -> harness.Timings:
    """Times blocks of pushed frames in turn; seconds a frame. Windows are full before."""

    def make_block(predictor):
        source = itertools.cycle(frames)

        def push_block():
            for _ in range(sizes.block):
                predictor.push(next(source))

        for _ in range(32):  # the widest window
            predictor.push(next(source))
        return push_block

    blocks = {name: make_block(predictor) for name, predictor in predictors.items()}
    timings = harness.time_in_turn(blocks, sizes.repeats, warmup=1)
    return harness.Timings({name: samples / sizes.block for name, samples in timings.samples.items()})


def window_rows(preset, timings, target) -> list:
    """Rows of a frame's time with each window, its ratio to that without, and what 15 neighbours add to 5."""
    rows = [timings[name].row(f"{preset}, {name}", "ms a frame", 1e3) for name in timings.samples]
    for name in timings.samples:
        if name != NONE:
            ratio = timings.ratio(name, NONE)
            rows.append(ratio.row(f"{preset}, {name} / {NONE}", "times", target=target if name == "n=5" else None))
    return rows + extra_rows(preset, timings)


def extra_rows(preset, timings) -> list:
    """Rows of what 5 and 15 neighbours add to a frame's time, and of the one in parts of the other.

    Of medians, since the difference of single turns may be next to nothing; spreads are those of resampled turns. There
    is no ratio where what 5 neighbours add cannot be told from nothing.
    """
    samples = np.stack([timings.samples[name] for name in (NONE, "n=5", "n=15")])
    turns = np.random.default_rng(0).integers(0, samples.shape[1], (1000, samples.shape[1]))
    medians = np.concatenate([np.median(samples, axis=1)[:, None], np.median(samples[:, turns], axis=2)], axis=1)
    five, fifteen = medians[1:] - medians[0]  # the first is that of all turns
    rows = [
        harness.Row(
            f"{preset}, what {name} adds", added[0] * 1e3, "ms a frame", *np.percentile(added, (2.5, 97.5)) * 1e3
        )
        for name, added in (("n=5", five), ("n=15", fifteen))
    ]
    if np.percentile(five, 2.5) <= 0:
        return rows
    ratios = fifteen / five
    low, high = np.percentile(ratios, (2.5, 97.5))
    return [*rows, harness.Row(f"{preset}, what n=15 adds / what n=5 adds", ratios[0], "times", low, high, "<= 1.3")]


def read_video(path, num_frames, chunk=16):
    """Yields the frames of a video in rising order."""
    frames = video.VideoFrames(path)
    for start in range(0, num_frames, chunk):
        yield from frames.read(range(start, min(start + chunk, num_frames)))


def video_rows(predictor, sizes) -> list:
    """Rows of a video file to poses: frames a second, and the growth of memory."""
    frames = streaming_stages.make_frames()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "signer.mp4")
        video.write_video(path, itertools.islice(itertools.cycle(frames), sizes.video_frames), fps=25)
        predictor.flush()
        start, ends, resident = time.perf_counter(), [], {}
        for pose in predictor.predict(read_video(path, sizes.video_frames)):
            ends.append(time.perf_counter())
            if pose.frame + 1 in (sizes.settled_frame, sizes.video_frames):
                resident[pose.frame + 1] = resident_mb()
    return speed_rows(np.array(ends) - start, sizes) + memory_rows(resident)


def speed_rows(ends, sizes) -> list:
    """The row of frames a second over a whole video, with the spread of its tenths.

    Args:
      ends: float [frames], seconds from the start to each pose.
      sizes: `Sizes`.
    """
    tenths = np.diff(ends[:: sizes.video_frames // 10])
    low, high = np.percentile(sizes.video_frames // 10 / tenths, (2.5, 97.5))
    what = f"lite, n=5, a video of {sizes.video_frames} frames, decoded, to poses"
    return [harness.Row(what, len(ends) / ends[-1], "frames/s", low, high, ">= 30")]


def memory_rows(resident) -> list:
    """The row of the growth of memory between two frames of a video; none where the system does not say.

    Args:
      resident: dict frame -> MB or None.
    """
    (early, before), (late, after) = sorted(resident.items())
    if before is None:
        return []
    return [harness.Row(f"memory at frame {late} less that at frame {early}", after - before, "MB", target="<= 20")]


def resident_mb():
    """The process's memory in MB; None where there is no /proc."""
    if not os.path.exists("/proc/self/statm"):
        return None
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def paper_rows(frames) -> list:
    """Rows of the published net, where flow of better quality is to be had as well."""
    net = factory.build_model("heatmap", "paper", JOINTS, SIZE_HW)
    cases = {
        "n=5": (5, "centred", FLOW),
        "n=15": (15, "centred", FLOW),
        "n=5, dis_medium": (5, "centred", "dis_medium"),
    }
    timings = time_blocks(make_predictors(net, cases), frames, Sizes(repeats=10, block=2))
    return window_rows("paper", timings, "<= 1.10")


def main(argv=None):
    parser = harness.make_parser("What a window of frames costs on video.")
    parser.add_argument("--tf_threads", type=int, default=0, help="threads of a TensorFlow operation; 0: as it likes")
    arguments = parser.parse_args(argv)
    if arguments.tf_threads:
        tf.config.threading.set_intra_op_parallelism_threads(arguments.tf_threads)
    keras.utils.set_random_seed(0)
    sizes = Sizes(repeats=5, block=10, video_frames=100, settled_frame=40) if arguments.quick else Sizes()
    frames = streaming_stages.make_frames()
    net = factory.build_model("heatmap", "lite", JOINTS, SIZE_HW)
    cases = {
        "n=5": (5, "centred", FLOW),
        "n=15": (15, "centred", FLOW),
        "n=5, causal": (5, "causal", FLOW),
        "n=15, causal": (15, "causal", FLOW),
    }
    predictors = make_predictors(net, cases)
    rows = window_rows("lite", time_blocks(predictors, frames, sizes), "<= 1.5")
    rows += streaming_stages.stage_rows(net, sizes.repeats)
    rows += video_rows(predictors["n=5"], sizes)
    if not arguments.quick:
        rows += paper_rows(frames)
    harness.report("streaming", rows, arguments)


if __name__ == "__main__":
    main()
