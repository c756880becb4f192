"""Devices, numeric precision and seeds of a training process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf


def make_strategy(devices: str) -> tf.distribute.Strategy:
    """Returns the distribution strategy for `--devices`.

    Args:
      devices: "auto" (all GPUs, or the CPU if there is none), or a number of GPUs (of logical CPUs if there is no GPU).

    Raises:
      ValueError: if there are fewer devices than asked for.
    """
    gpus = tf.config.list_logical_devices("GPU")
    count = (len(gpus) or 1) if devices == "auto" else int(devices)
    if count == 1:
        return tf.distribute.get_strategy()
    names = [device.name for device in (gpus or tf.config.list_logical_devices("CPU"))]
    if count > len(names):
        raise ValueError(f"--devices: expected at most {len(names)}, the number of devices, received {count}")
    return tf.distribute.MirroredStrategy(names[:count])


@contextlib.contextmanager
def kept_precision() -> Iterator[None]:
    """Sets the global precision policy of Keras back at the end of the block: training in 16 bits changes it."""
    before = keras.mixed_precision.global_policy()
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)


def set_numerics(seed: int, mixed_precision: str) -> None:
    """Seeds the initial weights and sets the precision of all layers that are built afterwards.

    Args:
      seed: seed of the initial weights.
      mixed_precision: "none", "float16" or "bfloat16" (flag --mixed_precision).
    """
    keras.utils.set_random_seed(seed)
    policies = {"none": "float32", "float16": "mixed_float16", "bfloat16": "mixed_bfloat16"}
    keras.mixed_precision.set_global_policy(policies[mixed_precision])
