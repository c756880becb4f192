"""Frames that are stored inside a SLEAP file (`.pkg.slp`): the labelled ones only, without neighbours in time.

Layout, as SLEAP and sleap-io write it: `<group>/video` holds the bytes of one PNG or JPEG file per row, `<group>/
frame_numbers` the number of each row in the video that it was cut from. Older files keep the channels as OpenCV has
them (`channel_order` BGR; without that attribute, files before format 1.4). `<group>/source_video` describes the video.
"""

from __future__ import annotations

import json
from typing import Any

import h5py
import numpy as np

from keras_pose import hdf5_file
from keras_pose.data.importers.stored_images import StoredImages
from keras_pose.media.images import decode_image

_FIRST_STATED_FORMAT = 1.4  # before it, the order of the channels is that of OpenCV


class EmbeddedFrames(StoredImages):
    """Images inside an HDF5 file (a `Frames`; `num_frames` is None). Safe to share between threads and processes.

    Args:
      path: the file.
      dataset: name of the data set with the images, such as `video0/video`, or of its group.

    Attributes:
      size_hw: (height, width) in px of the first image.
      source: path of the video that the images were cut from, as the file states it; empty if it does not.

    Raises:
      ValueError: if the file has no such images; the message names it.
    """

    def __init__(self, path: str, dataset: str) -> None:
        self.path = path
        try:
            with hdf5_file.open_whole(path) as file:
                found = file[dataset]
                found = found["video"] if isinstance(found, h5py.Group) else found
                self._dataset = str(found.name)
                numbers = found.parent["frame_numbers"][:] if "frame_numbers" in found.parent else range(len(found))
                self._rows = {int(number): row for row, number in enumerate(numbers)}
                self._swapped = _is_swapped(file, found)
                self.source = _read_source(found.parent)
        except (KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: expected images in {dataset!r}, but they cannot be read: {error}") from error
        if not self._rows:
            raise ValueError(f"{path}: expected images in {dataset!r}, found none")
        self.size_hw = self._read(next(iter(self._rows))).shape[:2]

    def _read_checked(self, position):
        image = self._read(position)
        if image.shape[:2] != self.size_hw:
            height, width = self.size_hw
            raise ValueError(
                f"{self.path}: {self._dataset}: frame {position}: expected {height}×{width} px (height×width) as in "
                f"the rest of the clip, found {image.shape[0]}×{image.shape[1]}"
            )
        return image

    def _read(self, position):
        place = f"{self.path}: {self._dataset}: frame {position}"
        if position not in self._rows:
            raise ValueError(f"{place}: expected an image of this frame, found none among {len(self._rows)} images")
        try:
            with h5py.File(self.path, "r") as file:
                samples = np.asarray(file[self._dataset][self._rows[position]])
        except (KeyError, OSError, RuntimeError, ValueError) as error:
            raise ValueError(f"{place}: expected an image, but it cannot be read: {error}") from error
        if samples.ndim == 3 and samples.dtype == np.uint8:  # plain samples instead of the bytes of a file
            return np.repeat(samples, 3, axis=2) if samples.shape[2] == 1 else samples[..., :3]
        data = samples.astype(np.int8, copy=False).tobytes()
        image = decode_image(_without_padding(data), place)
        return np.ascontiguousarray(image[..., ::-1]) if self._swapped else image


def _without_padding(data):
    """Rows of equal length are filled up with zeros; both kinds of image end in another byte."""
    return data.rstrip(b"\0") if data.endswith(b"\0") else data


def _is_swapped(file, found):
    order: Any = found.attrs.get("channel_order")
    if order is not None:
        return (order.decode() if isinstance(order, bytes) else str(order)) == "BGR"
    version = file["metadata"].attrs.get("format_id") if "metadata" in file else None
    return version is not None and version < _FIRST_STATED_FORMAT


def _read_source(group):
    """The path of the video that images were cut from; a list of images counts as unknown."""
    if "source_video" not in group:
        return ""
    source = group["source_video"]
    text = source["json"][()] if "json" in source else source.attrs.get("json", "{}")
    described = json.loads(text)
    backend = described.get("backend", {})
    name = backend.get("filename", described.get("filename", ""))
    return name if isinstance(name, str) and name != "." else ""
