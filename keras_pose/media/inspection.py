"""One look at a picture file before anything is learned from it: is it whole, how large, how turned, how deep."""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from keras_pose.media import images, orientation, sample_depth, wholeness


@dataclasses.dataclass(frozen=True)
class PictureFacts:
    """What is known of a picture file.

    Args:
      size_hw: (height, width) in px as stored; (0, 0) if the file is at fault.
      orientation: EXIF orientation, 1 to 8; 1 is upright.
      used_bits: bits that the samples of a file of 16 bits use, as a tag or the largest sample says; 0 for 8 bits.
      fault: why the file cannot be used; empty if it can.
    """

    size_hw: tuple[int, int] = (0, 0)
    orientation: int = orientation.STORED
    used_bits: int = 0
    fault: str = ""

    @property
    def upright_hw(self) -> tuple[int, int]:
        """(height, width) in px of the picture turned as its orientation says."""
        height, width = self.size_hw
        return (width, height) if orientation.swaps_sides(self.orientation) else (height, width)


def inspect_picture(path: str | os.PathLike[str]) -> PictureFacts:
    """Reads a picture file to its end and decodes it once. Costs about as much as reading the picture in training.

    Returns:
      `PictureFacts`. An unusable file is no error: `fault` names it and says what is wrong.
    """
    path = os.fspath(path)
    try:
        data = images.read_file(path)
        if data.startswith(wholeness.JPEG_START):
            return _inspect_jpeg(data, path)
        samples, depth = images.decode_samples(data, path)
    except ValueError as error:
        return PictureFacts(fault=str(error))
    tag = orientation.exif_orientation(data)
    height, width = samples.shape[:2]
    if sample_depth.is_tiff(data) and orientation.swaps_sides(tag):  # decoded upright
        height, width = width, height
    deep = samples.dtype == np.uint16
    return PictureFacts((height, width), tag, sample_depth.used_bits(depth.stated, int(samples.max())) if deep else 0)


def _inspect_jpeg(data, path):
    images.decode_samples(data, path, small=True)
    if wholeness.jpeg_decodes(data) is False:
        message = f"{path}: expected a whole image, but part of its data is missing or damaged"
        raise ValueError(f"{message} ({len(data)} bytes)")
    return PictureFacts(images.image_size(path), orientation.exif_orientation(data))
