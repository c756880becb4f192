"""Writes shards, each by one thread or one process. Their bytes follow from the plan, not from who writes them."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from keras_pose import console, files
from keras_pose.cluster import jobs as cluster_jobs
from keras_pose.cluster import ray_jobs
from keras_pose.data import selection, shard_files
from keras_pose.data.clip import Clip
from keras_pose.data.source import Source
from keras_pose.sharding import encoding, folder
from keras_pose.sharding.config import ALL, JPEG, PrepareConfig
from keras_pose.sharding.examples import make_example
from keras_pose.sharding.index_writer import IndexWriter
from keras_pose.sharding.planning import Part
from keras_pose.sharding.preparing import Prepared, change_digest


class StoppedError(Exception):
    """Another shard has failed, or Ctrl-C was pressed."""


def write_shards(prepared: Prepared) -> dict[str, Any]:
    """Writes the shards that are left, then shards.json.

    Args:
      prepared: what `preparing.prepare` found.

    Returns:
      The content of shards.json.

    Raises:
      ValueError: if a frame cannot be read; the message names file and frame.
      OSError: if a file cannot be written.
    """
    began = time.monotonic()
    config = prepared.config
    jobs = [make_job(prepared, number) for number in prepared.left]
    total = sum(job.num_records for job in jobs)
    with contextlib.closing(console.Meter("preparing", total, "frames")) as meter:
        if config.ray.ray_address:
            for written in cluster_jobs.run(ShardWork(config), jobs, config.ray):
                if isinstance(written, str):
                    raise OSError(written)
                meter.advance(written)
            for job in jobs:
                with contextlib.suppress(FileNotFoundError):
                    os.remove(_lock_file(config, job))
        else:
            _write_here(prepared, jobs, meter)
    description = folder.finish(config.out_dir, prepared.plan, prepared.names)
    prepared.echo(_describe_result(config, description, total, time.monotonic() - began))
    return description


@dataclasses.dataclass(frozen=True)
class ShardJob:
    """A shard to write.

    Args:
      name: its file name.
      parts: what goes into it.
      pictures: {clip: {position: digest of the picture in the source}} of its clips.
    """

    name: str
    parts: list[Part]
    pictures: dict[str, dict[int, str]]

    @property
    def num_records(self) -> int:
        """How many records it has."""
        return sum(len(part.records) for part in self.parts)


def make_job(prepared: Prepared, number: int) -> ShardJob:
    """Returns the job that writes shard `number`."""
    parts = prepared.shards[number]
    names = {prepared.source.clips[part.clip].name for part in parts}
    return ShardJob(prepared.names[number], parts, {name: prepared.pictures[name] for name in names})


@dataclasses.dataclass(frozen=True)
class ShardWork:
    """What is done with each shard on a cluster (`cluster.jobs.Work`).

    Args:
      config: the flags.
    """

    config: PrepareConfig

    def open(self) -> Callable[[ShardJob], int]:
        """Opens the source; its frames were counted before."""
        source = selection.open_data(self.config.data.source, self.config.data)

        def write(job: ShardJob) -> int:
            with ray_jobs.hold_job(_lock_file(self.config, job)):
                write_shard(self.config, source, job, lambda: None)
            return job.num_records

        return write

    def fail(self, job: ShardJob, reason: str) -> str:
        """Returns why a shard could not be written."""
        return f"{job.name}: {reason}"


def _lock_file(config, job):
    return os.path.join(config.out_dir, f".{job.name}.lock")


def _write_here(prepared, jobs, meter):
    """Writes shards by threads of this process."""
    config = prepared.config
    stop = threading.Event()
    lock = threading.Lock()

    def advance() -> None:
        if stop.is_set():
            raise StoppedError
        with lock:
            meter.advance()

    pool = concurrent.futures.ThreadPoolExecutor(config.num_workers)
    try:
        running = [pool.submit(write_shard, config, prepared.source, job, advance) for job in jobs]
        for each in concurrent.futures.as_completed(running):
            each.result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def write_shard(config: PrepareConfig, source: Source, job: ShardJob, advance: Callable[[], None]) -> None:
    """Writes a shard, then its index.

    Args:
      config: the flags.
      source: the source, with valid labels only.
      job: the shard.
      advance: function that is called after each record.
    """
    path = os.path.join(config.out_dir, job.name)
    landmarks = max(len(clip.landmarks) for clip in source.clips)
    index = IndexWriter(source.skeleton.num_joints, landmarks)
    try:
        with files.replace_atomically(path) as temporary:
            with tf.io.TFRecordWriter(temporary) as writer:
                for part in job.parts:
                    for data in _make_records(source.clips[part.clip], job, part, config, index):
                        writer.write(data)
                        advance()
            index.finish(temporary)
    except tf.errors.OpError as error:
        raise OSError(f"{path}: cannot be written: {error.message.rpartition('; ')[2]}") from error
    files.write_arrays(os.path.join(config.out_dir, shard_files.index_name(job.name)), index.arrays())


def _make_records(clip: Clip, job: ShardJob, part: Part, config: PrepareConfig, index: IndexWriter) -> Iterator[bytes]:
    rows = {int(position): row for row, position in enumerate(clip.labelled)}
    windows = config.frames == ALL or config.window > 0
    twice = {position for position, alone in part.records if alone}
    last = part.records[-1][0]
    if windows and not part.records[-1][1] and last in encoding.images_apart(clip):
        twice.add(last)  # its image is the first record of the next shard
    pictures = encoding.encode_records(clip, part.records, windows, config.frame_format, config.jpeg_quality)
    for position, alone, picture, copied in pictures:
        # The record of the image has the labels, if there are two of a frame.
        row = rows.get(position) if alone or position not in twice else None
        data = make_example(clip, position, alone, row, picture)
        index.add(part.clip, position, alone, data, picture)
        if row is not None:
            digest = job.pictures[clip.name].get(position, "")
            exact = copied or config.frame_format != JPEG
            index.add_label(clip, part.clip, row, digest if exact else change_digest(digest, config.jpeg_quality))
        yield data


def _describe_result(config: PrepareConfig, description: dict[str, Any], written: int, seconds: float) -> str:
    shards: Sequence[dict[str, Any]] = description["shards"]
    frames = sum(shard["frames"] for shard in shards)
    size = sum(shard["bytes"] for shard in shards)
    rate = console.format_rate(written / max(seconds, 1e-3), "frames")
    return (
        f"{config.out_dir}: {frames} frames ({sum(s['labelled'] for s in shards)} labelled) of "
        f"{len(description['clips'])} clips in {len(shards)} shards, {size / 1e6:.1f} MB ({size / frames / 1e3:.1f} kB "
        f"a frame), {rate}; train with --data={config.out_dir}"
    )
