"""Facts about picture files, found in one look; a fault is a message, not an error."""

import io
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from keras_pose.media import inspection
from keras_pose.media.inspection import PictureFacts

NOISE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)


def save(path, pixels=NOISE, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


def tagged(path, tag, **options):
    exif = Image.Exif()
    exif[0x0112] = tag
    return save(path, exif=exif, **options)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".bmp", ".gif", ".ppm", ".jp2", ".tga"])
def test_whole_pictures_have_a_size_and_no_fault(tmp_path, ending):
    assert inspection.inspect_picture(save(tmp_path / f"a{ending}")) == PictureFacts((30, 40))


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("tag", [3, 6])
def test_the_size_is_as_stored_and_the_tag_is_told(tmp_path, ending, tag):
    facts = inspection.inspect_picture(tagged(tmp_path / f"a{ending}", tag))
    assert facts == PictureFacts((30, 40), tag)
    assert facts.upright_hw == ((40, 30) if tag == 6 else (30, 40))


@pytest.mark.parametrize("ending", [".png", ".tif", ".pgm"])
def test_deep_samples_tell_their_bits(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    cv2.imwrite(str(path), np.full((30, 40), 4000, np.uint16))
    assert inspection.inspect_picture(path).used_bits == 12


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp", ".bmp", ".gif", ".ppm", ".jp2"])
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_truncated_pictures_of_any_format_have_a_fault(tmp_path, ending, share):
    path = save(tmp_path / f"a{ending}")
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    fault = inspection.inspect_picture(path).fault
    assert fault.startswith(f"{path}: expected ")
    assert "truncated" in fault


def test_a_jpeg_that_was_cut_and_closed_has_a_fault(tmp_path):
    path = save(tmp_path / "a.jpg")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    assert "part of its data is missing or damaged" in inspection.inspect_picture(path).fault


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1, 0.3])
def test_a_truncated_jpeg_before_a_whole_one_has_a_fault(tmp_path, share):
    path = save(tmp_path / "a.jpg")
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))] + data)
    assert inspection.inspect_picture(path).fault


def test_a_cmyk_jpeg_is_decoded_by_opencv(tmp_path):
    file = io.BytesIO()
    Image.fromarray(NOISE).convert("CMYK").save(file, "JPEG")
    (tmp_path / "a.jpg").write_bytes(file.getvalue())
    assert inspection.inspect_picture(tmp_path / "a.jpg") == PictureFacts((30, 40))


def test_what_is_no_picture_is_described(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("words " * 30)
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to("loop.png")
    cv2.imwrite(str(tmp_path / "float.tif"), np.zeros((4, 6, 3), np.float32))
    expected = {
        "empty.png": "empty or truncated (0 bytes)",
        "text.png": "cannot be decoded (180 bytes)",
        "folder.png": "found a folder",
        "gone.png": "found no such file",
        "loop.png": "found no such file",
        "float.tif": "expected samples of 8 or 16 bits, unsigned whole numbers, but found float samples",
    }
    for name, fault in expected.items():
        assert fault in inspection.inspect_picture(tmp_path / name).fault


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs Linux")
def test_a_file_that_cannot_be_read_is_described():
    assert "cannot be read: " in inspection.inspect_picture("/proc/self/mem").fault
