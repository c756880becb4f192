"""The parts of an image sent to an export: decoding and fitting it, the net, reading the joints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data.synthetic import signers
from keras_pose.exporting import images
from keras_pose.exporting.pose_module import PoseModule
from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig


def make_parts(side_px: int = 128, image_px: int = 256) -> dict[str, Callable[[], Any]]:
    """Returns functions of the parts of one JPEG, the whole request first.

    Args:
      side_px: side of the net's input.
      image_px: side of the image.
    """
    keras.utils.set_random_seed(0)
    config = TrainConfig.from_flags(run_dir="unused", data="signers:train", input_size=str(side_px))
    model = factory.build_net(config.model, config.window, len(signers.SKELETON.joints))
    module = PoseModule(model, config, {})
    frame = signers.generate("test", 0, 1, (image_px, image_px)).frames[0]
    jpeg = tf.io.encode_jpeg(frame)[None]
    size_hw = config.model.input_size_hw
    fit = tf.function(
        lambda data: images.decode_and_fit(data, tf.zeros([1, 4]), size_hw)[0],
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    decode = tf.function(lambda data: tf.io.decode_jpeg(data[0], channels=3, dct_method="INTEGER_ACCURATE"))
    fitted = fit(jpeg)
    net = PoseNet(model)
    spec = [tf.TensorSpec([None, *size_hw, 3], tf.float32)]
    with_norms = tf.function(lambda x: model(x, training=False)["heatmaps"], input_signature=spec)
    folded = tf.function(lambda x: module._net.model(x, training=False)["heatmaps"], input_signature=spec)
    maps = folded(fitted)
    read = tf.function(net.decode, input_signature=[tf.TensorSpec([None, *net.output_shape()], tf.float32)])
    return {
        "a request of one image": lambda: module.predict(jpeg)["keypoints"].numpy(),
        "decoding and fitting the image": lambda: fit(jpeg).numpy(),
        "of that, decoding the JPEG": lambda: decode(jpeg).numpy(),
        "net, batch norm folded": lambda: folded(fitted).numpy(),
        "net with batch norm, as before": lambda: with_norms(fitted).numpy(),
        "joints of the maps": lambda: np.asarray(read(maps)[0]),
    }
