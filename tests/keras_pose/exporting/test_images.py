"""Decoding in the graph: pixels as OpenCV decodes them, and a bad image never fails its batch."""

import struct
import zlib

import cv2
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.exporting import fit_to_input, images

SIZE_HW = (64, 96)
WHOLE = (0.0, 0.0, 0.0, 0.0)


def picture(height, width, seed=0):
    small = np.random.default_rng(seed).integers(0, 256, (7, 9, 3)).astype(np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(image, ending=".png", options=()):
    return cv2.imencode(ending, image[..., ::-1] if image.ndim == 3 else image, list(options))[1].tobytes()


def fit(data, regions=None):
    regions = regions if regions is not None else [WHOLE] * len(data)
    # One graph, as in an export.
    run = tf.function(lambda d, r: images.decode_and_fit(d, r, SIZE_HW))
    return [value.numpy() for value in run(tf.constant(data, tf.string), tf.constant(regions, tf.float32))]


def png_header(width, height):
    """Returns a PNG of a few bytes whose header claims a size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(b"\0" * 4096)
    chunks = [struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (body, pixels, b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_each_image_is_fitted_by_its_own_size_and_region():
    pictures = [picture(50, 60), picture(200, 150, seed=1), picture(64, 96, seed=2)]
    regions = np.float32([WHOLE, (10, 20, 100, 50), (-3.5, 5, 40, 30)])
    frames, to_frame, present = fit([encoded(image) for image in pictures], regions)
    assert present.all()
    for row, (image, region) in enumerate(zip(pictures, regions)):
        expected, matrix, _ = fit_to_input.fit_to_input(tf.constant(image[None]), region, SIZE_HW)
        np.testing.assert_allclose(frames[row], expected[0], atol=1e-3)
        np.testing.assert_allclose(to_frame[row], matrix, rtol=1e-6)


@pytest.mark.parametrize("region", [WHOLE, (5, 5, -1, 10), (5, 5, 10, 0)])
def test_a_region_without_area_is_the_whole_image(region):
    frames, to_frame, present = fit([encoded(picture(50, 60))] * 2, [WHOLE, region])
    assert present.all()
    np.testing.assert_array_equal(frames[0], frames[1])
    np.testing.assert_array_equal(to_frame[0], to_frame[1])


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 1e30, 1e-30])
def test_unusable_regions_give_black_frames_and_finite_matrices(number):
    regions = [np.roll((number, 5, 40, 30), shift) for shift in (range(4) if abs(number) != 1e-30 else (2, 3))]
    frames, to_frame, present = fit([encoded(picture(50, 60))] * len(regions), regions)
    assert not present.any()
    assert np.isfinite(frames).all()
    assert np.isfinite(to_frame).all()


def test_a_damaged_image_does_not_affect_other_rows():
    good = encoded(picture(70, 40))
    other = encoded(picture(33, 90), ".jpg")
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0xFF
    bad = [
        *(b"", b"hello", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff" + b"x" * 500, bytes(flipped)),
        *(data[: int(len(data) * part)] for data in (good, other) for part in (0.1, 0.5, 0.9)),
        *(encoded(picture(20, 30), ".bmp"), b"GIF89a" + b"\0" * 40, b"BM" + b"\0" * 80, b"RIFF0000WEBPVP8 "),
    ]
    frames, to_frame, present = fit([good, *bad, other, *bad])
    assert present.nonzero()[0].tolist() == [0, len(bad) + 1]
    assert not frames[~present].any()
    assert np.isfinite(to_frame).all()
    np.testing.assert_array_equal(frames[0], fit([good])[0][0])


@pytest.mark.parametrize("data", [png_header(30000, 30000), png_header(2**31 - 1, 3), png_header(0, 9)])
def test_a_png_whose_header_claims_a_huge_size_is_not_decoded(data):
    assert not fit([data])[2].any()


def test_a_jpeg_whose_header_claims_a_huge_size_is_not_decoded():
    data = bytearray(encoded(picture(40, 40), ".jpg"))
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", 65000, 65000)
    assert not fit([bytes(data)])[2].any()


def test_an_empty_batch_gives_empty_results():
    frames, to_frame, present = fit([], np.zeros((0, 4)))
    assert frames.shape == (0, *SIZE_HW, 3)
    assert to_frame.shape == (0, 3, 3)
    assert present.shape == (0,)


def test_grey_alpha_and_16_bits_become_rgb():
    image = picture(64, 96)
    grey = image[..., 0]
    alpha = np.concatenate([image[..., ::-1], np.full((64, 96, 1), 9, np.uint8)], -1)
    wide = image[..., ::-1].astype(np.uint16) * 257
    data = [encoded(grey), cv2.imencode(".png", alpha)[1].tobytes(), cv2.imencode(".png", wide)[1].tobytes()]
    frames, _, present = fit(data)
    assert present.all()
    np.testing.assert_array_equal(frames[0], np.repeat(grey[..., None], 3, -1))
    np.testing.assert_array_equal(frames[1], image)
    np.testing.assert_allclose(frames[2], image, atol=1)


def test_jpeg_has_the_grey_levels_of_opencv():
    data = encoded(picture(64, 96), ".jpg", (cv2.IMWRITE_JPEG_QUALITY, 80))
    frames, _, _ = fit([data])
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32)
    assert np.abs(frames[0] - expected).max() <= 2
    assert np.abs(frames[0] - expected).mean() < 0.1
