"""The EXIF orientation of pictures: how a viewer turns the stored pixels so that people see them upright.

The tag has a value of 1 to 8 (EXIF 2.32, 4.6.4) and says what makes the stored pixels upright: 1 nothing, 2 mirror
them, 3 turn them by 180°, 4 turn them upside down, 5 transpose them, 6 turn them by 90° clockwise, 7 transpose them
along the other diagonal, 8 turn them by 90° counter-clockwise.
"""

from __future__ import annotations

import io
import os

import numpy as np
from PIL import ExifTags, Image

from keras_pose.media import pillow

STORED = 1  # the stored pixels are upright

# How to make the stored pixels upright, by value of the tag: whether to swap rows and columns first, then whether to
# reverse the order of the rows, and of the columns.
_STEPS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def exif_orientation(picture: str | os.PathLike[str] | bytes) -> int:
    """Returns the orientation tag of a picture, 1 to 8, from its header (JPEG, PNG, TIFF, WebP, …).

    Args:
      picture: path of a file, or the bytes of one.

    Returns:
      The tag; 1 if there is none, its value is not defined, or the header cannot be read: reading the picture tells
      what is wrong with it.
    """
    source = io.BytesIO(picture) if isinstance(picture, bytes) else os.fspath(picture)
    try:
        with pillow.without_warnings(), Image.open(source) as image:
            tag = image.getexif().get(ExifTags.Base.Orientation)
            if image.format == "TIFF" and _count_values(image.fp) != 1:
                return STORED  # the decoder ignores it
    except pillow.UNREADABLE:
        return STORED
    return tag if isinstance(tag, int) and tag in _STEPS else STORED


def turn_upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turns the stored pixels of a picture as its tag says.

    Args:
      image: [H, W, …], the stored pixels.
      orientation: the tag, 1 to 8.

    Returns:
      The upright picture, contiguous: [H, W, …], or [W, H, …] for 5 to 8.

    Raises:
      ValueError: for another orientation.
    """
    swap, rows, columns = _steps(orientation)
    image = np.swapaxes(image, 0, 1) if swap else image
    return np.ascontiguousarray(image[_direction(rows), _direction(columns)])


def turn_back(image: np.ndarray, orientation: int) -> np.ndarray:
    """Undoes `turn_upright`: returns the pixels as they are stored.

    Args:
      image: [H, W, …], the upright picture.
      orientation: the tag, 1 to 8.

    Raises:
      ValueError: for another orientation.
    """
    swap, rows, columns = _steps(orientation)
    image = image[_direction(rows), _direction(columns)]
    return np.ascontiguousarray(np.swapaxes(image, 0, 1) if swap else image)


def swaps_sides(orientation: int) -> bool:
    """Whether height and width swap if a picture with this tag is turned upright.

    Raises:
      ValueError: for another orientation.
    """
    return _steps(orientation)[0]


def turn_points(points: np.ndarray, orientation: int, size_hw: tuple[int, int]) -> np.ndarray:
    """Turns points in the stored pixels of a picture like `turn_upright` turns the pixels.

    Args:
      points: float [..., 2], (x, y) in px; pixel centres are at integers.
      orientation: the tag, 1 to 8.
      size_hw: (height, width) in px of the stored picture.

    Returns:
      Float [..., 2] in the upright picture; NaN stays NaN.

    Raises:
      ValueError: for another orientation.
    """
    swap, rows, columns = _steps(orientation)
    height, width = size_hw
    x, y = np.moveaxis(np.asarray(points), -1, 0)
    if swap:
        x, y = y, x
        height, width = width, height
    return np.stack([width - 1 - x if columns else x, height - 1 - y if rows else y], axis=-1)


def _count_values(file):
    """How many values the orientation tag of a TIFF has, by its first directory; 0 if there is no such tag."""
    file.seek(0)
    head = file.read(16)
    order = "little" if head[:2] == b"II" else "big"
    width = 8 if 43 in head[2:4] else 4  # of a number: 8 bytes in a BigTIFF
    entry = 2 * width + 4
    file.seek(int.from_bytes(head[width : 2 * width], order))
    size = 8 if width == 8 else 2
    number = int.from_bytes(file.read(size), order)
    tags = file.read(min(number, 1 << 16) * entry)
    for place in range(0, len(tags) - entry + 1, entry):
        if int.from_bytes(tags[place : place + 2], order) == ExifTags.Base.Orientation:
            return int.from_bytes(tags[place + 4 : place + 4 + width], order)
    return 0


def _steps(orientation):
    if orientation not in _STEPS:
        raise ValueError(f"orientation: expected 1 to 8, received {orientation!r}")
    return _STEPS[orientation]


def _direction(reverse):
    return slice(None, None, -1) if reverse else slice(None)
