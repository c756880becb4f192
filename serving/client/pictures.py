"""Pictures as they are sent: the bytes of the file, or a converted copy if the server would show it otherwise.

A model decodes JPEG and PNG as they are stored, scales 16 bits by their full range, and reads no other format. So a
picture that its EXIF orientation turns is sent upright, one of 16 bits is scaled to 8, and other formats are sent as
PNG. All else is sent unchanged. Positions in the answer are in px of the upright picture.
`keras_pose.media` decides what is upright and how values are scaled, as for training.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Sequence
from typing import Union

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_QUALITY = 98
# Other formats, as Pillow names them, that are told by their first bytes and that `keras_pose.media` decodes.
_OTHERS = ("BMP", "GIF", "JPEG2000", "PPM", "TIFF", "WEBP")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")

Image = Union[bytes, bytearray, str, "os.PathLike[str]"]  # the content of a picture file, or its path


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Returns whether a file is a picture by its content; its name does not matter. Does not decode it.

    An animated GIF counts as a video; of other files with several pictures the first one counts.

    Raises:
      OSError: if the file cannot be read.
      ValueError: for a HEIC picture, which cannot be decoded.
    """
    with open(path, "rb") as file:
        head = file.read(16)
    if head.startswith((_JPEG, _PNG)):
        return True
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        raise ValueError(f"{os.fspath(path)}: HEIC pictures cannot be read; convert it to JPEG or PNG")
    format_name, count = _identify(path)
    return count > 0 and not (format_name == "GIF" and count > 1)


def encode_upright(image: Image) -> bytes:
    """Returns what to send for a picture: a JPEG or PNG that is upright.

    Args:
      image: the content of a picture file, or its path.

    Returns:
      A JPEG of quality 98 or a PNG, if the picture has to be turned, scaled or converted; otherwise the content
      unchanged, also if it is no picture: the server answers that it is not valid.

    Raises:
      OSError: if the file cannot be read.
      ValueError: if it has to be converted and cannot be decoded; the message names it.
      TypeError: for other types.
    """
    data, name = _read_content(image)
    is_jpeg = data.startswith(_JPEG)
    if not (is_jpeg or data.startswith(_PNG)):
        return _encode(data, name, ".png") if _identify(io.BytesIO(data))[1] else data
    from keras_pose.media.orientation import exif_orientation

    has_16_bits = not is_jpeg and data[24:25] == b"\x10"
    if has_16_bits or exif_orientation(data) != 1:
        return _encode(data, name, ".jpg" if is_jpeg else ".png")
    return data


def encode_or_warn(image: Image) -> bytes:
    """Returns `encode_upright`, or b"" with a warning if the picture cannot be decoded: then only its row is not valid.

    Raises:
      OSError: if the file cannot be read.
      TypeError: for other types.
    """
    try:
        return encode_upright(image)
    except ValueError as error:
        warnings.warn(str(error), UserWarning, stacklevel=3)
        return b""


def check_sequence(name: str, images: Sequence[Image]) -> list[Image]:
    """Returns pictures as a list.

    Raises:
      TypeError: for a path, or the bytes of one picture, which would otherwise be taken letter by letter.
    """
    if isinstance(images, (bytes, bytearray, str, os.PathLike)):
        raise TypeError(f"{name}: expected a sequence of pictures, received one; write [picture]")
    return list(images)


def _read_content(image):
    """Returns the bytes of a picture, and a name for messages."""
    if isinstance(image, (bytes, bytearray)):
        return bytes(image), "the picture"
    if not isinstance(image, (str, os.PathLike)):
        raise TypeError(
            f"expected the path of a picture or the bytes of its file, received {type(image).__name__}; "
            "predict_frames takes decoded frames"
        )
    with open(os.fspath(image), "rb") as file:
        return file.read(), os.fspath(image)


def _encode(data, name, ending):
    import cv2

    from keras_pose.media import images

    pixels = images.decode_image(data, name, upright=True)
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if ending == ".jpg" else []
    return cv2.imencode(ending, pixels[..., ::-1], options)[1].tobytes()


def _identify(source):
    """Format and number of pictures of a path or file object; ("", 0) if it has none of the other formats."""
    from PIL import Image as Pictures

    from keras_pose.media import pillow

    try:
        with pillow.without_warnings(), Pictures.open(source, formats=_OTHERS) as picture:
            return picture.format, getattr(picture, "n_frames", 1)
    except pillow.UNREADABLE:
        return "", 0
