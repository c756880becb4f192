"""Encoded images to the network's input, in core TensorFlow operations, as the export does it.

JPEG and PNG only. Grey images become RGB, 16 bits become 8, an alpha channel is dropped. The orientation tag of EXIF is
ignored, as in training: positions are those in the pixels as they lie in the file. JPEG is decoded by the accurate
integer transform ("INTEGER_ACCURATE"), the default of libjpeg, OpenCV, Pillow and browsers; TensorFlow's own default is
a faster one whose grey levels differ by a few.

An image that cannot be decoded must not fail the batch it travels in: each is decoded inside a dataset of one element
that ignores its errors and is followed by a black stand-in.
"""

from __future__ import annotations

import tensorflow as tf

from keras_pose.exporting import fit_to_input

MAX_PIXELS = 64_000_000
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"


def decode_and_fit(image_bytes, regions, size_hw):
    """Decodes images of any sizes and fits them, or regions of them, to the network's input.

    Args:
      image_bytes: string [B], JPEG or PNG.
      regions: float32 [B, 4], (left, top, width, height) in px; see `fit_to_input.fit_to_input`.
      size_hw: (height, width) of the input in px.

    Returns:
      frames: float32 [B, *size_hw, 3], RGB in 0..255; black where there is none.
      to_frame: float32 [B, 3, 3], input px to px of the image; the identity where there is none.
      present: bool [B], false for what is no JPEG or PNG, is damaged, has more than `MAX_PIXELS`, or has a region of
        numbers that cannot be right.
    """
    # One more, never shown, so that a batch of none is no special case.
    image_bytes = tf.concat([image_bytes, [""]], 0)
    regions = tf.concat([regions, tf.zeros([1, 4])], 0)
    count = tf.shape(image_bytes, out_type=tf.int64)[0]
    images = tf.data.Dataset.from_tensor_slices((image_bytes, regions))
    images = images.map(
        lambda data, region: _fit_or_black(data, region, size_hw),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    frames, to_frame, present = images.batch(count).get_single_element()
    return (
        tf.ensure_shape(frames[:-1], [None, *size_hw, 3]),
        tf.ensure_shape(to_frame[:-1], [None, 3, 3]),
        tf.ensure_shape(present[:-1], [None]),
    )


def _fit_or_black(data, region, size_hw):
    def fit(data, region):
        image, decoded = _decode(data)
        frames, to_frame, sensible = fit_to_input.fit_to_input(image[None], region, size_hw)
        return frames[0], to_frame, decoded & sensible

    fitted = tf.data.Dataset.from_tensors((data, region)).map(fit).ignore_errors()
    black = tf.data.Dataset.from_tensors((tf.zeros([*size_hw, 3]), tf.eye(3), False))
    return fitted.concatenate(black).take(1).get_single_element()


def _decode(data):
    """uint8 [H, W, 3] and bool, whether it is the image; raises while running where the data is damaged."""

    def decode_jpeg():
        size = tf.cast(tf.io.extract_jpeg_shape(data)[:2], tf.int64)
        return _decode_if_small(
            size, lambda: tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE", fancy_upscaling=True)
        )

    def decode_png():
        width_height = tf.io.decode_raw(tf.strings.substr(data, 16, 8), tf.int32, little_endian=False)
        return _decode_if_small(tf.cast(width_height, tf.int64), lambda: tf.io.decode_png(data, channels=3))

    kind = tf.where(tf.strings.substr(data, 0, len(_PNG)) == _PNG, 1, 2)
    kind = tf.where(tf.strings.substr(data, 0, len(_JPEG)) == _JPEG, 0, kind)
    return tf.switch_case(kind, [decode_jpeg, decode_png, _nothing])


def _decode_if_small(size, decode):
    # Before decoding: a file of a few kilobytes can unfold to gigabytes.
    small = tf.reduce_all((size > 0) & (size <= MAX_PIXELS)) & (tf.reduce_prod(size) <= MAX_PIXELS)
    return tf.cond(small, lambda: (decode(), True), _nothing)


def _nothing():
    return tf.zeros([1, 1, 3], tf.uint8), False
