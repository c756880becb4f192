"""How fast training reads frames from shards, and how large they are. `python -m benchmarks.shards [--quick]
[--data=<source>[,…]] [--json=<file>]`.

A source of data, and shards of it as PNG and as JPEG, each of labelled frames with two neighbours on each side. Three
questions; rates are frames for each second of CPU time of this process, which other programs on the machine change
little: what one quiet core does in a second.

- How many labelled frames a first epoch reads (no frame in memory): single frames, and windows of five, in the random
  order of training, by the function that the pipeline calls. The cases take turns; the spread is over the turns. The
  system's cache of files is warm for all of them.
- How many bytes a frame takes, and how many grey levels JPEG changes it (mean and 99th percentile of the absolute
  difference).
- How many frames are written; the spread is over the shards.

The last rows scale size and time to the 6 million frames of extended BBC Pose, by proportion.
"""

from __future__ import annotations

import collections
import dataclasses
import os
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread
from keras_pose import options
from keras_pose.data import selection
from keras_pose.data.config import DataConfig
from keras_pose.data.samples import Samples
from keras_pose.data.source import Source
from keras_pose.sharding import preparing, writing
from keras_pose.sharding.config import PrepareConfig

BBC_FRAMES = 6_000_000
INPUT_SIZE_HW = (128, 128)
SHARD_FRAMES = 128
NEIGHBOURS = 2
FORMATS = {"png": {"frame_format": "png"}, "jpeg 95": {"frame_format": "jpeg"}}
SOURCE = "source"
READINGS = {"single frames": (0,), f"windows of {2 * NEIGHBOURS + 1}": tuple(range(-NEIGHBOURS, NEIGHBOURS + 1))}


@dataclasses.dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Args:
      rounds: turns of each case.
      frames: labelled frames that a turn reads.
    """

    rounds: int
    frames: int


def write_shards(data: str, folder: str, **flags: object) -> list[float]:
    """Writes shards one after the other; returns the frames a CPU second of each."""
    fixed = {"data": data, "out_dir": folder, "window": NEIGHBOURS, "frames_per_shard": SHARD_FRAMES}
    config = options.build(PrepareConfig, {**fixed, **flags})
    rates = []
    with preparing.prepare(config, lambda line: None) as prepared:
        for number in prepared.left:
            begin = time.process_time()
            writing.write_shard(prepared.config, prepared.source, writing.make_job(prepared, number), lambda: None)
            count = sum(len(part.records) for part in prepared.shards[number])
            rates.append(count / (time.process_time() - begin))
        writing.write_shards(dataclasses.replace(prepared, left=[]))
    return rates


def time_reading(source: Source, offsets: Sequence[int], count: int, seed: int) -> float:
    """Returns the labelled frames a CPU second of the first batches of a training, without a cache."""
    samples = Samples(source.clips, INPUT_SIZE_HW, offsets, cache=False)
    order = samples.shuffled_positions(seed, range(min(count, len(samples))))
    begin = time.process_time()
    for start in range(0, len(order), 8):
        samples.read_batch(order[start : start + 8])
    return len(order) / (time.process_time() - begin)


def measure_loss(source: Source, shards: Source, count: int) -> tuple[float, float]:
    """Returns mean and 99th percentile of the absolute difference of labelled frames, in grey levels."""
    rows = [(place, row) for place, clip in enumerate(source.clips) for row in range(clip.num_labelled)]
    differences = []
    for place, row in rows[:: max(1, len(rows) // count)]:
        position = int(source.clips[place].labelled[row])
        original = source.clips[place].frames.read([position]).astype(np.int16)
        differences.append(np.abs(shards.clips[place].frames.read([position]) - original).ravel())
    found = np.concatenate(differences)
    return float(found.mean()), float(np.percentile(found, 99))


def measure(data: str, folder: str, sizes: Sizes) -> list[Row]:
    """Returns the rows of one source.

    Args:
      data: the source, as `--data`.
      folder: an empty folder for its shards.
      sizes: how much is measured.
    """
    name = os.path.basename(data.rstrip("/")) or data
    reading = options.build(DataConfig, {"data": data})
    source = selection.open_data(data, reading)
    opened = {SOURCE: source}
    written = {}
    for case, flags in FORMATS.items():
        place = os.path.join(folder, case)
        written[case] = write_shards(data, place, **flags)
        opened[case] = selection.open_data(place, DataConfig(source=place))
    rates: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
    for turn in range(sizes.rounds):
        for reading_name, offsets in READINGS.items():
            for case, shards in opened.items():
                rates[reading_name, case].append(time_reading(shards, offsets, sizes.frames, turn))
    rows = [
        Spread.from_samples(found).to_row(f"{name}: read {reading_name}, {case}", "labelled frames/CPU s")
        for (reading_name, case), found in rates.items()
    ]
    for case, found in written.items():
        rows.append(Spread.from_samples(found).to_row(f"{name}: write, {case}", "frames/CPU s"))
    for case in FORMATS:
        rows += _size_rows(name, case, os.path.join(folder, case), float(np.median(written[case])))
    mean, high = measure_loss(source, opened["jpeg 95"], sizes.frames)
    rows.append(Row(f"{name}: loss of jpeg 95, mean", mean, "grey levels"))
    rows.append(Row(f"{name}: loss of jpeg 95, 99th percentile", high, "grey levels"))
    return rows


def _size_rows(name, case, folder, rate):
    records = sum(_sizes(folder, ".tfrecord"))
    index = sum(_sizes(folder, ".npz"))
    frames = _count(folder)
    return [
        Row(f"{name}: size, {case}", records / frames / 1e3, "kB a frame"),
        Row(f"{name}: index, {case}", index / frames, "bytes a frame"),
        Row(f"{name}: 6 million frames, {case}", (records + index) / frames * BBC_FRAMES / 1e12, "TB"),
        Row(f"{name}: writing 6 million frames, {case}", BBC_FRAMES / rate / 3600, "CPU h"),
    ]


def _sizes(folder, ending):
    return [os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(ending)]


def _count(folder):
    from keras_pose.data import shard_files

    return sum(shard["frames"] for shard in shard_files.read_description(folder)["shards"])


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("How fast training reads from shards, and how large they are.")
    parser.add_argument(
        "--data", default="signers:train:40", help="Sources to measure, as --data of train.py, separated by commas."
    )
    arguments = parser.parse_args(argv)
    sizes = Sizes(rounds=1, frames=16) if arguments.quick else Sizes(rounds=3, frames=16)
    rows = []
    for data in arguments.data.split(","):
        with tempfile.TemporaryDirectory(prefix="shards-") as folder:
            rows += measure(data, folder, sizes)
    harness.report("shards", rows, arguments)


if __name__ == "__main__":
    main()
