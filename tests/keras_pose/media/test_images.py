"""Image files: decoded colours, sizes from headers, and files that are missing, truncated or not images."""

import io
import struct
import warnings
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from keras_pose.media import images, orientation

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


def deep_image(peak, colour, dtype=np.uint16):
    """uint16 [24, 40] or [24, 40, 3], a ramp from 0 to `peak`."""
    ramp = np.linspace(0, peak, 24 * 40).reshape(24, 40).round().astype(dtype)
    return np.stack([ramp, ramp // 2, ramp // 4], -1) if colour else ramp


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize(("peak", "bits"), [(255, 8), (1023, 10), (4095, 12), (4000, 12), (16383, 14), (65535, 16)])
def test_the_range_that_a_file_of_16_bits_uses_becomes_8_bits(tmp_path, ending, peak, bits, colour):
    deep = deep_image(peak, colour)
    path = write_image(tmp_path / f"image{ending}", deep)
    read = images.read_image(path)
    expected = deep[..., ::-1] if colour else np.stack([deep] * 3, -1)
    np.testing.assert_allclose(read.astype(float), expected * (255 / (2**bits - 1)), atol=1)
    np.testing.assert_array_equal(images.read_image(path, bits=bits), read)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("ending", [".png", ".tif"])
def test_the_full_range_is_reduced_as_opencv_does(tmp_path, ending, colour):
    path = write_image(tmp_path / f"image{ending}", deep_image(65535, colour))
    expected = cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    for bits in (None, 16):
        np.testing.assert_array_equal(images.read_image(path, bits=bits), expected)


def test_pictures_that_belong_together_share_their_bits(tmp_path):
    path = write_image(tmp_path / "dark.png", np.full((4, 6), 273, np.uint16))
    assert images.read_image(path)[0, 0, 0] == 68  # alone: 10 bits
    assert images.read_image(path, bits=12)[0, 0, 0] == 17
    assert images.read_image(path, bits=16)[0, 0, 0] == 1
    grey = write_image(tmp_path / "grey.png", np.full((4, 6), 200, np.uint8))
    assert images.read_image(grey, bits=12)[0, 0, 0] == 200


def test_a_tag_states_the_range(tmp_path):
    Image.fromarray(np.full((4, 6), 273, np.uint16)).save(tmp_path / "dark.tif", tiffinfo={281: 4095})
    assert images.read_image(tmp_path / "dark.tif")[0, 0, 0] == 17


def test_an_alpha_channel_of_16_bits_is_dropped_and_does_not_count(tmp_path):
    path = write_image(tmp_path / "a.png", np.full((4, 6, 4), (1000, 2000, 4095, 65535), np.uint16))
    assert images.read_image(path)[0, 0].tolist() == [255, 125, 62]


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("tag", range(1, 9))
def test_a_picture_is_read_as_stored_or_upright(tmp_path, ending, tag):
    stored = smooth_image((16, 40))
    exif = Image.Exif()
    exif[0x0112] = tag
    options = (
        {"lossless": True} if ending == ".webp" else {"subsampling": 0, "quality": 100} if ending == ".jpg" else {}
    )
    Image.fromarray(stored).save(tmp_path / f"a{ending}", exif=exif, **options)
    upright = orientation.turn_upright(stored, tag)
    for is_upright, expected in ((False, stored), (True, upright)):
        read = images.read_image(tmp_path / f"a{ending}", upright=is_upright)
        np.testing.assert_allclose(read.astype(int), expected, atol=4 if ending == ".jpg" else 0)
        assert images.image_size(tmp_path / f"a{ending}", upright=is_upright) == expected.shape[:2]


def test_a_deep_picture_is_turned_too(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.array([[0, 4095, 0]], np.uint16)
    Image.fromarray(stored).save(tmp_path / "a.tif", exif=exif)
    assert images.read_image(tmp_path / "a.tif")[..., 0].tolist() == [[0, 255, 0]]
    assert images.read_image(tmp_path / "a.tif", upright=True)[..., 0].tolist() == [[0], [255], [0]]


@pytest.mark.parametrize(
    ("mode", "ending"),
    [
        ("CMYK", ".jpg"),
        ("L", ".jpg"),
        ("P", ".png"),
        ("1", ".png"),
        ("LA", ".png"),
        ("RGBA", ".png"),
        ("RGB", ".gif"),
        ("P", ".gif"),
        ("RGB", ".webp"),
        ("RGBA", ".webp"),
        ("P", ".bmp"),
        ("1", ".bmp"),
        ("RGB", ".ppm"),
        ("RGB", ".jp2"),
        ("RGB", ".tga"),
        ("CMYK", ".tif"),
        ("P", ".tif"),
        ("1", ".tif"),
    ],
)
def test_every_kind_of_picture_becomes_rgb(tmp_path, mode, ending):
    flat = np.zeros((24, 40, 3), np.uint8)
    flat[:, 20:] = 255
    image = Image.fromarray(flat).convert(mode)
    image.save(tmp_path / f"a{ending}")
    read = images.read_image(tmp_path / f"a{ending}")
    assert (read.dtype, read.shape) == (np.uint8, (24, 40, 3))
    np.testing.assert_allclose(read.astype(int), flat, atol=12)
    assert images.image_size(tmp_path / f"a{ending}") == (24, 40)


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png", ".tif"])
def test_the_first_picture_of_an_animation_is_read(tmp_path, ending):
    first = Image.fromarray(np.full((24, 40, 3), 255, np.uint8))
    options = {"lossless": True} if ending == ".webp" else {}
    second = Image.fromarray(np.zeros((24, 40, 3), np.uint8))
    first.save(tmp_path / f"a{ending}", save_all=True, append_images=[second], **options)
    assert (images.read_image(tmp_path / f"a{ending}") == 255).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
def test_samples_that_are_no_whole_numbers_of_8_or_16_bits_are_refused(tmp_path, dtype):
    for pixels in (np.zeros((4, 6), dtype), np.zeros((4, 6, 3), dtype)):
        path = write_image(tmp_path / "a.tif", pixels)
        with pytest.raises(
            ValueError, match="a.tif: expected samples of 8 or 16 bits, unsigned whole numbers, but found"
        ):
            images.read_image(path)


def test_a_folder_and_a_name_that_is_no_path_are_named(tmp_path):
    (tmp_path / "x.png").mkdir()
    for read in (images.read_image, images.image_size):
        with pytest.raises(ValueError, match="x.png: expected an image, found a folder"):
            read(tmp_path / "x.png")
        with pytest.raises(ValueError, match="expected an image, found no such file"):
            read("a" * 5000 + ".png")


@pytest.mark.parametrize("tail", [b"\0" * 9, bytes(range(256)) * 800])
@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_bytes_behind_the_end_of_a_whole_image_are_ignored(tmp_path, ending, tail):
    path = write_image(tmp_path / f"image{ending}", smooth_image())
    before = images.read_image(path)
    path.write_bytes(path.read_bytes() + tail)
    np.testing.assert_array_equal(images.read_image(path), before)


def test_a_thumbnail_is_not_the_end_of_its_picture(tmp_path):
    thumbnail = io.BytesIO()
    Image.fromarray(smooth_image((8, 8))).save(thumbnail, "JPEG")
    body = b"JFXX\0\x10" + thumbnail.getvalue()
    path = write_image(tmp_path / "a.jpg", smooth_image((64, 80)))
    data = path.read_bytes()
    data = data[:2] + b"\xff\xe0" + (len(body) + 2).to_bytes(2, "big") + body + data[2:]
    path.write_bytes(data)
    assert images.read_image(path).shape == (64, 80, 3)
    for end in (len(body) + 6, len(body) + 200, len(data) - 100):
        path.write_bytes(data[:end])
        with pytest.raises(ValueError, match="expected a whole image, but the file is empty or truncated"):
            images.read_image(path)


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


def value_or_message(read, *arguments):
    """(what is returned, ""), or (None, message of the ValueError)."""
    try:
        return read(*arguments), ""
    except ValueError as error:
        return None, str(error)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".tif", ".bmp", ".webp", ".gif"])
def test_a_file_that_ends_within_its_header_is_named_without_warnings(tmp_path, ending):
    path = tmp_path / f"image{ending}"
    Image.fromarray(smooth_image()).save(path)
    whole = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for end in range(1, 40):
            path.write_bytes(whole[:end])
            with pytest.raises(ValueError, match=f"image{ending}: expected "):
                images.read_image(path)
            size_hw, message = value_or_message(images.image_size, path)
            assert size_hw == (24, 40) or f"image{ending}: expected " in message


@pytest.mark.parametrize(("place", "value"), [(86, 2), (7, 1), (16, 255), (30, 255), (60, 7)])
def test_damaged_tags_cause_no_warnings(tmp_path, place, value):
    exif = Image.Exif()
    exif[0x0112] = 3
    path = tmp_path / "a.tif"
    Image.fromarray(smooth_image()).save(path, exif=exif)
    data = bytearray(path.read_bytes())
    data[place] ^= value
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for read in (images.image_size, images.read_image):
            for upright in (False, True):
                value, message = value_or_message(read, path, upright)
                assert value is not None or "a.tif: expected " in message


def png_of_size(size_hw):
    """The bytes of a whole PNG that claims a size and has no pixels for it."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", size_hw[1], size_hw[0], 8, 0, 0, 0, 0)), (b"IDAT", b""), (b"IEND", b"")]
    parts = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_picture_larger_than_opencv_reads_is_refused_with_its_size(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png_of_size((40_000, 30_000)))
    with pytest.raises(ValueError, match="a.png: expected at most 1,073,741,824 px, found 40000×30000 px"):
        images.read_image(path)


@pytest.mark.parametrize("size_hw", [(0, 5), (5, 0), (0, 0)])
def test_a_picture_without_pixels_has_no_size(tmp_path, size_hw):
    path = tmp_path / "a.png"
    path.write_bytes(png_of_size(size_hw))
    for read in (images.image_size, images.read_image):
        with pytest.raises(ValueError, match="a.png: expected an image"):
            read(path)


def test_a_header_that_claims_a_very_large_picture_causes_no_warning(tmp_path):
    path = tmp_path / "a.bmp"
    Image.fromarray(smooth_image()).save(path)
    data = bytearray(path.read_bytes())
    data[18:26] = struct.pack("<ii", 14_000, 12_000)  # 168 million pixels
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert images.image_size(path) == (12_000, 14_000)
        assert orientation.exif_orientation(path) == 1
        with pytest.raises(ValueError, match="a.bmp: expected an image"):
            images.read_image(path)


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


def test_a_size_that_damage_made_large_is_refused_at_once(tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("L", (56, 40)).save(path)
    data = bytearray(path.read_bytes())
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = b"\xea\x60\x40\0"  # 60,000×16,384 px
    path.write_bytes(data)
    with pytest.raises(ValueError, match="a.jpg: expected a whole image"):
        images.read_image(path)
