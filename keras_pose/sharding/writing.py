"""Writes shards, several at a time, each by one thread. Its bytes follow from the plan, not from who writes it or when.

A record is a `tf.train.Example`:

    frame/encoded, frame/format      bytes: the picture, and png or jpeg
    frame/size_hw                    int64 [2], (height, width) in px
    clip, session, group, position   bytes, bytes, bytes, int64: which frame it is
    labelled, alone                  int64: whether it has labels; whether another record has the video of this frame
    joints                           float32 [J·2], (x, y) in px of the frame; NaN: unlabelled
    visibility, weights              int64 [J], 0 unlabelled, 1 hidden, 2 visible; float32 [J], 0 if unlabelled
    landmark/<name>                  float32 [2], of the landmarks of the clip
    origin                           bytes: the place of the label, for messages
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_pose import console, files
from keras_pose.data import shard_files
from keras_pose.data.clip import UNLABELLED, Clip
from keras_pose.sharding import encoding, folder
from keras_pose.sharding.config import ALL, JPEG, PrepareConfig
from keras_pose.sharding.planning import Part
from keras_pose.sharding.preparing import Prepared, change_digest

_RECORD_FIELDS = {
    "offset": np.int64,
    "length": np.int64,
    "crc": np.uint32,
    "picture_start": np.int64,
    "picture_length": np.int64,
    "clip": np.int32,
    "position": np.int32,
    "alone": bool,
}
_JPEG_START = b"\xff\xd8"


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
    index = _Index(prepared)
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


def _make_records(prepared: Prepared, part: Part, config: PrepareConfig, index: _Index) -> Iterator[bytes]:
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
        data = _make_example(clip, position, alone, row, picture)
        index.add(part.clip, position, alone, data, picture)
        if row is not None:
            digest = prepared.pictures[clip.name].get(position, "")
            exact = copied or config.frame_format != JPEG
            index.add_label(clip, part.clip, row, digest if exact else change_digest(digest, config.jpeg_quality))
        yield data


def _make_example(clip: Clip, position: int, alone: bool, row: int | None, picture: bytes) -> bytes:
    num_joints = clip.joints.shape[1]
    unlabelled = np.full((num_joints, 2), np.nan, np.float32)
    visibility = clip.visibility[row] if row is not None else np.zeros(num_joints, np.uint8)
    weights = np.where(visibility == UNLABELLED, 0, clip.weights[row]) if row is not None else np.zeros(num_joints)
    features = {
        "frame/encoded": _bytes(picture),
        "frame/format": _bytes(b"jpeg" if picture.startswith(_JPEG_START) else b"png"),
        "frame/size_hw": _ints(clip.frames.size_hw),
        "clip": _text(clip.name),
        "session": _text(clip.session),
        "group": _text(clip.group),
        "position": _ints([position]),
        "labelled": _ints([row is not None]),
        "alone": _ints([alone]),
        "joints": _floats(clip.joints[row] if row is not None else unlabelled),
        "visibility": _ints(visibility),
        "weights": _floats(weights),
        "origin": _text(clip.origins[row] if row is not None else ""),
    }
    for name, points in clip.landmarks.items():
        features[f"landmark/{name}"] = _floats(points[row] if row is not None else unlabelled[0])
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def _bytes(value):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def _text(value):
    return _bytes(value.encode(errors="surrogateescape"))


def _ints(values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(v) for v in values]))


def _floats(values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=np.asarray(values, np.float32).ravel()))


class _Index:
    """Collects what the index of a shard says."""

    def __init__(self, prepared: Prepared) -> None:
        clips = prepared.source.clips
        self._num_landmarks = max(len(clip.landmarks) for clip in clips)
        self._num_joints = prepared.source.skeleton.num_joints
        self._records: dict[str, list[Any]] = {name: [] for name in _RECORD_FIELDS}
        self._labels: dict[str, list[Any]] = {name: [] for name in ("clip", "position", "digest", "origin")}
        self._arrays: dict[str, list[np.ndarray]] = {n: [] for n in ("joints", "visibility", "weights", "landmarks")}
        self._end = 0
        self._sha256 = ""

    def add(self, clip: int, position: int, alone: bool, data: bytes, picture: bytes) -> None:
        """Adds a record behind the others."""
        place = (self._end, len(data), zlib.crc32(data), data.index(picture), len(picture), clip, position, alone)
        for name, value in zip(_RECORD_FIELDS, place):
            self._records[name].append(value)
        self._end += len(data) + shard_files.FRAMING

    def add_label(self, clip: Clip, number: int, row: int, digest: str) -> None:
        """Adds the labels of a frame."""
        for name, value in zip(self._labels, (number, int(clip.labelled[row]), digest, clip.origins[row])):
            self._labels[name].append(value)
        landmarks = np.full((self._num_landmarks, 2), np.nan, np.float32)
        for place, points in enumerate(clip.landmarks.values()):
            landmarks[place] = points[row]
        values = (clip.joints[row], clip.visibility[row], clip.weights[row], landmarks)
        for name, value in zip(self._arrays, values):
            self._arrays[name].append(value)

    def finish(self, path: str) -> None:
        """Compares the size of the shard, and takes its checksum."""
        if os.path.getsize(path) != self._end:
            raise OSError(f"{path}: expected {self._end} bytes, found {os.path.getsize(path)}")
        self._sha256 = shard_files.digest_file(path)

    def arrays(self) -> dict[str, np.ndarray]:
        """Returns the arrays of the file (`data.shard_files`)."""
        found = {name: np.array(self._records[name], kind) for name, kind in _RECORD_FIELDS.items()}
        joints = self._num_joints
        shapes = {"joints": (joints, 2), "visibility": (joints,), "weights": (joints,)}
        shapes["landmarks"] = (self._num_landmarks, 2)
        for name, shape in shapes.items():
            kind = np.uint8 if name == "visibility" else np.float32
            found[name] = np.array(self._arrays[name], kind).reshape(len(self._labels["clip"]), *shape)
        found["label_clip"] = np.array(self._labels["clip"], np.int32)
        found["label_position"] = np.array(self._labels["position"], np.int32)
        found["picture_digest"] = np.array(self._labels["digest"], "S16")
        found["origins"] = np.frombuffer(json.dumps(self._labels["origin"]).encode(), np.uint8)
        found["bytes"] = np.array(self._end, np.int64)
        found["sha256"] = np.array(self._sha256)
        return found


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
