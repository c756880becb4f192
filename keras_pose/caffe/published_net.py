"""The published heatmap net: which layers it has, how they follow each other, and which layers here take their weights.

Names and order: the prototxt that the authors of "Flowing ConvNets" (arXiv 1506.02897) published. Facts about it:
- frames are RGB of 0..255 in both its data layer and its demonstration, without a mean or a scale;
- padding is black there and would be grey with frames of -1..1, hence the preset `paper_caffe`;
- the first head (conv8) is followed by a ReLU, which training here would suffer from: it is left out. The last head
  does not read it;
- targets may lie 1 higher than here: `importing` takes that from the bias of the heads.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from keras_pose.caffe.net_files import CONVOLUTION, POOLING, RELU, CaffeNet, Window
from keras_pose.models import paper

TRUNK_HEAD = "conv8"
LAST_HEAD = "conv5_fusion"
_CONCAT = "concat"
_INTO_CONCAT = ("conv3", "conv7")
_POOLED = Window(2, 0, 2)


@dataclasses.dataclass(frozen=True)
class Expected:
    """A convolution of the published net.

    Args:
      kernel: side of its kernel.
      before: what its input passed through since the last convolution or concatenation, in order.
      source: the convolution or concatenation that its input comes from; empty: the frame.
    """

    kernel: int
    before: tuple[str, ...]
    source: str


def expected_layers(fusion: bool) -> dict[str, Expected]:
    """Returns the convolutions of the net by name, without the fusion layers if it has none."""
    layers = {}
    source = ""
    before: tuple[str, ...] = ()
    for name, kernel, _, pooled in paper.TRUNK:
        layers[name] = Expected(kernel, before, source)
        source = name
        before = (RELU, POOLING) if pooled else (RELU,)
    layers[TRUNK_HEAD] = Expected(1, before, source)
    if fusion:
        source = _CONCAT
        before = ()
        for number, (_, kernel, _) in enumerate((*paper.FUSION, ("heatmaps", 1, 0)), 1):
            name = f"conv{number}_fusion"
            layers[name] = Expected(kernel, before, source)
            source = name
            before = (RELU,)
    return layers


def layers_here(fusion: bool) -> dict[str, str]:
    """Returns {layer of the published net: layer of the net here}."""
    names = {name: name for name, *_ in paper.TRUNK}
    names[TRUNK_HEAD] = "trunk_heatmaps" if fusion else "heatmaps"
    if fusion:
        names.update({f"conv{number}_fusion": name for number, (name, *_) in enumerate(paper.FUSION, 1)})
        names[LAST_HEAD] = "heatmaps"
    return names


def has_fusion(net: CaffeNet) -> bool:
    """Whether a net has fusion layers."""
    return any(layer.name.endswith("_fusion") and layer.kind == CONVOLUTION for layer in net.layers)


def has_relu_on_head(net: CaffeNet) -> bool:
    """Whether a ReLU follows the first head."""
    head = next((layer for layer in net.layers if layer.name == TRUNK_HEAD), None)
    return head is not None and any(
        layer.kind == RELU and set(layer.inputs) & set(head.outputs) for layer in net.layers
    )


def check_order(net: CaffeNet, fusion: bool) -> None:
    """Checks that a net is the published one as far as its file tells: kernels, padding, and what follows what.

    Raises:
      ValueError: names the file, the layer, what was expected and what was received.
    """
    layers = {layer.name: (place, layer) for place, layer in enumerate(net.layers) if layer.kind == CONVOLUTION}
    expected = expected_layers(fusion)
    if has_fusion(net) != fusion:
        raise ValueError(f"{net.path}: expected a net with{'' if fusion else 'out'} layers conv1_fusion to {LAST_HEAD}")
    for name in expected:
        if name not in layers:
            raise ValueError(
                f"{net.path}: expected the convolutions of the published net ({', '.join(expected)}), {name} is "
                f"missing; received {', '.join(layers) or 'none'}"
            )
    for name, (place, layer) in layers.items():
        if name not in expected:
            raise ValueError(f"{net.path}: layer {name}: the published net has no such convolution")
        _check_window(net, layer, Window(expected[name].kernel, expected[name].kernel // 2, 1))
        if layer.inputs:
            _check_inputs(net, place, layer, expected[name])


def convert(net: CaffeNet, shapes: Mapping[str, tuple[int, ...]], fusion: bool) -> dict[str, list[np.ndarray]]:
    """Converts the weights for the net here.

    Args:
      net: the published net, with weights.
      shapes: {layer of the net here: shape of its kernel, (height, width, channels in, channels out)}.
      fusion: whether it has fusion layers.

    Returns:
      {layer of the net here: kernel and bias}.

    Raises:
      ValueError: if a layer has other shapes; the message names it.
    """
    layers = {layer.name: layer for layer in net.layers if layer.kind == CONVOLUTION}
    converted = {}
    for name, here in layers_here(fusion).items():
        height, width, channels, filters = shapes[here]
        expected = (filters, channels, height, width)
        kernel, bias = _read_arrays(net, layers[name])
        if kernel.shape != expected or bias.size != filters:
            raise ValueError(
                f"{net.path}: layer {name}: expected weights of {_format(expected)} and {filters} biases, received "
                f"{_format(kernel.shape)} and {bias.size}"
            )
        converted[here] = [np.transpose(kernel, (2, 3, 1, 0)), bias.reshape(-1)]
    # The net here sees x / 127.5 - 1 instead of x.
    kernel, bias = converted[paper.TRUNK[0][0]]
    exact = kernel.astype(np.float64)
    converted[paper.TRUNK[0][0]] = [
        (exact * 127.5).astype(np.float32),
        (bias + 127.5 * exact.sum((0, 1, 2))).astype(np.float32),
    ]
    return converted


def count_outputs(net: CaffeNet, name: str) -> int:
    """Returns the number of channels that a convolution makes.

    Raises:
      ValueError: if it is missing, or has no weights.
    """
    for layer in net.layers:
        if layer.name == name and layer.kind == CONVOLUTION:
            return _read_arrays(net, layer)[0].shape[0]
    raise ValueError(f"{net.path}: expected a convolution {name}, found {', '.join(x.name for x in net.layers)}")


def _read_arrays(net, layer):
    if len(layer.arrays) != 2 or layer.arrays[0].ndim != 4:
        shapes = ", ".join(_format(array.shape) for array in layer.arrays) or "none"
        raise ValueError(f"{net.path}: layer {layer.name}: expected weights of 4 axes and biases, received {shapes}")
    return layer.arrays


def _check_window(net, layer, expected):
    found = layer.window
    if found is None:
        return
    same = (found.kernel, found.pad, found.stride) == (expected.kernel, expected.pad, expected.stride)
    if not same or not found.plain:
        kind = "" if found.plain else " (and groups, dilation, or no square, or another kind of pooling)"
        raise ValueError(
            f"{net.path}: layer {layer.name}: expected kernel {expected.kernel}, padding {expected.pad}, stride "
            f"{expected.stride}, received {found.kernel}, {found.pad}, {found.stride}{kind}"
        )


def _check_inputs(net, place, layer, expected):
    before, source = _trace(net, place, layer.inputs[0])
    if source is not None and source.kind == _CONCAT:
        found = source.kind
        position = net.layers.index(source)
        traced = [_trace(net, position, name) for name in source.inputs]
        if [_describe(*one) for one in traced] != [f"{name}, {RELU}" for name in _INTO_CONCAT]:
            received = " and ".join(_describe(*one) for one in traced)
            raise ValueError(f"{net.path}: layer {source.name}: expected conv3 and conv7, received {received}")
    else:
        found = source.name if source is not None else ""
    if (before, found) != (expected.before, expected.source):
        wanted = ", ".join((expected.source or "the frame", *expected.before))
        raise ValueError(
            f"{net.path}: layer {layer.name}: expected its input from {wanted}, received {_describe(before, source)}"
        )


def _trace(net, place, blob):
    """Returns what a blob passed through since the last convolution or concatenation before `place`, and that layer."""
    passed = []
    for layer in reversed(net.layers[:place]):
        if blob not in layer.outputs or "data" in layer.kind or layer.kind == "input":
            continue
        if layer.kind in (CONVOLUTION, _CONCAT):
            return tuple(reversed(passed)), layer
        if layer.kind != "split":
            passed.append(layer.kind)
            if layer.kind == POOLING:
                _check_window(net, layer, _POOLED)
        if not layer.inputs:
            break
        blob = layer.inputs[0]
    return tuple(reversed(passed)), None


def _describe(before, source):
    name = "the frame" if source is None else source.name
    return ", ".join((name, *before))


def _format(shape):
    return "×".join(map(str, shape))
