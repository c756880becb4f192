"""Batch norms that are folded into the convolution in front of them, and therefore must not learn.

Weights of MoveNet come with each batch norm folded (see `movenet`). Here such a layer adds a bias and changes nothing
else: its moving mean is 0, and its moving variance makes the scale exactly 1. Neither are statistics of anything. If it
were trained, it would normalise by the batch, and the net would forget what it knows at the first step. So it stays
frozen wherever its weights come from: the SavedModel, another run, or a checkpoint.
"""

from __future__ import annotations

import keras
import numpy as np

# New layers have a variance of 1, folded ones of 1 - epsilon (0.001); weights in 16 bits miss it by up to 0.00025.
_TOLERANCE = 3e-4


def set_folded(norm: keras.layers.BatchNormalization, bias: np.ndarray) -> None:
    """Makes a batch norm add a bias, float [C], and change nothing else, and freezes it."""
    ones = np.ones_like(bias)
    norm.set_weights([ones, bias, np.zeros_like(bias), (1 - norm.epsilon) * ones])
    norm.trainable = False


def is_folded(norm: keras.layers.BatchNormalization) -> bool:
    """Whether a batch norm has the statistics that `set_folded` sets."""
    if norm.epsilon < 2 * _TOLERANCE:  # cannot be told from a new layer
        return False
    mean = np.asarray(norm.moving_mean)
    variance = np.asarray(norm.moving_variance)
    return not mean.any() and bool((np.abs(variance - (1 - norm.epsilon)) < _TOLERANCE).all())


def freeze(model: keras.Model) -> int:
    """Freezes the folded batch norms of a model and of the models in it; compile it afterwards.

    Returns:
      Their number.
    """
    count = 0
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            count += freeze(layer)
        elif isinstance(layer, keras.layers.BatchNormalization) and is_folded(layer):
            layer.trainable = False
            count += 1
    return count
