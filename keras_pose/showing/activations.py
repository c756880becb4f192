"""Activations: three channels of each layer for one frame, drawn at random."""

from __future__ import annotations

import cv2
import keras
import numpy as np

from keras_pose.showing.section import Section
from keras_pose.showing.shown_net import ShownFrames, ShownNet
from keras_pose.viz.pictures import Tile, draw_grid

_CHANNELS = 3
_MOST_LAYERS = 24
_SIDE_PX = 88  # longer side of a channel
_GAP_PX = 4
# Layers that only pass on, join or scale what others computed.
_PASS_ON = {"InputLayer", "Rescaling", "Normalization", "BatchNormalization", "ZeroPadding2D", "Concatenate", "Dropout"}


def activations(shown_net: ShownNet, shown: ShownFrames, seed: int) -> Section:
    """Draws the channels for the first of the frames.

    Args:
      shown_net: the net; of a pooling net, its net for single frames.
      shown: frames.
      seed: of the choice of channels.
    """
    net = shown_net.net.frame_net()
    if net.sees_window():
        return Section("activations", "Activations", "This net sees several frames at once: no layer belongs to one.")
    layers = choose_layers(net.model)
    probe = keras.Model(net.model.input, {layer.name: layer.output for layer in layers})
    found = probe(shown.frames[:1].astype(np.float32), training=False)
    generator = np.random.default_rng(seed)
    tiles = [_draw(layer.name, np.asarray(found[layer.name])[0], generator) for layer in layers]
    return Section(
        "activations",
        "Activations",
        f"{_CHANNELS} channels of each layer, drawn at random (seed {seed}), for the first frame above; each from its "
        "lowest value (dark) to its highest (bright). Early layers see edges and colours, late ones parts of the body.",
        f"{_CHANNELS} channels of each of {len(layers)} layers for one frame",
        draw_grid(tiles, 4),
    )


def choose_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Returns the layers to draw, in the order of the net: those after an activation function, sums and heads.

    If there are many, as in a backbone, some of them, spread evenly; the outputs are always among them.
    """
    heads = set(model.output)
    kept = [layer for layer in model.layers if layer.name in heads or _computes(layer)]
    if len(kept) > _MOST_LAYERS:
        some = set(np.linspace(0, len(kept) - 1, _MOST_LAYERS).astype(int).tolist())
        kept = [layer for place, layer in enumerate(kept) if place in some or layer.name in heads]
    return [layer for layer in kept if len(layer.output.shape) == 4]


def _computes(layer):
    output = getattr(layer, "output", None)
    if type(layer).__name__ in _PASS_ON or isinstance(output, (list, dict, tuple)) or len(output.shape) != 4:
        return False
    activation = getattr(layer, "activation", None)
    # A convolution without an activation is followed by normalisation and activation, which are drawn.
    return not isinstance(layer, keras.layers.Conv2D) or getattr(activation, "__name__", "linear") != "linear"


def _draw(name, maps, generator):
    count = maps.shape[-1]
    channels = np.sort(generator.choice(count, min(_CHANNELS, count), replace=False))
    pictures = [_color(maps[..., channel]) for channel in channels]
    gap = np.full((pictures[0].shape[0], _GAP_PX, 3), 255, np.uint8)
    joined = np.concatenate([part for picture in pictures for part in (picture, gap)][:-1], axis=1)
    height, width = maps.shape[:2]
    of = ", ".join(str(channel + 1) for channel in channels)
    return Tile(joined, (name, f"{height}×{width} px, channel{'s' if len(channels) > 1 else ''} {of} of {count}"))


def _color(channel):
    low, high = float(channel.min()), float(channel.max())
    grey = np.zeros(channel.shape, np.uint8) if high <= low else np.uint8(255 * (channel - low) / (high - low))
    scale = _SIDE_PX / max(channel.shape)
    size = (max(1, round(channel.shape[1] * scale)), max(1, round(channel.shape[0] * scale)))
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    return cv2.applyColorMap(cv2.resize(grey, size, interpolation=kind), cv2.COLORMAP_VIRIDIS)[..., ::-1]
