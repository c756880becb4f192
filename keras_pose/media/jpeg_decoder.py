"""Who decodes JPEG files: OpenCV, or Pillow on the classic stack.

OpenCV 4.10 and 4.11 may write outside their memory when they decode a crafted JPEG (CVE-2025-53644; mended in 4.12,
which needs NumPy 2 and so does not go with TensorFlow 2.15). There Pillow decodes: to the same pixels (CMYK: within 1),
in two to three times the time.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import JpegImagePlugin

from keras_pose.media import pillow

OPENCV_IS_SOUND = not (4, 10) <= tuple(int(part) for part in cv2.__version__.split(".")[:2]) < (4, 12)


def decode_with_pillow(data: bytes, most_pixels: int, reduction: int = 1) -> np.ndarray | None:
    """Decodes a JPEG as it is stored, without its orientation.

    Args:
      data: bytes of the file.
      most_pixels: larger pictures are not decoded.
      reduction: 1, 2, 4 or 8: the picture may be up to this much smaller on each side, which decodes faster.

    Returns:
      uint8 BGR [H, W, 3], or None if it does not decode.
    """
    try:
        # This class, because Image.open refuses pictures of more than 179 million pixels.
        with pillow.without_warnings(), JpegImagePlugin.JpegImageFile(io.BytesIO(data)) as image:
            if image.width * image.height > most_pixels:
                return None
            if reduction > 1:
                image.draft(None, (max(1, image.width // reduction), max(1, image.height // reduction)))
            return np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])
    except pillow.UNREADABLE:
        return None
