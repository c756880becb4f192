"""Image files: decoded colours, sizes from headers, and files that are missing, truncated or not images."""

import cv2
import numpy as np
import pytest

from keras_pose.media import images

ENDINGS = (".png", ".jpg", ".bmp")


def write_image(path, array):
    assert cv2.imwrite(str(path), array)
    return path


def smooth_image(size_hw=(24, 40)):
    """uint8 RGB [H, W, 3], a gradient in each channel that JPEG keeps within a few grey levels."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    return np.stack([4 * x, 200 - 4 * x, 8 * y], -1).astype(np.uint8)


@pytest.mark.parametrize("ending", ENDINGS)
def test_colours_come_in_the_order_red_green_blue(tmp_path, ending):
    image = smooth_image()
    read = images.read_image(write_image(tmp_path / f"image{ending}", image[..., ::-1]))
    assert (read.dtype, read.shape) == (np.uint8, (24, 40, 3))
    np.testing.assert_allclose(read.astype(int), image, atol=12 if ending == ".jpg" else 0)


def test_grey_16_bit_and_transparent_images_become_8_bit_rgb(tmp_path):
    grey = write_image(tmp_path / "grey.png", np.full((5, 7), 90, np.uint8))
    deep = write_image(tmp_path / "deep.png", np.full((5, 7), 90 * 256, np.uint16))
    transparent = write_image(tmp_path / "transparent.png", np.full((5, 7, 4), 90, np.uint8))
    for path in (grey, deep, transparent):
        np.testing.assert_array_equal(images.read_image(path), np.full((5, 7, 3), 90, np.uint8))


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_header_tells_the_size(tmp_path, ending):
    path = write_image(tmp_path / f"image{ending}", np.zeros((13, 29, 3), np.uint8))
    assert images.image_size(path) == (13, 29)


def test_the_header_is_enough_for_the_size(tmp_path):
    for ending in (".png", ".jpg"):
        path = write_image(tmp_path / f"image{ending}", smooth_image((300, 200)))
        path.write_bytes(path.read_bytes()[:700])
        assert images.image_size(path) == (300, 200)


@pytest.mark.parametrize("read", [images.read_image, images.image_size])
def test_files_that_are_not_images_are_named(tmp_path, read):
    with pytest.raises(ValueError, match="no.png: expected an image, found no such file"):
        read(tmp_path / "no.png")
    (tmp_path / "text.bmp").write_bytes(b"words" * 20)
    with pytest.raises(ValueError, match=r"text.bmp: expected an image, but the file cannot be decoded \(100 bytes\)"):
        read(tmp_path / "text.bmp")
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"empty.png: .* empty or truncated \(0 bytes\)"):
        read(tmp_path / "empty.png")


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_a_truncated_image_is_refused(tmp_path, ending):
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    path = write_image(tmp_path / f"image{ending}", noise)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ValueError, match="expected a whole image, but the file is empty or truncated"):
        images.read_image(path)


def test_images_are_stacked_even_if_there_are_none():
    frames = [np.full((4, 6, 3), level, np.uint8) for level in (1, 2)]
    np.testing.assert_array_equal(images.stack_images(frames, (4, 6))[:, 0, 0, 0], [1, 2])
    empty = images.stack_images([], (4, 6))
    assert (empty.shape, empty.dtype) == ((0, 4, 6, 3), np.uint8)
