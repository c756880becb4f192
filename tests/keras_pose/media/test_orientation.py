"""The EXIF orientation: read from every format that has one, and applied as viewers do."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from keras_pose.media import images, orientation


def encoded(pixels, tag, kind, **options):
    """The bytes of a picture with an orientation tag; None: without EXIF data."""
    exif = Image.Exif()
    if tag is not None:
        exif[0x0112] = tag
        options["exif"] = exif
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def numbered(height=3, width=5):
    return np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "MPO"])
@pytest.mark.parametrize("tag", range(1, 9))
def test_the_tag_is_read_from_files_and_bytes(tmp_path, kind, tag):
    data = encoded(numbered(), tag, kind)
    path = tmp_path / "picture"
    path.write_bytes(data)
    assert orientation.exif_orientation(path) == tag
    assert orientation.exif_orientation(str(path)) == tag
    assert orientation.exif_orientation(data) == tag


@pytest.mark.parametrize("tag", range(1, 9))
def test_pictures_are_turned_as_viewers_turn_them(tag):
    pixels = numbered()
    shown = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(encoded(pixels, tag, "PNG")))))
    upright = orientation.turn_upright(pixels, tag)
    np.testing.assert_array_equal(upright, shown)
    assert upright.flags.c_contiguous
    assert (upright.shape[:2] != pixels.shape[:2]) == orientation.swaps_sides(tag)
    np.testing.assert_array_equal(orientation.turn_back(upright, tag), pixels)


def test_grey_pictures_turn_too():
    np.testing.assert_array_equal(orientation.turn_upright(np.array([[1, 2, 3]]), 6), [[1], [2], [3]])
    np.testing.assert_array_equal(orientation.turn_upright(np.array([[1, 2, 3]]), 8), [[3], [2], [1]])


@pytest.mark.parametrize("tag", [None, 0, 9, 200])
def test_without_a_defined_tag_the_picture_is_as_stored(tag):
    assert orientation.exif_orientation(encoded(numbered(), tag, "JPEG")) == 1


@pytest.mark.parametrize("data", [b"", b"words", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"II*\0\x08\0\0\0"])
def test_what_is_no_picture_has_no_tag(data):
    assert orientation.exif_orientation(data) == 1


def test_damaged_exif_data_is_no_error():
    data = encoded(numbered(), 6, "JPEG")
    start = data.index(b"Exif\0\0") + 6
    for length in range(12, 30):
        orientation.exif_orientation(data[: start + length])
    assert orientation.exif_orientation(data[:start] + b"XX" + data[start + 2 :]) == 1


@pytest.mark.parametrize("value", [0, 9, -1, "6"])
def test_other_orientations_are_refused(value):
    with pytest.raises(ValueError, match="orientation: expected 1 to 8, received"):
        orientation.turn_upright(numbered(), value)
    with pytest.raises(ValueError, match="orientation: expected 1 to 8, received"):
        orientation.turn_back(numbered(), value)


@pytest.mark.parametrize("tag", range(1, 9))
def test_points_turn_with_their_pixels(tag):
    image = np.zeros((5, 9), np.uint8)
    points = np.array([[2.0, 1.0], [8.0, 4.0], [0.0, 3.0], [np.nan, np.nan]])
    for value, (x, y) in enumerate(points[:3].astype(int), 1):
        image[y, x] = value
    turned = orientation.turn_upright(image, tag)
    found = orientation.turn_points(points, tag, image.shape)
    assert [turned[int(y), int(x)] for x, y in found[:3]] == [1, 2, 3]
    assert np.isnan(found[3]).all()


@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_tag_with_several_values_does_not_count(tmp_path, big):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.tif"
    Image.new("RGB", (56, 40)).save(path, exif=exif, big_tiff=big)
    assert orientation.exif_orientation(path) == 6
    data = bytearray(path.read_bytes())
    place = data.index(b"\x12\x01\x03\0\1")
    data[place + 4] = 3  # values, which then stand elsewhere in the file
    data[place + (12 if big else 8)] = 4
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert orientation.exif_orientation(path) == 1
        assert images.image_size(path) == images.read_image(path).shape[:2] == (40, 56)
