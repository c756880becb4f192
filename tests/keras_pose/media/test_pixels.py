"""Frames as 8-bit RGB: equal to OpenCV's, scaled by their depth, and turned by their display matrix."""

import av
import cv2
import numpy as np
import pytest

from keras_pose.media import pixels
from keras_pose.media.orientation import turn_upright
from tests.helpers import coded_videos


def first_frame(path):
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("a.mp4", {}),
        ("b.avi", {"codec": "mpeg4"}),
        ("c.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
        ("d.mkv", {"codec": "ffv1", "pix_fmt": "bgr0"}),
        ("e.avi", {"codec": "rawvideo", "pix_fmt": "gray"}),
        ("f.webm", {"codec": "libvpx-vp9"}),
    ],
)
def test_pixels_equal_those_of_opencv(tmp_path, name, coding):
    path = coded_videos.write_numbered(tmp_path / name, 3, **coding)
    _, expected = cv2.VideoCapture(str(path)).read()
    np.testing.assert_array_equal(pixels.PixelConverter().to_rgb(first_frame(path)), expected[..., ::-1])


def deep_frame(values, name):
    values = np.ascontiguousarray(values, np.uint16)
    return av.VideoFrame.from_ndarray(values, format=name)


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "top"),
    [
        ("ffv1", "gray10le", 1023),
        ("ffv1", "gray12le", 4095),
        ("ffv1", "gbrp10le", 1023),
        ("ffv1", "gray16le", 65535),
        ("ffv1", "rgb48le", 65535),
    ],
)
def test_the_largest_value_of_the_declared_depth_becomes_255(tmp_path, codec, pix_fmt, top):
    source = "rgb48le" if pix_fmt in ("gbrp10le", "rgb48le") else "gray16le"
    scale = 65535 if source in ("rgb48le",) or pix_fmt == "gray16le" else None
    shape = (64, 64, 3) if source == "rgb48le" else (64, 64)
    if scale:
        values = np.zeros(shape, np.uint16)
        values[:32] = 65535
        frame = deep_frame(values, source).reformat(format=pix_fmt)
    else:
        frame = av.VideoFrame(64, 64, pix_fmt)
        plane = np.zeros((64, frame.planes[0].line_size // 2), np.uint16)
        plane[:32] = top
        frame.planes[0].update(plane.tobytes())
    path = coded_videos.write_coded(tmp_path / "a.mkv", [frame], codec=codec, pix_fmt=pix_fmt)
    read = pixels.PixelConverter().to_rgb(first_frame(path))
    assert (read[:30] == 255).all()
    assert (read[34:] == 0).all()


@pytest.mark.parametrize(("codec", "name"), [("libx264", "a.mp4"), ("libx265", "b.mp4")])
def test_white_of_10_bits_is_white(tmp_path, codec, name):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    white = [np.full((64, 64, 3), 255, np.uint8)] * 3
    path = coded_videos.write_coded(tmp_path / name, white, codec=codec, pix_fmt="yuv420p10le", options=options)
    frame = first_frame(path)
    assert frame.format.name == "yuv420p10le"
    assert pixels.PixelConverter().to_rgb(frame).min() >= 252


@pytest.mark.parametrize("name", ["gray16le", "gray16be", "rgb48le", "bgr48le", "rgb48be", "gbrp16le"])
def test_16_bits_are_scaled_by_the_observed_depth(name):
    shape = (4, 8) if name.startswith("gray") else (4, 8, 3)
    values = np.linspace(0, 4095, int(np.prod(shape))).reshape(shape).astype(np.uint16)
    frame = deep_frame(values, "gray16le" if name.startswith("gray") else "rgb48le").reformat(format=name)
    converter = pixels.PixelConverter(bits=12)
    assert pixels.is_deep(frame)
    assert converter.peak(frame) == 4095
    expected = np.round(values * (255 / 4095))
    expected = np.repeat(expected[..., None], 3, -1) if expected.ndim == 2 else expected
    np.testing.assert_array_equal(converter.to_rgb(frame), expected)


def test_a_frame_without_a_matrix_is_upright(tmp_path):
    frame = first_frame(coded_videos.write_numbered(tmp_path / "a.mp4", 1))
    assert pixels.frame_orientation(frame) == 1
    assert not pixels.is_deep(frame)


@pytest.mark.parametrize(
    ("matrix", "orientation", "turn"),
    [
        ((1, 0, 0, 1), 1, lambda f: f),
        ((-1, 0, 0, 1), 2, lambda f: f[:, ::-1]),
        ((-1, 0, 0, -1), 3, lambda f: np.rot90(f, 2)),
        ((1, 0, 0, -1), 4, lambda f: f[::-1]),
        ((0, 1, 1, 0), 5, lambda f: np.swapaxes(f, 0, 1)),
        ((0, 1, -1, 0), 6, lambda f: np.rot90(f, -1)),
        ((0, -1, -1, 0), 7, lambda f: np.rot90(np.swapaxes(f, 0, 1), 2)),
        ((0, -1, 1, 0), 8, lambda f: np.rot90(f, 1)),
    ],
)
def test_the_display_matrix_tells_the_orientation(tmp_path, matrix, orientation, turn):
    path = coded_videos.turn_by_matrix(coded_videos.write_numbered(tmp_path / "a.mp4", 1), matrix)
    frame = first_frame(path)
    assert pixels.frame_orientation(frame) == orientation
    stored = pixels.PixelConverter().to_rgb(frame)
    np.testing.assert_array_equal(turn_upright(stored, orientation), turn(stored))
