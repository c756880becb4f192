"""Odd pictures: each kind is a COCO file of a usual picture and an odd one, both with labels."""

from __future__ import annotations

import io
import pathlib
import struct
import zlib

import cv2
import numpy as np
from PIL import Image

from tests.helpers import pictures
from tests.odd_inputs.kinds import Kinds
from tests.odd_inputs.label_folders import SIZE_HW, coco, write_coco

KINDS = Kinds()


def _labelled(folder: pathlib.Path, name: str, size_hw: tuple[int, int] | None = SIZE_HW) -> pathlib.Path:
    """Labels the picture `images/<name>` and a usual one, both of this stated size."""
    content = coco(["usual.png", name], size_hw)
    content["images"][0].update(height=SIZE_HW[0], width=SIZE_HW[1])
    return write_coco(folder, content, ["usual.png"])


def _noise(size_hw: tuple[int, int] = SIZE_HW, channels: int = 3, peak: int = 255) -> np.ndarray:
    dtype = np.uint8 if peak <= 255 else np.uint16
    noise = np.random.default_rng(5).integers(0, peak + 1, (*size_hw, channels)).astype(dtype)
    noise[0, 0] = peak
    return noise


def _write(folder: pathlib.Path, name: str, data: bytes) -> pathlib.Path:
    path = folder / "images" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _encode(image: Image.Image, form: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


@KINDS.refused("a JPEG of which half is there", "images/odd.jpg: ")
def cut_jpeg(folder: pathlib.Path) -> pathlib.Path:
    pictures.truncate(_write(folder, "odd.jpg", _encode(Image.fromarray(_noise()), "JPEG")))
    return _labelled(folder, "odd.jpg")


@KINDS.refused("a PNG of which half is there", "images/odd.png: ")
def cut_png(folder: pathlib.Path) -> pathlib.Path:
    pictures.truncate(_write(folder, "odd.png", _encode(Image.fromarray(_noise()), "PNG")))
    return _labelled(folder, "odd.png")


@KINDS.refused("a JPEG with zeros in its middle", "images/odd.jpg: ")
def damaged_jpeg(folder: pathlib.Path) -> pathlib.Path:
    data = bytearray(_encode(Image.fromarray(_noise()), "JPEG"))
    data[700:1500] = bytes(800)
    _write(folder, "odd.jpg", bytes(data))
    return _labelled(folder, "odd.jpg")


@KINDS.refused("a picture of zero bytes", "images/odd.png: ")
def zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", b"")
    return _labelled(folder, "odd.png")


@KINDS.refused("text with the ending of a picture", "images/odd.png: ")
def text(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", b"<html>404</html>\n" * 20)
    return _labelled(folder, "odd.png")


@KINDS.refused("a HEIC picture of a phone", "convert it to JPEG or PNG")
def unknown_format(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500))
    return _labelled(folder, "odd.heic")


@KINDS.used("a JPEG with the ending .png")
def wrong_ending(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.fromarray(_noise()), "JPEG"))
    return _labelled(folder, "odd.png")


@KINDS.used("a grey JPEG")
def grey(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.jpg", _encode(Image.fromarray(_noise()[..., 0]), "JPEG"))
    return _labelled(folder, "odd.jpg")


@KINDS.used("an alpha channel")
def alpha(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.fromarray(_noise(channels=4)), "PNG"))
    return _labelled(folder, "odd.png")


@KINDS.used("a palette with a transparent colour")
def palette(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.fromarray(_noise()).convert("P"), "PNG", transparency=3))
    return _labelled(folder, "odd.png")


@KINDS.used("1 bit for each pixel")
def bits_1(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.fromarray(_noise()).convert("1"), "PNG"))
    return _labelled(folder, "odd.png")


