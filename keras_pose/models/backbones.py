"""Encoders of keras.applications, pretrained on ImageNet if wanted, with a light decoder up to stride 4.

Each encoder brings the preprocessing it was trained with into the graph, so all nets take RGB of 0..255. Dropout is
switched off: nothing random may hide in a net, or a resumed run would differ from one that was never interrupted.
"""

from __future__ import annotations

import collections
import os

import keras

from keras_pose.models import blocks

SIZE_MULTIPLE = 32
DECODER = (64, 96, 128)

# `skips`: layers whose output is taken at strides 4, 8 and 16; where the name ends in /input, whose input is.
Backbone = collections.namedtuple("Backbone", ["application", "skips", "options", "file", "url", "md5"])

_STORE = "https://storage.googleapis.com/tensorflow/keras-applications"


def _mobilenet(application, strided_blocks, size, md5):
    file = f"weights_mobilenet_v3_{size}_224_1.0_float_no_top_v2.h5"
    skips = tuple(f"expanded_conv_{block}_depthwise_pad/input" for block in strided_blocks)
    options = {"include_preprocessing": True, "dropout_rate": 0.0}
    return Backbone(application, skips, options, file, f"{_STORE}/mobilenet_v3/{file}", md5)


BACKBONES = {
    "mobilenet_v3_small": _mobilenet(
        keras.applications.MobileNetV3Small, (1, 3, 8), "small", "d3e8ec802a04aa4fc771ee12a9a9b836"
    ),
    "mobilenet_v3_large": _mobilenet(
        keras.applications.MobileNetV3Large, (3, 6, 12), "large", "07fb09a5933dd0c8eaafa16978110389"
    ),
    "efficientnet_v2_b0": Backbone(
        keras.applications.EfficientNetV2B0,
        ("block2b_add", "block3b_add", "block5e_add"),
        {"include_preprocessing": True},
        "efficientnetv2-b0_notop.h5",
        f"{_STORE}/efficientnet_v2/efficientnetv2-b0_notop.h5",
        "893217f2bb855e2983157299931e43ff",
    ),
    "resnet50": Backbone(
        keras.applications.ResNet50,
        ("conv2_block3_out", "conv3_block4_out", "conv4_block6_out"),
        {},
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        f"{_STORE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
}


@keras.saving.register_keras_serializable(package="keras_pose")
class CaffePreprocessing(keras.layers.Layer):
    """Turns RGB into BGR and subtracts the means of ImageNet, as ResNet50's published weights expect.

    Input shape: float [B, H, W, 3], RGB 0..255. Output shape: the same, BGR about zero.
    """

    MEANS_BGR = (103.939, 116.779, 123.68)

    def call(self, inputs):
        return inputs[..., ::-1] - list(self.MEANS_BGR)

    def compute_output_shape(self, input_shape):
        return input_shape


def build_trunk(frames, width=1.0, backbone="mobilenet_v3_small", weights="none") -> blocks.Trunk:
    """Applies a pretrained encoder down to stride 32 and a light decoder up to stride 4.

    Args:
      frames: float32 [B, H, W, 3], RGB 0..255, H and W multiples of 32.
      width: factor of the decoder's channel counts; the encoder's are those of its weights.
      backbone: a key of BACKBONES.
      weights: "none", "imagenet" (downloaded once, then kept in Keras' cache), or the path of a weights file.

    Returns:
      Trunk of early features (float [B, H/4, W/4, C], of the encoder) and the decoder's (64 channels).

    Raises:
      ValueError: where a weights file does not fit.
      OSError: where a weights file is missing or cannot be downloaded.
    """
    encoder = _build_encoder(frames, BACKBONES[backbone])
    load_weights(encoder, backbone, weights)
    skips = [_tensor_at(encoder, name) for name in BACKBONES[backbone].skips]
    x = encoder.output
    for level, (channels, skip) in reversed(list(enumerate(zip(DECODER, skips), start=2))):
        x = blocks.upsample_and_add(x, skip, blocks.scale_channels(channels, width), f"decoder{level}")
    return blocks.Trunk(early=skips[0], features=x)


def load_weights(encoder, backbone, weights):
    """Loads an encoder's weights.

    Args:
      encoder: keras.Model, the application without its top.
      backbone: a key of BACKBONES.
      weights: "none" (left as they are), "imagenet", or a path.

    Raises:
      ValueError: where the file does not fit.
      OSError: where the file is missing or cannot be downloaded.
    """
    if weights == "none":
        return
    path = _download(backbone) if weights == "imagenet" else weights
    if not os.path.isfile(path):
        raise OSError(
            f"--backbone_weights={weights}: no such file; expected the weights of {backbone} without top "
            f"({BACKBONES[backbone].file}), imagenet, or none"
        )
    if not path.endswith(".h5"):
        raise ValueError(f"--backbone_weights={path}: expected a file that ends in .h5")
    try:
        encoder.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"--backbone_weights={path}: expected weights of {backbone} without top: {error}") from error


def _download(backbone):
    file, url = BACKBONES[backbone].file, BACKBONES[backbone].url
    try:
        return keras.utils.get_file(file, url, cache_subdir="models", file_hash=BACKBONES[backbone].md5)
    except Exception as error:  # get_file raises plain Exception where it cannot connect
        raise OSError(
            f"--backbone_weights=imagenet: could not download {file} from {url} ({error}). Fetch it on a machine that "
            f"is connected and pass --backbone_weights=<path of {file}>, or train from scratch with "
            "--backbone_weights=none"
        ) from error


def _build_encoder(frames, backbone):
    if backbone.application is keras.applications.ResNet50:
        frames = CaffePreprocessing(name="caffe_preprocessing")(frames)
    encoder = backbone.application(include_top=False, weights=None, input_tensor=frames, **backbone.options)
    for layer in encoder.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return encoder


def _tensor_at(encoder, name):
    # Keras 2 names MobileNet's layers a/depthwise/pad, Keras 3 a_depthwise_pad.
    wanted, _, side = name.partition("/")
    layer = next(layer for layer in encoder.layers if layer.name.replace("/", "_") == wanted)
    return layer.input if side == "input" else layer.output
