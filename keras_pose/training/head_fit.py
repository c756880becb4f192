"""Fits the heads of a net with a pretrained trunk by least squares, before its first step.

The heads of new joints start at zero. Behind a pretrained trunk they would need hundreds of steps, and their gradients
would pull the trunk away from what it knows meanwhile. Since the heads are linear, the best ones solve the normal
equations of the heatmap loss on some training frames (ridge regression with a small penalty).
"""

from __future__ import annotations

from collections.abc import Collection

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet

_PENALTY = 1e-5  # of the mean square of the features
_BATCH_SIZE = 32


def fit_heads(
    model: keras.Model, samples: Samples, sigma_px: float, num_frames: int = 1024, kept: Collection[int] = ()
) -> int:
    """Replaces the heads of a heatmap net for single frames by the best ones for its features.

    Args:
      model: heatmap net of `models.factory` for single frames.
      samples: frames to learn from; evenly spread ones are used, without augmentation.
      sigma_px: standard deviation of the targets in heatmap px.
      num_frames: most frames to use.
      kept: positions of joints whose maps stay as they are: maps that were learned on other data know more than a few
        frames can tell.

    Returns:
      Number of frames used. A joint that none of them has keeps its map.
    """
    net = PoseNet(model)
    heads = [model.get_layer(name) for name in net.output_names()]
    features = keras.Model(model.inputs, [head.input for head in heads])
    codec = net.codec(sigma_px)
    positions = np.unique(np.linspace(0, len(samples) - 1, min(num_frames, len(samples))).astype(int)).tolist()
    sums: list[tuple] = [(0.0, 0.0)] * len(heads)
    for start in range(0, len(positions), _BATCH_SIZE):
        batch = samples.read_batch(positions[start : start + _BATCH_SIZE])
        window = augment.map_to_input({name: tf.constant(value) for name, value in batch.items()}, net.input_size_hw())
        found = features(net.select_inputs(window), training=False)
        maps = found if isinstance(found, (list, tuple)) else [found]
        targets = tf.constant(batch["targets"])
        wanted = codec.encode(targets, tf.shape(maps[0])[1:3]).numpy()
        for number, values in enumerate(maps):
            left, right = _normal_equations(values.numpy(), wanted, batch["targets"][..., 2])
            sums[number] = (sums[number][0] + left, sums[number][1] + right)
    for head, (left, right) in zip(heads, sums):
        _set_head(head, left, right, kept)
    return len(positions)


def _normal_equations(values, wanted, weights):
    """Returns float64 [J, C + 1, C + 1] and [J, C + 1] of features [B, h, w, C], maps [B, h, w, J], weights [B, J]."""
    frames = values.reshape(len(values), -1, values.shape[-1]).astype(np.float64)
    frames = np.concatenate([frames, np.ones_like(frames[..., :1])], axis=-1)  # the bias
    wanted = wanted.reshape(len(values), -1, wanted.shape[-1])
    weights = np.where(weights > 0, weights, 0.0)
    squares = np.einsum("bpc,bpd->bcd", frames, frames, optimize=True)
    products = np.einsum("bpc,bpj->bjc", frames, wanted, optimize=True)
    return np.einsum("bj,bcd->jcd", weights, squares), np.einsum("bj,bjc->jc", weights, products)


def _set_head(head, left, right, kept):
    kernel, bias = head.get_weights()
    for joint, (square, product) in enumerate(zip(left, right)):
        size = np.trace(square) / len(square)
        if size > 0 and joint not in kept:
            solution = np.linalg.solve(square + _PENALTY * size * np.eye(len(square)), product)
            kernel[0, 0, :, joint] = solution[:-1]
            bias[joint] = solution[-1]
    head.set_weights([kernel, bias])
