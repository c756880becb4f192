"""The files of a folder of shards: their names, the index beside each shard, and records read by their place.

    shards.json                             what the folder holds: settings, skeleton, clips, shards, notes
    frames-00000-of-00012.tfrecord          records of TensorFlow's TFRecord format, one `tf.train.Example` a frame
    frames-00000-of-00012.index.npz         where each record lies, its checksum, and the labels of its frames

A record is framed by 8 bytes of length, 4 of CRC, the data, and 4 of CRC (TensorFlow, `lib/io/record_writer.h`). The
index has its own checksum of the data (CRC-32, as in zlib), so that reading needs no TensorFlow. Letters: R records,
N labelled frames, J joints, L landmarks.
"""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import json
import os
import threading
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from keras_pose import files
from keras_pose.data.clip import Clip

DESCRIPTION = "shards.json"
VERSION = 1
FRAMING_BEFORE = 12  # bytes of a record before its data: the length and its checksum
FRAMING = 16  # and with the checksum behind it
_OPEN_FILES = 64
_CHUNK = 1 << 20


def shard_name(number: int, count: int) -> str:
    """Returns the file name of a shard."""
    return f"frames-{number:05d}-of-{count:05d}.tfrecord"


def index_name(name: str) -> str:
    """Returns the file name of the index of a shard."""
    return f"{name[: -len('.tfrecord')]}.index.npz"


def digest_bytes(data: bytes) -> str:
    """Returns the SHA-256 of bytes, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: str) -> str:
    """Returns the SHA-256 of a file, in hexadecimal digits."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            if not chunk:
                return found.hexdigest()
            found.update(chunk)


def digest_description(description: Mapping[str, Any]) -> str:
    """Returns the digest of a description, without its own field `digest`."""
    rest = {name: value for name, value in description.items() if name != "digest"}
    return digest_bytes(json.dumps(rest, sort_keys=True).encode())


def clip_texts() -> list[str]:
    """Returns the names of the fields of a clip, beside its name, that are text, such as its session."""
    return [field.name for field in dataclasses.fields(Clip) if field.type == "str" and field.name != "name"]


def read_description(folder: str) -> dict[str, Any]:
    """Reads shards.json.

    Args:
      folder: the folder, or the file itself.

    Raises:
      ValueError: if it is damaged, or of another version; the message names the file.
    """
    path = folder if os.path.basename(folder) == DESCRIPTION and os.path.isfile(folder) else None
    path = path or os.path.join(folder, DESCRIPTION)
    if not os.path.isfile(path):
        raise ValueError(f"{folder}: its shards are not all written; run the same `keras-pose prepare` again")
    found = files.read_json(path)
    if not isinstance(found, dict) or "version" not in found:
        raise ValueError(f"{path}: expected the description of shards that `keras-pose prepare` wrote")
    if found["version"] != VERSION:
        raise ValueError(f"{path}: expected version {VERSION} of the format of shards, found {found['version']!r}")
    if found.get("digest") != digest_description(found):
        raise ValueError(f"{path}: damaged or edited: its content does not fit its checksum")
    return found


def read_index(folder: str, entry: Mapping[str, Any], check: bool = True) -> dict[str, np.ndarray]:
    """Reads the index of a shard.

    Args:
      folder: the folder.
      entry: what shards.json says about the shard.
      check: whether to compare the checksum of the index.

    Raises:
      ValueError: if it, or its shard, is missing, damaged or of another size; the message names it.
    """
    shard = os.path.join(folder, entry["file"])
    path = os.path.join(folder, index_name(entry["file"]))
    for needed in (shard, path):
        if not os.path.isfile(needed):
            raise ValueError(f"{needed}: missing; {DESCRIPTION} says that it is in this folder")
    if os.path.getsize(shard) != entry["bytes"]:
        raise ValueError(f"{shard}: expected {entry['bytes']} bytes, found {os.path.getsize(shard)}: cut or damaged")
    if check:
        with open(path, "rb") as file:
            if digest_bytes(file.read()) != entry["index_sha256"]:
                raise ValueError(f"{path}: damaged: its content does not fit its checksum in {DESCRIPTION}")
    return files.read_arrays(path, "the index of a shard")


class ShardReader:
    """Reads records by their place; safe to share between threads. Keeps at most 64 files open, and no data.

    Args:
      folder: the folder of the shards.
      names: file names of the shards.
    """

    def __init__(self, folder: str, names: list[str]) -> None:
        self.folder = folder
        self._names = names
        self._open: collections.OrderedDict[int, _OpenFile] = collections.OrderedDict()
        self._lock = threading.Lock()

    def path(self, shard: int) -> str:
        """Returns the path of a shard."""
        return os.path.join(self.folder, self._names[shard])

    def read(self, shard: int, offset: int, length: int, crc: int, describe: str) -> bytes:
        """Returns the data of a record.

        Args:
          shard: number of the shard.
          offset, length: where its data begins in the file, and how long it is, in bytes.
          crc: CRC-32 of the data.
          describe: names the record in messages.

        Raises:
          ValueError: if the file is missing, or the data damaged; the message names file and record.
        """
        file = self._file(shard)  # the name keeps it open while it is read
        data = os.pread(file.descriptor, length, offset)
        if len(data) != length or zlib.crc32(data) != crc:
            fault = "the file is cut" if len(data) != length else "its data does not fit its checksum"
            raise ValueError(
                f"{self.path(shard)}: {describe}: damaged, {fault}; `keras-pose prepare --check={self.folder}` lists "
                "all damaged records"
            )
        return data

    def _file(self, shard):
        with self._lock:
            if shard not in self._open:
                self._open[shard] = _OpenFile(self.path(shard))
                if len(self._open) > _OPEN_FILES:
                    self._open.popitem(last=False)  # closed when the last thread has read from it
            self._open.move_to_end(shard)
            return self._open[shard]


class _OpenFile:
    """A file that is closed when nobody refers to it any more."""

    def __init__(self, path):
        self.descriptor = -1
        try:
            self.descriptor = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise ValueError(f"{path}: cannot be read: {os.strerror(error.errno)}") from error

    def __del__(self):
        if self.descriptor >= 0:
            os.close(self.descriptor)
