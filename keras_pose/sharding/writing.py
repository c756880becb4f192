"""Writes shards, each by one thread. Their bytes follow from the plan, not from who writes them, or when."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from keras_pose import console, files
from keras_pose.data import shard_files
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
    left = prepared.left
    total = sum(len(part.records) for number in left for part in prepared.shards[number])
    stop = threading.Event()
    lock = threading.Lock()
    with contextlib.closing(console.Meter("preparing", total, "frames")) as meter:

        def advance() -> None:
            if stop.is_set():
                raise StoppedError
            with lock:
                meter.advance()

        pool = concurrent.futures.ThreadPoolExecutor(config.num_workers)
        try:
            jobs = [pool.submit(write_shard, prepared, number, advance) for number in left]
            for job in concurrent.futures.as_completed(jobs):
                job.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    description = folder.finish(config.out_dir, prepared.plan, prepared.names)
    prepared.echo(_describe_result(config, description, total, time.monotonic() - began))
    return description


def write_shard(prepared: Prepared, number: int, advance: Any) -> None:
    """Writes a shard, then its index.

    Args:
      prepared: what to write.
      number: number of the shard.
      advance: function that is called after each record.
    """
    config = prepared.config
    path = os.path.join(config.out_dir, prepared.names[number])
    landmarks = max(len(clip.landmarks) for clip in prepared.source.clips)
    index = IndexWriter(prepared.source.skeleton.num_joints, landmarks)
    try:
        with files.replace_atomically(path) as temporary:
            with tf.io.TFRecordWriter(temporary) as writer:
                for part in prepared.shards[number]:
                    for data in _make_records(prepared, part, config, index):
                        writer.write(data)
                        advance()
            index.finish(temporary)
    except tf.errors.OpError as error:
        raise OSError(f"{path}: cannot be written: {error.message.rpartition('; ')[2]}") from error
    files.write_arrays(os.path.join(config.out_dir, shard_files.index_name(prepared.names[number])), index.arrays())


def _make_records(prepared: Prepared, part: Part, config: PrepareConfig, index: IndexWriter) -> Iterator[bytes]:
    clip = prepared.source.clips[part.clip]
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
            digest = prepared.pictures[clip.name].get(position, "")
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