@KINDS.used("colours for a printer (CMYK)")
def cmyk(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.jpg", _encode(Image.fromarray(_noise()).convert("CMYK"), "JPEG"))
    return _labelled(folder, "odd.jpg")


@KINDS.noted("a camera of 10 bits in a file of 16 bits", "10-bit values in 16-bit files")
def bits_10(folder: pathlib.Path) -> pathlib.Path:
    pictures.write_deep(folder / "images" / "odd.png", 1023, SIZE_HW)
    return _labelled(folder, "odd.png")


@KINDS.noted("a camera of 12 bits in a TIFF of 16 bits", "12-bit values in 16-bit files")
def bits_12(folder: pathlib.Path) -> pathlib.Path:
    pictures.write_deep(folder / "images" / "odd.tif", 4095, SIZE_HW)
    return _labelled(folder, "odd.tif")


@KINDS.used("16 bits, all of them used")
def bits_16(folder: pathlib.Path) -> pathlib.Path:
    pictures.write_deep(folder / "images" / "odd.png", 65535, SIZE_HW)
    return _labelled(folder, "odd.png")


@KINDS.refused("samples that are fractions", "images/odd.tif: ")
def fractions(folder: pathlib.Path) -> pathlib.Path:
    path = _write(folder, "odd.tif", b"")
    cv2.imwrite(str(path), np.random.default_rng(0).random(SIZE_HW).astype(np.float32))
    return _labelled(folder, "odd.tif")


@KINDS.noted("a phone's picture, turned by an EXIF tag, with labels of the upright one", "is read upright")
def turned(folder: pathlib.Path) -> pathlib.Path:
    pictures.write_tagged(folder / "images" / "odd.jpg", 6, (64, 48))
    return _labelled(folder, "odd.jpg", (64, 48))


@KINDS.refused("a picture turned by 180°, of which nothing says how it was labelled", "--exif_orientation")
def turned_by_180(folder: pathlib.Path) -> pathlib.Path:
    pictures.write_tagged(folder / "images" / "odd.jpg", 3, SIZE_HW)
    return _labelled(folder, "odd.jpg")


@KINDS.used("25 million pixels")
def huge(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.new("1", (5_000, 5_000)), "PNG"))
    return _labelled(folder, "odd.png", (5_000, 5_000))


@KINDS.refused("a header that states 100,000×100,000 px", "images/odd.png: ")
def stated_as_too_large(folder: pathlib.Path) -> pathlib.Path:
    data = bytearray(_encode(Image.fromarray(_noise()), "PNG"))
    data[16:24] = struct.pack(">2I", 100_000, 100_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    _write(folder, "odd.png", bytes(data))
    return _labelled(folder, "odd.png", None)


@KINDS.used("one pixel in height")
def one_row(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.fromarray(_noise((1, 64))), "PNG"))
    content = coco(["usual.png", "odd.png"])
    content["images"][1].update(height=1)
    content["annotations"][1]["keypoints"] = [5, 0, 2, 20, 0, 2, 40, 0, 2]
    return write_coco(folder, content, ["usual.png"])


@KINDS.used("an animated GIF, of which the first picture counts")
def animation(folder: pathlib.Path) -> pathlib.Path:
    frames = [Image.new("P", SIZE_HW[::-1], level) for level in (10, 90, 200)]
    _write(folder, "odd.gif", _encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    return _labelled(folder, "odd.gif")


@KINDS.used("a TIFF of several pages, of which the first one counts")
def pages(folder: pathlib.Path) -> pathlib.Path:
    frames = [Image.fromarray(_noise()) for _ in range(3)]
    _write(folder, "odd.tif", _encode(frames[0], "TIFF", save_all=True, append_images=frames[1:]))
    return _labelled(folder, "odd.tif")


@KINDS.used("a video behind the end of a JPEG (motion photo)")
def motion_photo(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.jpg", _encode(Image.fromarray(_noise()), "JPEG") + b"\0\0\0\x18ftypmp42" + bytes(9000))
    return _labelled(folder, "odd.jpg")


@KINDS.used("a progressive JPEG with a name in capitals")
def progressive(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "ODD.JPG", _encode(Image.fromarray(_noise()), "JPEG", progressive=True))
    return _labelled(folder, "ODD.JPG")


@KINDS.refused("a picture of another size than the labels state", "40×64")
def another_size(folder: pathlib.Path) -> pathlib.Path:
    _write(folder, "odd.png", _encode(Image.fromarray(_noise((40, 64))), "PNG"))
    return _labelled(folder, "odd.png")


@KINDS.refused("a picture that is missing", "odd.png")
def missing(folder: pathlib.Path) -> pathlib.Path:
    return _labelled(folder, "odd.png")


@KINDS.used("a name with spaces, brackets, a percent sign and letters of other scripts")
def odd_name(folder: pathlib.Path) -> pathlib.Path:
    name = "Maus 1, links [%03d] größe 手 ñ'.png"
    _write(folder, name, _encode(Image.fromarray(_noise()), "PNG"))
    return _labelled(folder, name)


@KINDS.noted("the same picture twice", "the same picture as")
def duplicate(folder: pathlib.Path) -> pathlib.Path:
    path = _labelled(folder, "odd.png")
    _write(folder, "odd.png", (folder / "images" / "usual.png").read_bytes())
    return path
