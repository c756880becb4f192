"""Image files: decodes them to RGB, and reads their size from the header.

The EXIF orientation is applied if the caller asks for it (`upright`): annotation tools differ in whether they store
positions in the pixels as they lie in the file or as viewers show them. The decoder is OpenCV; Pillow reads headers,
and the few formats that OpenCV lacks on one of the stacks (GIF, TGA, AVIF; the first picture of an animation).
JPEGs: see `jpeg_decoder`.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from keras_pose.media import jpeg_decoder, orientation, pillow, sample_depth, value_range, wholeness
from keras_pose.media.quiet_opencv import quiet_opencv

MOST_PIXELS = 1 << 30  # OpenCV's limit, if the environment sets no other
_JPEG_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame; the excluded ones are tables
_PILLOW_FORMATS = ("GIF", "TGA", "AVIF")
_COLOR = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
_EIGHTH = cv2.IMREAD_REDUCED_COLOR_8 | cv2.IMREAD_IGNORE_ORIENTATION
_EVERY_DEPTH = _COLOR | cv2.IMREAD_ANYDEPTH


def read_image(path: str | os.PathLike[str], upright: bool = False, bits: int | None = None) -> np.ndarray:
    """Reads an image file. A grey channel becomes three, 16 bits become 8, an alpha channel is dropped.

    Args:
      path: path of the image.
      upright: whether to turn the picture as its EXIF orientation says; otherwise it stays as it is stored.
      bits: how many bits the samples of a file of 16 bits use: 2**bits − 1 becomes 255. None: as many as the file's own
        tag states (`sBIT` of a PNG, `MaxSampleValue` of a TIFF), or its own largest sample needs: 8, 10, 12, 14 or 16.
        Pictures that belong together should share their bits. Files of 8 bits ignore this.

    Returns:
      uint8 RGB [H, W, 3].

    Raises:
      ValueError: if the file is missing, truncated or not an image, or has other samples than whole numbers of up to 16
        bits; the message names it.
    """
    path = os.fspath(path)
    return decode_image(read_file(path), path, upright, bits)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """Returns the bytes of an image file.

    Raises:
      ValueError: if there is no such file, or it cannot be read; the message names it.
    """
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: expected an image, {_describe(path, error)}") from error


def decode_image(data: bytes, name: str, upright: bool = False, bits: int | None = None) -> np.ndarray:
    """Decodes the bytes of an image file; like `read_image`.

    Args:
      data: the bytes.
      name: begins error messages.
      upright, bits: as for `read_image`.
    """
    every_bit = bits is None or bits < 16
    image, depth = decode_samples(data, name, every_bit)
    if image.dtype == np.uint16:
        bits = sample_depth.used_bits(depth.stated, int(image.max())) if bits is None else bits
        reduced = _decode(data, _COLOR) if every_bit and bits == 16 else None
        image = value_range.to_8_bits(image, bits) if reduced is None else reduced
    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return _turn(image, data, upright)


def decode_samples(
    data: bytes, name: str, every_bit: bool = True, small: bool = False
) -> tuple[np.ndarray, sample_depth.SampleDepth]:
    """Decodes the samples of an image file, as they lie in it (a TIFF: upright).

    Args:
      data: the bytes.
      name: begins error messages.
      every_bit: whether files of 16 bits keep their samples; otherwise they lose the lower 8 bits.
      small: whether to decode a JPEG at an eighth of its size, to see whether it decodes.

    Returns:
      uint8 or uint16 BGR [H, W, 3], and what the header tells about the samples.

    Raises:
      ValueError: as `read_image`.
    """
    if not wholeness.has_end(data):
        raise ValueError(f"{name}: expected a whole image, but the file is empty or truncated ({len(data)} bytes)")
    depth = sample_depth.read_depth(data)
    if depth.fault:
        raise ValueError(f"{name}: expected samples of 8 or 16 bits, unsigned whole numbers, but found {depth.fault}")
    is_jpeg = data.startswith(wholeness.JPEG_START)
    if is_jpeg and not wholeness.jpeg_can_hold(data, _size_of_header(io.BytesIO(data))):
        message = f"{name}: expected a whole image, but part of its data is missing or damaged"
        raise ValueError(f"{message} ({len(data)} bytes)")
    deep = every_bit and not is_jpeg and not 0 < depth.stored <= 8
    full = _EVERY_DEPTH if deep else _COLOR
    image = _decode(data, _EIGHTH if is_jpeg and small else full)
    if image is None and not deep and sample_depth.is_tiff(data):  # samples of 10 to 14 bits that are packed
        image = _decode(data, _EVERY_DEPTH)
    if image is None and not is_jpeg:
        image = _decode_with_pillow(data)
    if image is None:
        size_hw = _size_of_header(io.BytesIO(data))
        if size_hw and size_hw[0] * size_hw[1] > MOST_PIXELS:
            raise ValueError(f"{name}: expected at most {MOST_PIXELS:,} px, found {size_hw[0]}×{size_hw[1]} px")
        if data[4:8] == b"ftyp":
            raise ValueError(f"{name}: expected an image, but HEIC and AVIF cannot be read; convert it to JPEG or PNG")
        raise ValueError(
            f"{name}: expected an image, but the file cannot be decoded ({len(data)} bytes): it is damaged, truncated "
            "or not an image"
        )
    if image.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"{name}: expected samples of 8 or 16 bits, whole numbers, but found {image.dtype}")
    return image, depth


def image_size(path: str | os.PathLike[str], upright: bool = False) -> tuple[int, int]:
    """Returns (height, width) in px of an image file: from its header, or by decoding it if the header is not known.

    Args:
      path: path of the image.
      upright: whether to return the size of the picture turned as its EXIF orientation says.

    Raises:
      ValueError: if the file is missing or not an image; the message names it.
    """
    path = os.fspath(path)
    try:
        with open(path, "rb") as file:
            size_hw = _size_of_header(file)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: expected an image, {_describe(path, error)}") from error
    if size_hw is None:
        height, width = read_image(path, upright).shape[:2]
        return height, width
    if upright and orientation.swaps_sides(orientation.exif_orientation(path)):
        return size_hw[1], size_hw[0]
    return size_hw


def stack_images(images: Sequence[np.ndarray], size_hw: tuple[int, int]) -> np.ndarray:
    """Returns uint8 [T, H, W, 3], T images of size `size_hw` as one array, also if T is 0."""
    return np.stack(images) if images else np.zeros((0, *size_hw, 3), np.uint8)


def _turn(image, data, upright):
    if sample_depth.is_tiff(data):  # OpenCV always turns the pictures of TIFF files
        return image if upright else orientation.turn_back(image, orientation.exif_orientation(data))
    return orientation.turn_upright(image, orientation.exif_orientation(data)) if upright else image


def _decode(data, flags):
    if data.startswith(wholeness.JPEG_START) and not jpeg_decoder.OPENCV_IS_SOUND:
        return jpeg_decoder.decode_with_pillow(data, MOST_PIXELS, 8 if flags == _EIGHTH else 1)
    try:
        with quiet_opencv():
            return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # larger than OpenCV accepts
        return None


def _decode_with_pillow(data):
    try:
        with pillow.without_warnings(), Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS) as image:
            return np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])
    except pillow.UNREADABLE:
        return None


def _size_of_header(file):
    """Returns (height, width) as stored, or None."""
    head = file.read(26)
    if head[:8] == wholeness.PNG_START and head[12:16] == b"IHDR":
        width, height = struct.unpack(">II", head[16:24]) if len(head) >= 24 else (0, 0)
        return (height, width) if height and width else None
    if head.startswith(wholeness.JPEG_START):
        return _jpeg_size(file)
    file.seek(0)
    try:
        with pillow.without_warnings(), Image.open(file) as image:
            if sample_depth.is_tiff(head):  # Pillow turns it, also by a tag that OpenCV ignores
                return int(image.tag_v2[257]), int(image.tag_v2[256])
            return image.height, image.width
    except pillow.UNREADABLE:
        return None


def _jpeg_size(file):
    """Walks over the segments of a JPEG file; (height, width) of its frame, or None if it has no readable one."""
    file.seek(2)
    while True:
        marker = file.read(4)
        if len(marker) < 4 or marker[0] != 0xFF:
            return None
        length = struct.unpack(">H", marker[2:])[0]
        if marker[1] in _JPEG_FRAME_MARKERS:
            frame = file.read(5)
            height, width = struct.unpack(">HH", frame[1:]) if len(frame) == 5 else (0, 0)
            return (height, width) if height and width else None
        file.seek(length - 2, os.SEEK_CUR)


def _describe(path, error):
    """What is at a path that cannot be read, for a message."""
    if os.path.isdir(path):
        return "found a folder"
    if isinstance(error, OSError) and os.path.exists(path):
        return f"but it cannot be read: {error.strerror}"
    return "found no such file"
