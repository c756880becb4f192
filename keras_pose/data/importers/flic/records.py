"""Reads FLIC as TensorFlow Datasets stores it: pictures and labels in TFRecord files. Needs no other package.

Each record is a `tf.train.Example`: `image` (bytes of a JPEG or PNG file), `xcoords` and `ycoords` (29 columns each, as
in `examples.mat`: px from 1, NaN if not labelled), `moviename`, `currframe`, and `torsobox` (ymin, xmin, ymax, xmax as
fractions of the sides).

Source of the layout of a file: tensorflow.org/tutorials/load_data/tfrecord. A record is its length (uint64), a checksum
(4 bytes), the data and a checksum (4 bytes).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from keras_pose.data.importers.flic.rows import COLUMNS, FIRST_PIXEL, NUM_COLUMNS, FlicRow, region_of
from keras_pose.data.importers.stored_images import StoredImages
from keras_pose.media.images import decode_image

_HEAD = 12
_TAIL = 4


class RecordFrames(StoredImages):
    """Pictures in TFRecord files (a `Frames`; `num_frames` is None). Only their places are kept in memory.

    Args:
      places: (file, offset, length) of each record, by position.

    Raises:
      ValueError: if the first picture cannot be read; the message names its file and record.
    """

    def __init__(self, places: Sequence[tuple[str, int, int]]) -> None:
        self._places = list(places)
        self.size_hw = self._read(0).shape[:2]

    def _read_checked(self, position):
        image = self._read(position)
        if image.shape[:2] != tuple(self.size_hw):
            raise ValueError(
                f"{self._places[position][0]}: expected pictures of {self.size_hw[0]}×{self.size_hw[1]} px "
                f"(height×width), found {image.shape[0]}×{image.shape[1]}"
            )
        return image

    def _read(self, position):
        if not 0 <= position < len(self._places):
            raise ValueError(f"expected a picture from 0 to {len(self._places) - 1}, received {position}")
        path, offset, length = self._places[position]
        data = _bytes_list(_parse(_read_bytes(path, offset, length), path), "image")
        if not data:
            raise ValueError(f"{path}: expected a picture in the feature 'image' of the record at byte {offset}")
        return decode_image(data[0], f"{path} (record at byte {offset})")


def read_records(paths: Sequence[str], part: str) -> Iterator[FlicRow]:
    """Yields the rows of the files of a part.

    Raises:
      ValueError: if a file is cut off, or its records are others; the message names it and what is missing.
    """
    places = [(path, offset, length) for path in paths for offset, length in list_records(path)]
    if not places:
        raise ValueError(f"{paths[0]}: expected records of FLIC, found none ({os.path.getsize(paths[0])} bytes)")
    frames = RecordFrames(places)
    for position, (path, offset, length) in enumerate(places):
        example = _parse(_read_bytes(path, offset, length), path)
        place = f"{os.path.basename(path)}, record at byte {offset}"
        coords = np.stack([_floats(example, name, NUM_COLUMNS, place) for name in ("xcoords", "ycoords")], 1)
        top, left, bottom, right = _floats(example, "torsobox", 4, place)
        height, width = frames.size_hw
        torso_box = np.array([left * width, top * height, right * width, bottom * height]) - FIRST_PIXEL
        film = _bytes_list(example, "moviename")
        yield FlicRow(
            place=place,
            part=part,
            film=film[0].decode("utf-8", "replace") if film else "",
            file=f"{part}:{position}",
            points=coords[list(COLUMNS)] - FIRST_PIXEL,
            torso_box=torso_box,
            frames=frames,
            position=position,
            region=region_of(torso_box, frames.size_hw),
        )


def list_records(path: str) -> list[tuple[int, int]]:
    """Returns (offset, length) in bytes of the data of each record.

    Raises:
      ValueError: if the file is cut off or no TFRecord file.
    """
    size = os.path.getsize(path)
    found = []
    place = 0
    with open(path, "rb") as file:
        while place < size:
            file.seek(place)
            head = file.read(_HEAD)
            length = struct.unpack("<Q", head[:8])[0] if len(head) == _HEAD else size
            if place + _HEAD + length + _TAIL > size:
                raise ValueError(
                    f"{path}: cut off, or no TFRecord file: the record at byte {place} ends behind the end of the file "
                    f"({size} bytes); prepare the data set again"
                )
            found.append((place + _HEAD, length))
            place += _HEAD + length + _TAIL
    return found


def _read_bytes(path, offset, length):
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(length)


def _parse(data, path):
    import tensorflow as tf

    try:
        return tf.train.Example.FromString(data).features.feature
    except Exception as error:  # DecodeError, whose module differs between versions of protobuf
        raise ValueError(f"{path}: expected records of TensorFlow Datasets (tf.train.Example): {error}") from error


def _bytes_list(features, name):
    return list(features[name].bytes_list.value) if name in features else []


def _floats(features, name, count, place):
    values = np.array(features[name].float_list.value if name in features else (), np.float64)
    if len(values) != count:
        raise ValueError(f"{place}: expected {count} numbers in the feature {name!r}, found {len(values)}")
    return values
