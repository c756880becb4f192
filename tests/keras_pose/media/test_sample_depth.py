"""The depth of samples: from headers and tags, and from the largest sample if no tag states it."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from keras_pose.media import sample_depth
from keras_pose.media.sample_depth import SampleDepth


def tiff(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "TIFF", **options)
    return file.getvalue()


def opencv(ending, pixels):
    return cv2.imencode(ending, pixels)[1].tobytes()


def with_sbit(png, bits):
    chunk = b"sBIT" + bytes(bits)
    chunk = struct.pack(">I", len(bits)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return png[:33] + chunk + png[33:]


DEEP = np.full((4, 6), 4000, np.uint16)
DEEP_COLOUR = np.full((4, 6, 3), 4000, np.uint16)


@pytest.mark.parametrize(
    ("data", "depth"),
    [
        (opencv(".png", DEEP), SampleDepth(16)),
        (opencv(".png", DEEP_COLOUR), SampleDepth(16)),
        (opencv(".png", DEEP.astype(np.uint8)), SampleDepth(8)),
        (with_sbit(opencv(".png", DEEP), [12]), SampleDepth(16, 12)),
        (with_sbit(opencv(".png", DEEP_COLOUR), [10, 12, 11]), SampleDepth(16, 12)),
        (with_sbit(opencv(".png", DEEP.astype(np.uint8)), [5]), SampleDepth(8)),
        (opencv(".tif", DEEP), SampleDepth(16)),
        (opencv(".tif", DEEP_COLOUR), SampleDepth(16)),
        (opencv(".tif", DEEP.astype(np.uint8)), SampleDepth(8)),
        (tiff(DEEP, tiffinfo={281: 4095}), SampleDepth(16, 12)),
        (tiff(DEEP, tiffinfo={341: 1023}), SampleDepth(16, 10)),
        (tiff(DEEP, tiffinfo={281: 65535}), SampleDepth(16, 16)),
        (tiff(DEEP, big_tiff=True), SampleDepth(16)),
        (opencv(".jpg", DEEP.astype(np.uint8)), SampleDepth()),
        (opencv(".bmp", DEEP.astype(np.uint8)), SampleDepth()),
        (b"", SampleDepth()),
        (b"II*\0", SampleDepth(1)),
        (b"\x89PNG\r\n\x1a\n", SampleDepth()),
    ],
)
def test_the_header_tells_the_depth(data, depth):
    assert sample_depth.read_depth(data) == depth


@pytest.mark.parametrize(
    ("pixels", "fault"),
    [
        (np.full((4, 6), 0.5, np.float32), "float samples of 32 bits"),
        (np.full((4, 6, 3), 0.5, np.float64), "float samples of 64 bits"),
        (np.full((4, 6), 0.5, np.float64), "float samples of 64 bits"),
        (np.full((4, 6), 5, np.int32), "signed whole samples of 32 bits"),
    ],
)
def test_samples_that_cannot_be_used_are_named(pixels, fault):
    assert sample_depth.read_depth(opencv(".tif", pixels)).fault == fault


@pytest.mark.parametrize("compression", [1, 34677])
def test_float_colour_is_refused_whatever_its_compression(compression):
    pixels = np.full((4, 6, 3), 0.5, np.float32)
    data = cv2.imencode(".tif", pixels, [cv2.IMWRITE_TIFF_COMPRESSION, compression])[1].tobytes()
    assert sample_depth.read_depth(data).fault.startswith("float samples")


@pytest.mark.parametrize(
    ("stated", "peak", "bits"),
    [
        (0, 200, 8),
        (0, 256, 10),
        (0, 1023, 10),
        (0, 1024, 12),
        (0, 4095, 12),
        (0, 16383, 14),
        (0, 65535, 16),
        (12, 300, 12),
        (12, 4095, 12),
        (12, 4096, 14),
        (12, 65520, 16),  # as the PNG standard wants it: scaled up, the tag tells the camera's depth
        (11, 2047, 11),
        (16, 900, 16),
        (1, 900, 10),
    ],
)
def test_the_tag_decides_unless_a_sample_contradicts_it(stated, peak, bits):
    assert sample_depth.used_bits(stated, peak) == bits
