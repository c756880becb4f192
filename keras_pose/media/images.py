"""Image files: decodes them to RGB, and reads their size from the header.

The EXIF orientation tag is ignored: annotation tools store positions in the pixels as they are in the file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence

import cv2
import numpy as np

_JPEG_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame; the excluded ones are tables


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """Reads an image file. A grey channel becomes three, 16 bits become 8, an alpha channel is dropped.

    Args:
      path: path of the image.

    Returns:
      uint8 RGB [H, W, 3].

    Raises:
      ValueError: if the file is missing, truncated or not an image; the message names it.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected an image, found no such file")
    # Decode from memory: cv2.imread returns half-grey images for some truncated files and cannot open every path.
    data = np.fromfile(path, np.uint8)
    if not _is_complete(data):
        raise ValueError(f"{path}: expected a whole image, but the file is empty or truncated ({len(data)} bytes)")
    image = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if image is None:
        raise ValueError(f"{path}: expected an image, but the file cannot be decoded ({len(data)} bytes)")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def image_size(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Returns (height, width) in px of an image file: from the header of a PNG or JPEG file, otherwise by decoding it.

    Raises:
      ValueError: if the file is missing or not an image; the message names it.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise ValueError(f"{path}: expected an image, found no such file")
    with open(path, "rb") as file:
        head = file.read(26)
        if head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR":
            width, height = struct.unpack(">II", head[16:24])
            return height, width
        size_hw = _jpeg_size(file) if head[:2] == b"\xff\xd8" else None
    if size_hw is None:
        height, width = read_image(path).shape[:2]
        size_hw = height, width
    return size_hw


def stack_images(images: Sequence[np.ndarray], size_hw: tuple[int, int]) -> np.ndarray:
    """Returns uint8 [T, H, W, 3], T images of size `size_hw` as one array, also if T is 0."""
    return np.stack(images) if images else np.zeros((0, *size_hw, 3), np.uint8)


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
            return struct.unpack(">HH", frame[1:]) if len(frame) == 5 else None
        file.seek(length - 2, os.SEEK_CUR)


def _is_complete(data):
    """Whether PNG and JPEG data have their end marker; for other formats the decoder decides."""
    if len(data) == 0:
        return False
    if data[:4].tobytes() == b"\x89PNG":
        return b"IEND" in data[-64:].tobytes()
    if data[:2].tobytes() == b"\xff\xd8":
        return b"\xff\xd9" in data[-4096:].tobytes()  # some cameras write padding after the marker
    return True
