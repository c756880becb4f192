"""Picture files with changed bytes: whole ones are read, cut ones refused, never half a picture."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import io
import os
import random

import numpy as np
from PIL import Image

from keras_pose.media import images
from tests.fuzz import numbered, oracle
from tests.fuzz.changes import raw

_SIZE_HW = (40, 56)  # not square, so that a turned picture shows


@functools.lru_cache(None)
def _seeds() -> dict[str, bytes]:
    """Small valid files by name."""
    noise = np.random.default_rng(0).integers(0, 40, (*_SIZE_HW, 3), np.uint8)
    rgb = Image.fromarray(numbered.draw(77)[: _SIZE_HW[0], : _SIZE_HW[1]] // 2 + noise)
    grey16 = Image.fromarray(np.asarray(rgb.convert("L")).astype(np.uint16) << 6)
    files = {
        "a.jpg": (rgb, "JPEG", {"quality": 90}),
        "progressive.jpeg": (rgb, "JPEG", {"progressive": True}),
        "grey.JPG": (rgb.convert("L"), "JPEG", {}),
        "cmyk.jpg": (rgb.convert("CMYK"), "JPEG", {}),
        "a.png": (rgb, "PNG", {}),
        "grey.png": (rgb.convert("L"), "PNG", {}),
        "palette.png": (rgb.quantize(16), "PNG", {}),
        "alpha.png": (rgb.convert("RGBA"), "PNG", {}),
        "grey16.png": (grey16, "PNG", {}),
        "bit.png": (rgb.convert("1"), "PNG", {}),
        "a.tif": (rgb, "TIFF", {}),
        "lzw.tiff": (rgb, "TIFF", {"compression": "tiff_lzw"}),
        "deflate.tiff": (rgb, "TIFF", {"compression": "tiff_adobe_deflate"}),
        "grey16.tif": (grey16, "TIFF", {}),
        "pages.tif": (rgb, "TIFF", {"save_all": True, "append_images": [rgb.convert("L")]}),
        "a.bmp": (rgb, "BMP", {}),
        "palette.bmp": (rgb.quantize(16), "BMP", {}),
        "a.webp": (rgb, "WEBP", {}),
        "lossless.webp": (rgb, "WEBP", {"lossless": True}),
    }
    found = {}
    for name, (image, form, extra) in files.items():
        buffer = io.BytesIO()
        image.save(buffer, form, **extra)
        found[name] = buffer.getvalue()
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for ending, form in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
            buffer = io.BytesIO()
            rgb.save(buffer, form, exif=exif)
            found[f"turned{orientation}.{ending}"] = buffer.getvalue()
    return found


@functools.lru_cache(None)
def _pixels(name: str, folder: str) -> np.ndarray:
    """What a valid file is read as."""
    path = os.path.join(folder, name)
    outcome = oracle.attempt(images.read_image, path, names=(folder,))
    oracle.expect(outcome.error is None, "good picture refused", str(outcome.error), name)
    return outcome.value


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes the bytes of one picture."""
    name = rng.choice(sorted(_seeds()))
    whole = _seeds()[name]
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(whole)
    expected = _pixels(name, folder)
    kind = rng.choice(("cut", "cut", "behind", "bytes", "bytes", "bytes", "ending", "inside"))
    data = whole
    if kind == "cut":
        data = raw.cut_end(rng, data, log)
    elif kind == "behind":
        data += rng.choice((bytes(5000), b"\x00", b"text", whole, whole[: len(whole) // 2], b"ftypmp42" * 100))
        log.append(f"{len(data) - len(whole)} bytes behind the end")
    elif kind == "ending":
        name = rng.choice(("other.png", "other.jpg", "other.bmp", "none", "other.mp4", "%d[1].png"))
        path = os.path.join(folder, name)
        log.append(f"named {name}")
    elif kind == "inside" and whole[:4] == b"\x89PNG":
        start = whole.index(b"IDAT") + 4
        data = raw.change_bytes(rng, data, log, start, whole.rindex(b"IEND") - 8)
    else:
        kind = "bytes"
        for _ in range(rng.randrange(1, 4)):
            data = raw.change_bytes(rng, data, log)
    log.insert(0, f"picture {name}")
    with open(path, "wb") as file:
        file.write(data)
    return _check(path, folder, kind, expected, os.path.splitext(name)[1].lower())


def _check(path, folder, kind, expected, ending):
    size = oracle.attempt(images.image_size, path, names=(folder,))
    read = oracle.attempt(images.read_image, path, names=(folder,))
    _check_facts(path, folder, kind, size, read, ending)
    if read.error is not None:
        good = kind == "ending" or (kind == "behind" and ending in (".jpg", ".jpeg", ".png"))
        oracle.expect(not good, "good picture refused", str(read.error), f"{kind} {ending}")
        return False
    pixels = read.value
    oracle.expect(pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3, "no RGB", str(pixels.shape))
    oracle.expect(min(pixels.shape[:2]) > 0, "picture without pixels", str(pixels.shape))
    oracle.expect(size.error is None, "size of a readable picture unknown", str(size.error), ending)
    oracle.expect(
        tuple(size.value) == pixels.shape[:2], "two sizes", f"{size.value} by its header, read {pixels.shape}", ending
    )
    same = pixels.shape == expected.shape and (pixels == expected).all()
    if kind in ("cut", "behind", "ending", "inside"):
        oracle.expect(
            same, "damaged picture read in part" if kind in ("cut", "inside") else "other pixels", path, ending
        )
    again = oracle.attempt(images.read_image, path, names=(folder,))
    oracle.expect(again.error is None and (again.value == pixels).all(), "second reading differs", path, ending)
    _check_upright(path, folder, pixels, ending)
    return True


def _check_upright(path, folder, pixels, ending):
    """The picture turned by its tag has the same pixels, and the size that is told for it."""
    if "upright" not in inspect.signature(images.read_image).parameters:
        return
    size = oracle.attempt(images.image_size, path, upright=True, names=(folder,))
    turned = oracle.attempt(images.read_image, path, upright=True, names=(folder,))
    oracle.expect(size.error is None and turned.error is None, "stored, but not upright", str(turned.error), ending)
    shape = turned.value.shape[:2]
    oracle.expect(tuple(size.value) == shape, "two upright sizes", f"{size.value} by its header, read {shape}", ending)
    same = np.array_equal(np.sort(turned.value, None), np.sort(pixels, None))
    oracle.expect(same, "other pixels upright", path, ending)


def _check_facts(path, folder, kind, size, read, ending):
    """The check before training finds what reading finds, and raises nothing."""
    if importlib.util.find_spec("keras_pose.media.inspection") is None:
        return
    inspection = importlib.import_module("keras_pose.media.inspection")
    outcome = oracle.attempt(inspection.inspect_picture, path, names=("nothing",))
    facts = outcome.value
    if facts.fault:
        oracle.expect(folder in facts.fault, "message names no file or flag", facts.fault)
        oracle.expect(kind not in ("ending", "behind") or read.error is not None, "good picture refused", facts.fault)
    else:
        oracle.expect(read.error is None, "check passes what cannot be read", str(read.error), ending)
        oracle.expect(tuple(facts.size_hw) == tuple(size.value), "two sizes", f"{facts}, {size.value}", ending)
