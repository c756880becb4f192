"""Signatures of an export, each declared beside the method that answers it.

    class PoseModule(tf.Module):
        @signature(
            "predict_frames",
            tf.TensorSpec([None, None, None, 3], tf.uint8, name="frames"),
            example=lambda: {"frames": examples.make_frames()},
        )
        def predict_frames(self, frames): ...

This declaration is all that a signature needs. The functions in the SavedModel, the names in the model card and the
warm-up requests follow from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Signature:
    """A named function of an export.

    Args:
      name: its name for clients.
      method: name of the method that answers it.
      example: function that returns a small request: tensors by input name.
      needs_heatmaps: whether only nets that predict heatmaps have it.
      needs_seconds: whether only nets whose window is given in seconds have it.
    """

    name: str
    method: str
    example: Callable[[], dict[str, tf.Tensor]]
    needs_heatmaps: bool = False
    needs_seconds: bool = False


def signature(
    name: str,
    *inputs: tf.TensorSpec,
    example: Callable[[], dict[str, tf.Tensor]],
    needs_heatmaps: bool = False,
    needs_seconds: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """Decorates a method of a `tf.Module`: makes it a `tf.function` and declares it as a signature.

    Args:
      name: its name for clients.
      *inputs: the method's arguments in order, each with a name.
      example: function that returns a small request: tensors by input name. A server runs it as a warm-up request.
      needs_heatmaps: whether only nets that predict heatmaps have it.
      needs_seconds: whether only nets whose window is given in seconds have it.
    """

    def declare(method):
        function = tf.function(method, input_signature=inputs, autograph=False)
        function.signature = Signature(name, method.__name__, example, needs_heatmaps, needs_seconds)
        return function

    return declare


def find_signatures(owner: type, has_heatmaps: bool, in_seconds: bool = False) -> list[Signature]:
    """Returns the signatures that a class declares, in the order of its methods.

    Args:
      owner: class with methods that `signature` decorates.
      has_heatmaps: whether to include the signatures that need a net with heatmaps.
      in_seconds: whether to include the signatures that need a window in seconds.

    Raises:
      ValueError: if two methods declare the same name.
    """
    found: dict[str, Signature] = {}
    for attribute in vars(owner).values():
        entry = getattr(attribute, "signature", None)
        if not isinstance(entry, Signature):
            continue
        if entry.name in found:
            raise ValueError(
                f"{owner.__name__}: expected one method for signature '{entry.name}', received "
                f"{found[entry.name].method} and {entry.method}"
            )
        found[entry.name] = entry
    return [
        entry
        for entry in found.values()
        if (has_heatmaps or not entry.needs_heatmaps) and (in_seconds or not entry.needs_seconds)
    ]
