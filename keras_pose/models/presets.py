"""The presets that `--preset` names, and the encoders of keras.applications among them. Loads no Keras.

A new backbone is one entry in `BACKBONES`: the flag's choices, `backbones` and `factory` are built from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

_STORE = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclasses.dataclass(frozen=True)
class Backbone:
    """An encoder of keras.applications.

    Args:
      application: name of the function in `keras.applications`.
      skips: names of the layers whose output is taken at strides 4, 8 and 16; if a name ends in /input, that layer's
        input is taken. Parts of a name are joined by _, though Keras 2 joins some by /.
      file: name of the file with the weights without top, pretrained on ImageNet; empty: there is none.
      url: where to download it.
      md5: its checksum; empty: unknown.
      options: further arguments of the function.
      caffe_preprocessing: whether its weights expect BGR minus the means of ImageNet, and the application does not
        convert frames itself.
      rescales: whether its weights expect frames of -1 to 1, and the application does not convert frames itself.
      separable_decoder: whether its decoder consists of separable convolutions, as MoveNet's; otherwise of full ones.
      movenet: name of the MoveNet whose weights fit; empty: none.
      top: (layer, channels): the encoder ends with that layer and a 1×1 convolution Conv_1 of so many channels, instead
        of its own end; None: its own.
    """

    application: str
    skips: tuple[str, str, str]
    file: str
    url: str
    md5: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    caffe_preprocessing: bool = False
    rescales: bool = False
    separable_decoder: bool = False
    movenet: str = ""
    top: tuple[str, int] | None = None


def _mobilenet(application, strided_blocks, size, md5):
    file = f"weights_mobilenet_v3_{size}_224_1.0_float_no_top_v2.h5"
    skips = tuple(f"expanded_conv_{block}_depthwise_pad/input" for block in strided_blocks)
    options = {"include_preprocessing": True, "dropout_rate": 0.0}
    return Backbone(application, skips, file, f"{_STORE}/mobilenet_v3/{file}", md5, options)


_V2_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
_MOBILENET_V2 = Backbone(
    "MobileNetV2",
    ("block_2_add", "block_5_add", "block_9_add"),
    _V2_FILE,
    f"{_STORE}/mobilenet_v2/{_V2_FILE}",
    "",
    rescales=True,
    separable_decoder=True,
    movenet="Lightning",
)
BACKBONES = {
    "mobilenet_v2": _MOBILENET_V2,
    # Keras' own end would have 2240 channels; MoveNet Thunder has 1280.
    "mobilenet_v2_175": dataclasses.replace(
        _MOBILENET_V2,
        file="",
        url="",
        options={"alpha": 1.75},
        movenet="Thunder",
        top=("block_16_project_BN", 1280),
    ),
    "mobilenet_v3_small": _mobilenet("MobileNetV3Small", (1, 3, 8), "small", "d3e8ec802a04aa4fc771ee12a9a9b836"),
    "mobilenet_v3_large": _mobilenet("MobileNetV3Large", (3, 6, 12), "large", "07fb09a5933dd0c8eaafa16978110389"),
    "efficientnet_v2_b0": Backbone(
        "EfficientNetV2B0",
        ("block2b_add", "block3b_add", "block5e_add"),
        "efficientnetv2-b0_notop.h5",
        f"{_STORE}/efficientnet_v2/efficientnetv2-b0_notop.h5",
        "893217f2bb855e2983157299931e43ff",
        {"include_preprocessing": True},
    ),
    "resnet50": Backbone(
        "ResNet50",
        ("conv2_block3_out", "conv3_block4_out", "conv4_block6_out"),
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        f"{_STORE}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
        caffe_preprocessing=True,
    ),
}
# A trunk of this package that takes weights of MoveNet.
MOVENET = "movenet"
PRESETS = ("lite", "paper", "paper_caffe", MOVENET, *BACKBONES)
