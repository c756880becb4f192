"""From hours of video to core hours: `python -m benchmarks.cost_model [--quick] [--price_per_core_hour=<amount>]
[--cores=<number>] [--fps=25] [--json=<file>]`.

A 640×480 H.264 video is predicted to CSV (an untrained `lite` of 256×256 px: speed does not depend on weights) with
single frames and with a flowing net (5 neighbours on each side, flow on), annotated by the net that comes with this
package, and written to shards with all its frames. A rate is frames for each second of this process's CPU time, which
other programs on the machine change little: what one quiet core does in a second. The spread is over repeats.

The table multiplies: hours of video · 3600 · frames a second / rate / 3600 = core hours. Work on videos is done in
parallel without talk between machines, so that n cores take 1/n of the time, as long as disks keep up and there are
more videos than jobs. Two hyperthreads of a cloud's virtual core do about as much as one core.
`--price_per_core_hour` adds the price, in the currency of that amount; there is no default.
"""

from __future__ import annotations

import functools
import os
import tempfile
import time
from collections.abc import Callable, Sequence

import keras_pose
from benchmarks import predict as speed
from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread
from keras_pose import options, shipped
from keras_pose.analysis import video_analysis
from keras_pose.analysis.several_videos import VideoJob
from keras_pose.annotating import many_videos
from keras_pose.annotating.config import AnnotateConfig
from keras_pose.poses import formats
from keras_pose.sharding import preparing, writing
from keras_pose.sharding.config import PrepareConfig

HOURS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
SINGLE = "predict, single frames"
FLOWING = "predict, flow, n=5"
ANNOTATE = "annotate, upper_body"
SHARDS = "shards of all frames, JPEG"


def make_works(path: str, folder: str) -> dict[str, Callable[[str], object]]:
    """Returns the works on a video, each a function of a new folder to write to.

    Args:
      path: path of the video.
      folder: folder for what they share.
    """
    open_model = functools.lru_cache(speed.open_ours)
    name = shipped.find("upper_body")
    teacher = keras_pose.load(name)
    places = list(range(teacher.skeleton.num_joints))
    labels = os.path.join(folder, "labels")

    def to_csv(kind, out_dir):
        formats.write(os.path.join(out_dir, "poses.csv"), video_analysis.analyse(open_model(kind), path))

    def annotate(out_dir):
        # The confidence of a net that sees no people does not matter to its speed.
        config = AnnotateConfig(name, (path,), out_dir, min_confidence=0.0, min_kept=0.0, min_agreeing=0.0)
        many_videos.process(teacher, places, config, VideoJob(path, "video", {}))

    def prepare(out_dir):
        flags = {"data": labels, "out_dir": out_dir, "frames": "all", "frame_format": "jpeg", "workers": 1}
        with preparing.prepare(options.build(PrepareConfig, flags), lambda line: None) as prepared:
            writing.write_shards(prepared)

    config = AnnotateConfig(name, (path,), labels, min_confidence=0.0, min_kept=0.0, min_agreeing=0.0)
    many_videos.annotate(config, [path], lambda line: None)
    return {
        SINGLE: lambda out_dir: to_csv("heatmap", out_dir),
        FLOWING: lambda out_dir: to_csv("flowing", out_dir),
        ANNOTATE: annotate,
        SHARDS: prepare,
    }


def measure(works: dict[str, Callable[[str], object]], num_frames: int, repeats: int, folder: str) -> dict[str, Spread]:
    """Returns frames a CPU second of each work; the first pass of each, which loads and traces, is not counted.

    Args:
      works: functions of a new folder.
      num_frames: frames of the video.
      repeats: passes of each.
      folder: folder to write to.
    """
    rates: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(repeats + 1):
        for number, (name, work) in enumerate(works.items()):
            out_dir = os.path.join(folder, f"{turn}-{number}")
            os.makedirs(out_dir)
            began = time.process_time()
            work(out_dir)
            if turn:
                rates[name].append(num_frames / (time.process_time() - began))
    return {name: Spread.from_samples(each) for name, each in rates.items()}


def core_hours(hours: float, fps: float, rate: float) -> float:
    """Returns the core hours that so many hours of video take.

    Args:
      hours: hours of video.
      fps: its frames per second.
      rate: frames a core second.
    """
    return hours * fps / rate


def format_costs(rates: dict[str, float], fps: float, price: float | None = None, cores: int | None = None) -> str:
    """Returns the table of core hours for 1 to a million hours of video.

    Args:
      rates: frames a core second of each work.
      fps: frames per second of the videos.
      price: of a core hour; None: no prices.
      cores: cores that work at the same time, to say how many days that takes; None: do not say it.
    """
    lines = [["hours of video", *(f"{name}: core hours" for name in rates)]]
    if price is not None:
        lines[0] += [f"{name}: price" for name in rates]
    if cores:
        lines[0] += [f"{name}: days on {cores} cores" for name in rates]
    for hours in HOURS:
        needed = [core_hours(hours, fps, rate) for rate in rates.values()]
        cells = [f"{hours:,}", *(f"{each:,.3g}" if each < 100 else f"{each:,.0f}" for each in needed)]
        cells += [f"{each * price:,.2f}" for each in needed] if price is not None else []
        cells += [f"{each / cores / 24:,.3g}" for each in needed] if cores else []
        lines.append(cells)
    return "\n".join("| " + " | ".join(line) + " |" for line in [lines[0], ["---:"] * len(lines[0]), *lines[1:]])


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("From hours of video to core hours, by rates measured on this machine.")
    parser.add_argument("--fps", type=float, default=25.0, help="Frames per second of the videos; more costs more.")
    parser.add_argument("--price_per_core_hour", type=float, help="Price of a core hour; left out: no prices.")
    parser.add_argument("--cores", type=int, help="Cores that work at the same time; left out: no days.")
    arguments = parser.parse_args(argv)
    num_frames, repeats = (50, 2) if arguments.quick else (100, 5)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "video.mp4")
        speed.make_video(path, num_frames)
        rates = measure(make_works(path, folder), num_frames, repeats, folder)
    rows: list[Row] = [spread.to_row(name, "frames/core s") for name, spread in rates.items()]
    harness.report("cost_model", rows, arguments)
    medians = {name: spread.median for name, spread in rates.items()}
    print(f"\nat {arguments.fps:g} frames a second:\n")
    print(format_costs(medians, arguments.fps, arguments.price_per_core_hour, arguments.cores))


if __name__ == "__main__":
    main()
