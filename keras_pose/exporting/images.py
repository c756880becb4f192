"""Encoded images to the network's input, in core TensorFlow operations, as the export does it.

Only JPEG and PNG are decoded. Grey images become RGB, 16 bits become 8, and an alpha channel is dropped. As in
training, the EXIF orientation tag is ignored: positions refer to the pixels as stored in the file. JPEG is decoded with
the accurate integer transform ("INTEGER_ACCURATE"), the default of libjpeg, OpenCV, Pillow and browsers. TensorFlow's
own default is faster, but its grey levels differ by a few.

An image that cannot be decoded must not make its whole batch fail. The images are therefore decoded by a dataset that
leaves out what fails, and black images take the places of those that are missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from keras_pose.exporting import fit_to_input

MAX_PIXELS = 64_000_000
_JPEG_START = b"\xff\xd8\xff"
_PNG_START = b"\x89PNG\r\n\x1a\n"


def decode_and_fit(
    image_bytes: tf.Tensor, regions: tf.Tensor, size_hw: Sequence[int]
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Decodes images of any sizes and fits them, or regions of them, to the network's input.

    Args:
      image_bytes: string [B], JPEG or PNG.
      regions: float32 [B, 4], (left, top, width, height) in px; see `fit_to_input.fit_to_input`.
      size_hw: (height, width) of the input in px.

    Returns:
      frames: float32 [B, *size_hw, 3], RGB, 0 to 255; black if `present` is false.
      to_frame: float32 [B, 3, 3], input px to image px; the identity if the image cannot be decoded.
      present: bool [B], false if the image is not a JPEG or PNG, is damaged or has more than `MAX_PIXELS`, or if a
        number of its region is not usable.
    """
    # Append an empty image, removed again below: it never fails, so the dataset below is never empty.
    image_bytes = tf.concat([image_bytes, [""]], 0)
    regions = tf.concat([regions, tf.zeros([1, 4])], 0)
    count = tf.shape(image_bytes, out_type=tf.int64)[0]

    @tf.autograph.experimental.do_not_convert
    def decode(place, data, region):
        image, decoded = _decode(data)
        frames, to_frame, usable = fit_to_input.fit_to_input(image[None], region, size_hw)
        return place, frames[0], to_frame, decoded & usable

    # Decode and fit the images in parallel, in order, without those that fail.
    images = tf.data.Dataset.from_tensor_slices((tf.range(count), image_bytes, regions))
    images = images.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).ignore_errors()
    places, frames, to_frame, present = images.batch(count).get_single_element()

    # Put them into their places, if any is missing.
    frames, to_frame, present = tf.cond(
        tf.shape(places, out_type=tf.int64)[0] == count,
        lambda: (frames, to_frame, present),
        lambda: _fill_up(places, frames, to_frame, present, count),
    )

    # Return them without the appended image.
    return (
        tf.ensure_shape(frames[:-1], [None, *size_hw, 3]),
        tf.ensure_shape(to_frame[:-1], [None, 3, 3]),
        tf.ensure_shape(present[:-1], [None]),
    )


def _fill_up(places, frames, to_frame, present, count):
    """Images at their places among `count`; the others are black and not present."""

    def spread(empty, values):
        filled = tf.repeat(empty[None], count, axis=0)
        return tf.tensor_scatter_nd_update(filled, places[:, None], values)

    return spread(tf.zeros_like(frames[0]), frames), spread(tf.eye(3), to_frame), spread(tf.constant(False), present)


def _decode(data):
    """uint8 [H, W, 3], and bool, false if it is only a substitute; fails when it runs if the data is damaged."""

    def decode_jpeg():
        size = tf.cast(tf.io.extract_jpeg_shape(data)[:2], tf.int64)
        return _decode_if_small(
            size, lambda: tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE", fancy_upscaling=True)
        )

    def decode_png():
        # The header begins with width and height, after the magic bytes and the chunk's length and name.
        width_height = tf.io.decode_raw(tf.strings.substr(data, 16, 8), tf.int32, little_endian=False)
        return _decode_if_small(tf.cast(width_height, tf.int64), lambda: tf.io.decode_png(data, channels=3))

    # Recognise the format by its first bytes.
    kind = tf.where(tf.strings.substr(data, 0, len(_PNG_START)) == _PNG_START, 1, 2)
    kind = tf.where(tf.strings.substr(data, 0, len(_JPEG_START)) == _JPEG_START, 0, kind)
    return tf.switch_case(kind, [decode_jpeg, decode_png, _make_substitute])


def _decode_if_small(size, decode):
    # Check before decoding: a file of a few kilobytes can expand to gigabytes.
    small = tf.reduce_all((size > 0) & (size <= MAX_PIXELS)) & (tf.reduce_prod(size) <= MAX_PIXELS)
    return tf.cond(small, lambda: (decode(), True), _make_substitute)


def _make_substitute():
    return tf.zeros([1, 1, 3], tf.uint8), False
