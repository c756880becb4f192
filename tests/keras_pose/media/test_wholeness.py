"""Truncated pictures are found wherever they end; whole ones may have anything behind their end."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_pose.media import wholeness

JUNK = np.random.default_rng(1).integers(0, 256, 200_000, np.uint8).tobytes()
MP4_START = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


def picture(height=120, width=160):
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(noise)


def encoded(kind, image=None, **options):
    file = io.BytesIO()
    (image or picture()).save(file, kind, **options)
    return file.getvalue()


def with_thumbnail():
    """A JPEG with a whole JPEG in its EXIF data."""
    exif = Image.Exif()
    exif[0x010E] = "x" * 50
    data = encoded("JPEG", exif=exif)
    thumbnail = encoded("JPEG", picture(32, 32))
    body = b"FPXR\0" + thumbnail
    return data[:2] + b"\xff\xe2" + (len(body) + 2).to_bytes(2, "big") + body + data[2:]


PICTURES = {
    "jpeg": encoded("JPEG", quality=90),
    "progressive": encoded("JPEG", quality=90, progressive=True),
    "restarts": encoded("JPEG", quality=90, restart_marker_blocks=3),
    "grey": encoded("JPEG", picture().convert("L")),
    "cmyk": encoded("JPEG", picture().convert("CMYK")),
    "thumbnail": with_thumbnail(),
    "two pictures": encoded("MPO", save_all=True, append_images=[picture(60, 80)]),
    "png": encoded("PNG"),
}
TAILS = (b"", b"\0" * 50_000, JUNK[:100], JUNK, b"\xff\xd9", JUNK[:90] + b"\xff\xd9", PICTURES["jpeg"], PICTURES["png"])
NEXT_TO_NOTHING = (b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0", b"\x89PNG", b"\x89PNG\r\n\x1a\n\0")


def is_whole(data):
    if not data.startswith(b"\xff\xd8"):
        return wholeness.has_end(data)
    return wholeness.has_end(data) and wholeness.jpeg_decodes(data)


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize(
    "tail",
    [b"", b"\0" * 7, b"\0" * 100_000, JUNK[:100], JUNK, MP4_START + JUNK[:5000], PICTURES["jpeg"], PICTURES["png"]],
)
def test_bytes_behind_the_end_are_no_fault(name, tail):
    assert is_whole(PICTURES[name] + tail)


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in ("two pictures", "cmyk")])
@pytest.mark.parametrize("share", [0.25, 0.4, 0.5, 0.9, 0.97])
@pytest.mark.parametrize(
    "tail",
    [b"", b"\0" * 50_000, JUNK[:100], JUNK, b"\xff\xd9", PICTURES["jpeg"], PICTURES["png"], JUNK[:90] + b"\xff\xd9"],
)
def test_a_truncated_picture_is_found_whatever_follows(name, share, tail):
    data = PICTURES[name]
    assert not is_whole(data[: int(share * len(data))] + tail)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_without_its_last_bytes_is_truncated(name):
    data = PICTURES[name] if name != "two pictures" else PICTURES["jpeg"]
    for missing in (1, 2, 10):
        assert not wholeness.has_end(data[:-missing])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0", b"\x89PNG", b"\x89PNG\r\n\x1a\n\0"]
)
def test_next_to_nothing_is_not_whole(data):
    assert not wholeness.has_end(data)


def test_a_jpeg_that_ffmpeg_does_not_read_is_left_to_opencv():
    assert wholeness.jpeg_decodes(encoded("JPEG", picture().convert("CMYK"), subsampling=1)) is None


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (17, 13), (100, 3)])
@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}, {"optimize": True}])
def test_small_whole_pictures_pass(size, options):
    assert is_whole(encoded("JPEG", picture(*size), **options))
    assert is_whole(encoded("PNG", picture(*size)))


def test_padding_before_the_end_marker_is_no_fault():
    data = PICTURES["jpeg"]
    for padding in (b"\0", b"\0" * 50, b"\xff" * 9):
        assert is_whole(data[:-2] + padding + data[-2:])


def test_a_jpeg_of_few_bytes_holds_no_large_picture():
    for size_hw in ((2000, 3000), (16, 16)):
        file = io.BytesIO()
        Image.new("L", size_hw[::-1]).save(file, "JPEG")
        assert wholeness.jpeg_can_hold(file.getvalue(), size_hw)
        assert not wholeness.jpeg_can_hold(file.getvalue(), (60_000, 50_000))
    assert wholeness.jpeg_can_hold(b"", None)
