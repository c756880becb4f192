"""A function of arrays of fixed shapes as a graph, which is traced once.

A `tf.function` counts how often it is traced together with all others that the same line of code makes, and warns if
that is often: five tracks of a video are enough. A concrete function has nothing to trace again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf


class TracedOnce:
    """A function of tensors to one tensor, traced at the first call.

    Args:
      function: function of tensors; in later calls their shapes and types are those of the first.
    """

    def __init__(self, function: Callable[..., tf.Tensor]) -> None:
        self._function = function
        self._graph: Callable | None = None

    def __call__(self, *arrays: np.ndarray) -> np.ndarray:
        """Runs the graph on arrays; returns an array."""
        tensors = [tf.convert_to_tensor(array) for array in arrays]
        if self._graph is None:
            specs = [tf.TensorSpec.from_tensor(tensor) for tensor in tensors]
            self._graph = tf.function(self._function, input_signature=specs, autograph=False).get_concrete_function()
        return self._graph(*tensors).numpy()
