"""Writes a heatmap net as Caffe's files, in both forms, with random weights."""

from __future__ import annotations

import numpy as np

from keras_pose.caffe import messages

# name, kernel, channels of the published net, what follows; the source is the layer before, or the concatenation
TRUNK = [
    ("conv1", 5, 128, True),
    ("conv2", 5, 128, True),
    ("conv3", 5, 128, False),
    ("conv4", 9, 256, False),
    ("conv5", 9, 512, False),
    ("conv6", 1, 256, False),
    ("conv7", 1, 256, False),
]
FUSION = [("conv1_fusion", 7, 64), ("conv2_fusion", 13, 64), ("conv3_fusion", 13, 128), ("conv4_fusion", 1, 256)]


def draw_weights(divisor=8, joints=7, fusion=True, seed=0):
    """Returns {layer: (kernel [out, in, k, k], bias [out])} of the published net with channels / divisor."""
    generator = np.random.default_rng(seed)
    weights = {}

    def draw(name, kernel, channels, filters):
        scale = np.sqrt(2 / (kernel * kernel * channels)) / (80 if channels == 3 else 1)
        array = generator.normal(0, scale, (filters, channels, kernel, kernel)).astype(np.float32)
        weights[name] = array, generator.normal(0, 0.1, filters).astype(np.float32)
        return filters

    channels = 3
    for name, kernel, filters, _ in TRUNK:
        channels = draw(name, kernel, channels, filters // divisor)
    draw("conv8", 1, channels, joints)
    if fusion:
        channels += weights["conv3"][0].shape[0]
        for name, kernel, filters in FUSION:
            channels = draw(name, kernel, channels, filters // divisor)
        draw("conv5_fusion", 1, channels, joints)
    return weights


def describe(weights, size_hw=(64, 64), old=False, relu_on_head=True):
    """Returns the text of a .prototxt for these weights, in the old or the new form."""
    lines = ['name: "TestNet"', 'input: "data"', *(f"input_dim: {n}" for n in (1, 3, *size_hw))]
    keyword = "layers" if old else "layer"

    def add(name, kind, inputs, output, extra=""):
        kind = kind.upper() if old else f'"{kind}"'
        bottoms = " ".join(f'bottom: "{blob}"' for blob in inputs)
        lines.append(f'{keyword} {{ name: "{name}" type: {kind} {bottoms} top: "{output}" {extra} }}')

    def convolve(name, blob):
        filters, _, kernel, _ = weights[name][0].shape
        extra = f"convolution_param {{ num_output: {filters} kernel_size: {kernel} pad: {kernel // 2} }}"
        add(name, "Convolution", [blob], name, extra)
        if name != "conv5_fusion" and (name != "conv8" or relu_on_head):
            add(f"relu_{name}", "ReLU", [name], name)

    blob = "data"
    for name, _, _, pooled in TRUNK:
        convolve(name, blob)
        blob = name
        if pooled:
            blob = f"{name}_pool"
            add(blob, "Pooling", [name], blob, "pooling_param { pool: MAX kernel_size: 2 stride: 2 }")
    convolve("conv8", "conv7")
    if "conv5_fusion" in weights:
        add("concat_fusion", "Concat", ["conv3", "conv7"], "concat_fusion", "concat_param { concat_dim: 1 }")
        blob = "concat_fusion"
        for name in [name for name in weights if name.endswith("_fusion")]:
            convolve(name, blob)
            blob = name
    return "\n".join(lines) + "\n"


def encode_weights(weights, old=False):
    """Returns the bytes of a .caffemodel with these weights, in the old or the new form."""
    net = messages.message_class("NetParameter")(name="TestNet")
    for name, (kernel, bias) in weights.items():
        layer = (net.layers if old else net.layer).add(name=name, type=4 if old else "Convolution")
        layer.convolution_param.num_output = len(bias)
        layer.convolution_param.kernel_size.append(kernel.shape[2])
        layer.convolution_param.pad.append(kernel.shape[2] // 2)
        for array in (kernel, bias):
            blob = layer.blobs.add()
            if old:
                shape = array.shape if array.ndim == 4 else (1, 1, 1, len(array))
                blob.num, blob.channels, blob.height, blob.width = shape
            else:
                blob.shape.dim.extend(array.shape)
            blob.data.extend(array.ravel().tolist())
    return net.SerializeToString()


def write_net(folder, weights, old=False, **options):
    """Writes net.caffemodel and net.prototxt; returns their paths."""
    paths = folder / "net.caffemodel", folder / "net.prototxt"
    paths[0].write_bytes(encode_weights(weights, old))
    paths[1].write_text(describe(weights, old=old, **options))
    return tuple(map(str, paths))
