"""Picture files for tests: with an orientation, of 16 bits, cut off."""

import cv2
import numpy as np
from PIL import Image

from keras_pose.media import orientation


def write_png(path, size_hw=(20, 30), level=90):
    """A grey picture of one level."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((*size_hw, 3), level, np.uint8))
    return str(path)


def write_tagged(path, tag, upright_hw=(20, 30), spot_xy=(5, 4)):
    """A picture with an EXIF orientation whose upright pixels are black, with a white square of 5×5 px at a spot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    upright = np.zeros((*upright_hw, 3), np.uint8)
    x, y = spot_xy
    upright[y - 2 : y + 3, x - 2 : x + 3] = 255
    exif = Image.Exif()
    exif[0x0112] = tag
    Image.fromarray(orientation.turn_back(upright, tag)).save(path, exif=exif)
    return str(path)


def write_deep(path, peak, size_hw=(20, 30)):
    """A grey picture of 16 bits, a ramp from 0 to `peak`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = np.linspace(0, peak, size_hw[0] * size_hw[1]).reshape(size_hw).round().astype(np.uint16)
    assert cv2.imwrite(str(path), ramp)
    return str(path)


def truncate(path, share=0.5):
    """Cuts a file off."""
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
