"""The index of a shard while the shard is written (`data.shard_files` says what it is for)."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import numpy as np

from keras_pose.data import shard_files
from keras_pose.data.clip import Clip

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


class IndexWriter:
    """Collects what the index of a shard says.

    Args:
      num_joints: J.
      num_landmarks: the most landmarks of a clip.
    """

    def __init__(self, num_joints: int, num_landmarks: int) -> None:
        self._num_joints = num_joints
        self._num_landmarks = num_landmarks
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
