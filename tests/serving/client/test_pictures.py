"""Pictures as they are sent: unchanged, or upright, scaled and in a format that models read."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from serving.client import pictures


def smooth_picture():
    """A Pillow picture of 40×24 px whose corners differ; smooth, so that JPEG keeps it."""
    y, x = np.mgrid[:24, :40]
    return Image.fromarray(np.stack([6 * x, 10 * y, 120 + 0 * x], -1).astype(np.uint8))


def encoded(kind, tag=None, picture=None, **options):
    exif = Image.Exif()
    if tag is not None:
        exif[274] = tag
        options["exif"] = exif
    file = io.BytesIO()
    (picture or smooth_picture()).save(file, kind, **options)
    return file.getvalue()


def pixels(data):
    """What a model sees: the stored pixels."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return image[..., ::-1].astype(int)


@pytest.mark.parametrize(
    "data",
    [
        encoded("JPEG"),
        encoded("JPEG", 1),
        encoded("PNG"),
        encoded("PNG", picture=smooth_picture().convert("P")),
        encoded("JPEG", 9),  # no orientation
        b"\xff\xd8\xff\xe0 damaged",
        b"\x89PNG\r\n\x1a\n",
        b"words",
        b"",
    ],
)
def test_what_needs_no_change_is_sent_unchanged(data):
    assert pictures.encode_upright(data) == data


@pytest.mark.parametrize("tag", range(2, 9))
@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 95}), ("PNG", {}), ("TIFF", {}), ("WEBP", {})])
def test_a_turned_picture_is_sent_upright(tmp_path, kind, options, tag):
    data = encoded(kind, tag, **options)
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")).astype(int)
    (tmp_path / "picture").write_bytes(data)
    for source in (data, tmp_path / "picture", str(tmp_path / "picture")):
        sent = pixels(pictures.encode_upright(source))
        assert sent.shape == shown.shape
        assert np.abs(sent - shown).mean() < 2


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "GIF", "WEBP", "PPM"])
def test_other_formats_are_sent_as_png(kind):
    sent = pictures.encode_upright(encoded(kind, picture=smooth_picture().convert("L")))
    assert sent.startswith(b"\x89PNG")
    assert np.abs(pixels(sent) - np.asarray(smooth_picture().convert("L"))[..., None]).mean() < 4


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_16_bits_are_scaled_by_the_bits_that_are_used(bits, ending):
    levels = np.linspace(0, 2**bits - 1, 24 * 40).reshape(24, 40).astype(np.uint16)
    sent = pictures.encode_upright(cv2.imencode(ending, levels)[1].tobytes())
    assert sent[24] == 8  # bits of a sample of a PNG
    np.testing.assert_allclose(pixels(sent)[..., 0], levels / (2**bits - 1) * 255, atol=1)


def test_a_picture_is_recognised_by_its_content(tmp_path):
    path = tmp_path / "file.txt"
    animation = encoded("GIF", save_all=True, append_images=[smooth_picture().rotate(90)])
    for kind in ("JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP"):
        path.write_bytes(encoded(kind))
        assert pictures.is_picture(path), kind
    for data in (animation, b"\x89PNG", b"RIFF", b"words", b""):
        path.write_bytes(data)
        assert not pictures.is_picture(path), data[:10]


def test_heic_is_refused_and_files_that_cannot_be_read_are_named(tmp_path):
    path = tmp_path / "phone.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic and more")
    with pytest.raises(ValueError, match=r"phone\.heic: HEIC pictures cannot be read; convert it to JPEG or PNG"):
        pictures.is_picture(path)
    for missing in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(OSError, match=missing.name):
            pictures.is_picture(missing)


@pytest.mark.parametrize(("kind", "tag"), [("JPEG", 6), ("PNG", 3), ("BMP", None)])
def test_a_truncated_picture_that_has_to_be_changed_becomes_an_invalid_row(tmp_path, kind, tag):
    path = tmp_path / "cut.jpg"
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8))
    data = encoded(kind, tag, noise)
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.warns(UserWarning, match=r"cut\.jpg: expected"):
        assert pictures.encode_or_warn(path) == b""


def test_other_types_are_refused():
    with pytest.raises(TypeError, match="received ndarray; predict_frames takes decoded frames"):
        pictures.encode_upright(np.zeros((4, 4, 3), np.uint8))
    for one in ("left.jpg", b"\xff\xd8\xff"):
        with pytest.raises(
            TypeError, match=r"images: expected a sequence of pictures, received one; write \[picture\]"
        ):
            pictures.check_sequence("images", one)
    assert pictures.check_sequence("images", (b"a", "b")) == [b"a", "b"]
