"""Tests of the two decoders of JPEG files."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from keras_pose.media import images, jpeg_decoder

MOST_PIXELS = 1 << 20


def _encode(mode="RGB", **settings):
    noise = np.random.default_rng(0).integers(0, 256, (60, 85, 3), np.uint8)
    picture = cv2.GaussianBlur(noise, (0, 0), 2.0)
    data = io.BytesIO()
    Image.fromarray(picture).convert(mode).save(data, "JPEG", quality=90, **settings)
    return data.getvalue()


def _decode_with_opencv(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


@pytest.mark.parametrize("settings", [{"subsampling": 0}, {"subsampling": 2}, {"subsampling": 2, "progressive": True}])
def test_both_decoders_return_the_same_pixels(settings):
    data = _encode(**settings)
    np.testing.assert_array_equal(jpeg_decoder.decode_with_pillow(data, MOST_PIXELS), _decode_with_opencv(data))


@pytest.mark.parametrize(("mode", "tolerance"), [("L", 0), ("CMYK", 1)])
def test_other_colours(mode, tolerance):
    data = _encode(mode)
    received = jpeg_decoder.decode_with_pillow(data, MOST_PIXELS)
    assert received.shape == (60, 85, 3)
    np.testing.assert_allclose(received, _decode_with_opencv(data).astype(int), atol=tolerance)


def test_orientation_is_left_alone():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert jpeg_decoder.decode_with_pillow(_encode(exif=exif), MOST_PIXELS).shape == (60, 85, 3)


def test_reduced_picture_is_smaller():
    small = jpeg_decoder.decode_with_pillow(_encode(), MOST_PIXELS, reduction=8)
    assert small.shape == (8, 11, 3)


def test_what_does_not_decode():
    data = _encode()
    assert jpeg_decoder.decode_with_pillow(data, 60 * 85 - 1) is None
    assert jpeg_decoder.decode_with_pillow(data[: len(data) // 2], MOST_PIXELS) is None
    assert jpeg_decoder.decode_with_pillow(b"\xff\xd8\xff", MOST_PIXELS) is None


@pytest.mark.skipif(jpeg_decoder.OPENCV_IS_SOUND, reason=f"OpenCV {cv2.__version__} decodes JPEGs soundly")
def test_opencv_4_10_and_4_11_see_no_jpeg(monkeypatch, tmp_path):
    path = tmp_path / "picture.jpg"
    path.write_bytes(_encode())
    expected = images.read_image(path)

    def refuse(data, flags):
        raise AssertionError("OpenCV decodes a JPEG")

    monkeypatch.setattr(cv2, "imdecode", refuse)
    np.testing.assert_array_equal(images.read_image(path), expected)
