"""The heatmap codec: joints to Gaussian maps and maps to joints, in TensorFlow.

`HeatmapCodec` works in input px; the functions behind it work in heatmap px. Conventions: a heatmap of stride k is the
network's input scaled by 1/k, so a point x of the input lies at (x + 0.5)/k − 0.5 of the map; pixel centres are at
integers; points are (x, y), sizes (height, width). All functions take any number of leading axes, known or unknown
shapes and any float type, compute in float32, and compile with XLA.

Letters in shapes: h w heatmap, J joints, M modes, ... any leading axes (B batch, T frames).
"""

from keras_pose.heatmaps.codec import HeatmapCodec
from keras_pose.heatmaps.decode import decode_argmax, decode_subpixel
from keras_pose.heatmaps.modes import find_modes
from keras_pose.heatmaps.render import heatmap_to_input, input_to_heatmap, render_heatmaps

__all__ = [
    "HeatmapCodec",
    "decode_argmax",
    "decode_subpixel",
    "find_modes",
    "heatmap_to_input",
    "input_to_heatmap",
    "render_heatmaps",
]
