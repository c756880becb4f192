"""Reads a net from Caffe's files: weights (`.caffemodel`, binary) and description (`.prototxt`, text)."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

import numpy as np
from google.protobuf import text_format
from google.protobuf.message import DecodeError

from keras_pose import files
from keras_pose.caffe import messages

# Types of the two forms of files under one name.
CONVOLUTION = "convolution"
POOLING = "pooling"
RELU = "relu"


@dataclasses.dataclass(frozen=True)
class Window:
    """What a convolution or pooling does at each place.

    Args:
      kernel: side of its square in px.
      pad: px of zeros around its input.
      stride: px from place to place.
      outputs: number of channels; 0 for pooling.
      plain: whether it is a square convolution without groups and dilation, or maximum pooling.
    """

    kernel: int
    pad: int
    stride: int
    outputs: int = 0
    plain: bool = True


@dataclasses.dataclass(frozen=True)
class CaffeLayer:
    """A layer of a net.

    Args:
      name: its name.
      kind: its type in lower case without underscores.
      inputs: names of the blobs that it reads.
      outputs: names of the blobs that it makes.
      window: of a convolution or pooling, if the file states it.
      arrays: its weights in Caffe's order of axes; none in a description.
    """

    name: str
    kind: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    window: Window | None = None
    arrays: tuple[np.ndarray, ...] = ()


@dataclasses.dataclass(frozen=True)
class CaffeNet:
    """A net.

    Args:
      path: the file.
      name: name of the net; may be empty.
      layers: in the order of the file.
      input_size_hw: (height, width) of its input in px, if the file states it.
    """

    path: str
    name: str
    layers: tuple[CaffeLayer, ...]
    input_size_hw: tuple[int, int] | None = None


def read_weights(path: str | os.PathLike[str]) -> CaffeNet:
    """Reads a `.caffemodel`.

    Raises:
      ValueError: if the file is missing, truncated or no net of Caffe; the message names it.
    """
    expected = f"{path}: expected the weights of a Caffe net (.caffemodel)"
    if not os.path.isfile(path):
        raise ValueError(f"{expected}, found no such file")
    with open(path, "rb") as file:
        data = file.read()
    net = messages.message_class("NetParameter")()
    try:
        net.ParseFromString(data)
    except DecodeError as error:
        raise ValueError(f"{expected}, received a truncated or other file of {len(data):,} bytes") from error
    read = _read_net(path, net, expected)
    if not any(layer.arrays for layer in read.layers):
        raise ValueError(f"{expected}, received {len(read.layers)} layers without weights")
    return read


def read_description(path: str | os.PathLike[str]) -> CaffeNet:
    """Reads a `.prototxt`.

    Raises:
      ValueError: if the file is missing or no description of a Caffe net; the message names it, and the line.
    """
    net = messages.message_class("NetParameter")()
    expected = f"{path}: expected the description of a Caffe net (.prototxt)"
    if not os.path.isfile(path):
        raise ValueError(f"{expected}, found no such file")
    try:
        text_format.Parse(files.read_text(path), net, allow_unknown_field=True)
    except text_format.ParseError as error:
        raise ValueError(f"{expected}, line:column {error}") from error
    return _read_net(path, net, expected)


def _read_net(path, net, expected):
    layers = [_read_layer(path, layer) for layer in (*net.layers, *net.layer)]
    if not layers:
        raise ValueError(f"{expected}, received no layers")
    sizes = list(net.input_dim) or [n for shape in net.input_shape[:1] for n in shape.dim]
    size_hw = (int(sizes[2]), int(sizes[3])) if len(sizes) == 4 else None
    return CaffeNet(os.fspath(path), net.name, tuple(layers), size_hw)


def _read_layer(path, layer):
    kind = layer.type if isinstance(layer.type, str) else _v1_type(layer.type)
    kind = kind.lower().replace("_", "")
    window = None
    if kind == CONVOLUTION and layer.HasField("convolution_param"):
        window = _read_convolution(layer.convolution_param)
    elif kind == POOLING and layer.HasField("pooling_param"):
        pooling = layer.pooling_param
        window = Window(pooling.kernel_size, pooling.pad, pooling.stride or 1, plain=pooling.pool == 0)
    arrays = tuple(_read_array(f"{path}: layer {layer.name}", blob) for blob in layer.blobs)
    return CaffeLayer(layer.name, kind, tuple(layer.bottom), tuple(layer.top), window, arrays)


def _v1_type(number):
    values = messages.message_class("V1LayerParameter").DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number
    return values[number].name if number in values else f"type {number}"


def _read_convolution(param: Any) -> Window:
    def sides(name, default):
        square = list(getattr(param, name if name != "kernel" else "kernel_size"))
        pair = (getattr(param, f"{name}_h"), getattr(param, f"{name}_w"))
        return set(square) | ({p for p in pair if p} if not square else set()) or {default}

    kernel, pad, stride = sides("kernel", 1), sides("pad", 0), sides("stride", 1)
    plain = all(len(s) == 1 for s in (kernel, pad, stride)) and param.group <= 1 and set(param.dilation) <= {1}
    return Window(max(kernel), max(pad), max(stride), param.num_output, plain)


def _read_array(place, blob):
    values = np.array(blob.data if len(blob.data) else blob.double_data, np.float32)
    # Old files state four numbers, in which a bias is (1, 1, 1, n).
    old = (blob.num, blob.channels, blob.height, blob.width)
    shape = tuple(blob.shape.dim) if blob.HasField("shape") else old
    if values.size != np.prod(shape, dtype=np.int64):
        raise ValueError(f"{place}: expected {' × '.join(map(str, shape))} numbers, received {values.size}")
    return values.reshape(shape)
