"""Encoders of keras.applications, optionally pretrained on ImageNet, with a light decoder up to stride 4.

`presets.BACKBONES` lists them. Each encoder brings the preprocessing that it was trained with into the graph, so all
nets take RGB of 0..255. Dropout is switched off: nothing random may hide in a net, or a resumed run would differ from
one that was never interrupted.
"""

from __future__ import annotations

import os

import keras
import tensorflow as tf

from keras_pose import hdf5_file
from keras_pose.autograph import without_autograph
from keras_pose.models import blocks, folded_mobilenet, movenet, presets, separable_decoder
from keras_pose.models.presets import BACKBONES

SIZE_MULTIPLE = 32
DECODER = (64, 96, 128)


@keras.saving.register_keras_serializable(package="keras_pose")
class CaffePreprocessing(keras.layers.Layer):
    """Turns RGB into BGR and subtracts the means of ImageNet, as ResNet50's published weights expect.

    Input shape: float [B, H, W, 3], RGB 0..255. Output shape: the same, BGR about zero.

    Example:

    >>> print(CaffePreprocessing()(tf.zeros([1, 1, 1, 3])).numpy().round(1))
    [[[[-103.9 -116.8 -123.7]]]]
    """

    MEANS_BGR = (103.939, 116.779, 123.68)

    @without_autograph
    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        return inputs[..., ::-1] - list(self.MEANS_BGR)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        return input_shape


def build_trunk(
    frames: tf.Tensor, width: float = 1.0, backbone: str = "mobilenet_v3_small", weights: str = "none"
) -> blocks.Trunk:
    """Applies a pretrained encoder down to stride 32 and a light decoder up to stride 4.

    Args:
      frames: float32 [B, H, W, 3], RGB 0..255, H and W multiples of 32.
      width: factor of the decoder's channel counts; the encoder's are fixed by its weights.
      backbone: a key of BACKBONES.
      weights: "none", "imagenet" (downloaded once, then kept in Keras' cache), the path of a weights file, or the
        folder of MoveNet's SavedModel, which sets the decoder too.

    Returns:
      Trunk of early features (float [B, H/4, W/4, C], of the encoder) and the decoder's (64 channels).

    Raises:
      ValueError: if a weights file does not fit.
      OSError: if a weights file is missing or cannot be downloaded.
    """
    chosen = BACKBONES[backbone]
    encoder = _build_encoder(frames, chosen)
    from_movenet = movenet.is_saved_model(weights)
    if from_movenet and not chosen.movenet:
        raise ValueError(
            f"--backbone_weights={weights}: MoveNet does not fit --preset={backbone}; expected --preset=movenet, "
            "mobilenet_v2 (Lightning) or mobilenet_v2_175 (Thunder)"
        )
    if not from_movenet:
        load_weights(encoder, backbone, weights)
    skips = [_tensor_at(encoder, name) for name in chosen.skips]
    x = encoder.output
    if chosen.separable_decoder:
        x = separable_decoder.decode(x, skips[::-1], width)
        if from_movenet:
            _load_movenet(keras.Model(frames, x), backbone, weights)
        return blocks.Trunk(early=skips[0], features=x)
    for level, (channels, skip) in reversed(list(enumerate(zip(DECODER, skips), start=2))):
        x = blocks.upsample_and_add(x, skip, blocks.scale_channels(channels, width), f"decoder{level}")
    return blocks.Trunk(early=skips[0], features=x)


def _load_movenet(model, backbone, weights):
    try:
        movenet.load_weights(model, weights)
    except ValueError as error:
        raise ValueError(f"--backbone_weights={weights}, --preset={backbone}: {error}") from error


def build_folded_mobilenet(frames: tf.Tensor, width: float = 1.0, weights: str = "none") -> blocks.Trunk:
    """Applies the trunk of `folded_mobilenet`.

    Args:
      frames: float32 [B, H, W, 3], RGB 0..255, H and W multiples of 32.
      width: factor of the decoder's channel counts.
      weights: "none", or the folder of MoveNet Lightning.

    Returns:
      Trunk, as `folded_mobilenet.build_trunk`.

    Raises:
      ValueError: for other weights; the message names the flag.
    """
    trunk = folded_mobilenet.build_trunk(frames, width)
    if weights == "none":
        return trunk
    if not movenet.is_saved_model(weights):
        raise ValueError(
            f"--backbone_weights={weights}: --preset=movenet takes the folder of MoveNet Lightning's "
            "SavedModel, or none"
        )
    _load_movenet(keras.Model(frames, trunk.features), presets.MOVENET, weights)
    return trunk


def load_weights(encoder: keras.Model, backbone: str, weights: str) -> None:
    """Loads an encoder's weights.

    Args:
      encoder: keras.Model, the application without its top.
      backbone: a key of BACKBONES.
      weights: "none" (left as they are), "imagenet", or a path.

    Raises:
      ValueError: if the file does not fit.
      OSError: if the file is missing or cannot be downloaded.
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
        hdf5_file.check_whole(path)
        encoder.load_weights(path)
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"--backbone_weights={path}: expected weights of {backbone} without top: {error}") from error


def _download(backbone):
    file = BACKBONES[backbone].file
    url = BACKBONES[backbone].url
    if not file:
        raise ValueError(
            f"--backbone_weights=imagenet: there are none for --preset={backbone}; expected the folder of MoveNet "
            f"{BACKBONES[backbone].movenet}, or none"
        )
    try:
        return keras.utils.get_file(file, url, cache_subdir="models", file_hash=BACKBONES[backbone].md5 or None)
    except Exception as error:  # get_file raises plain Exception if it cannot connect
        raise OSError(
            f"--backbone_weights=imagenet: could not download {file} from {url} ({error}). Download it on a machine "
            f"with a connection and pass --backbone_weights=<path of {file}>, or train from scratch with "
            "--backbone_weights=none"
        ) from error


def _build_encoder(frames, backbone):
    if backbone.caffe_preprocessing:
        frames = CaffePreprocessing(name="caffe_preprocessing")(frames)
    if backbone.rescales:
        frames = blocks.rescale_frames(frames)
    application = getattr(keras.applications, backbone.application)
    encoder = application(include_top=False, weights=None, input_tensor=frames, **backbone.options)
    if backbone.top is not None:
        encoder = keras.Model(encoder.inputs, _top(_tensor_at(encoder, backbone.top[0]), backbone.top[1]))
    for layer in encoder.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    return encoder


def _top(x, channels):
    x = keras.layers.Conv2D(channels, 1, use_bias=False, name="Conv_1")(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.999, name="Conv_1_bn")(x)
    return keras.layers.ReLU(6.0, name="out_relu")(x)


def _tensor_at(encoder, name):
    # Keras 2 calls MobileNet's layers a/depthwise/pad, Keras 3 a_depthwise_pad.
    wanted, _, side = name.partition("/")
    layer = next(layer for layer in encoder.layers if layer.name.replace("/", "_") == wanted)
    return layer.input if side == "input" else layer.output
