"""Devices of one machine or of several workers, numeric precision and seeds of a training process."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose import ending
from keras_pose.data.batch_part import Share
from keras_pose.training import workers


def make_strategy(devices: str) -> tf.distribute.Strategy:
    """Returns the distribution strategy for `--devices`; that of all workers if there are several.

    Args:
      devices: "auto" (all GPUs, or the CPU if there is none), or a number of GPUs (of logical CPUs if there is no GPU).

    Raises:
      ValueError: if there are fewer devices than asked for.
    """
    if workers.find() is not None:
        return join_workers()
    gpus = tf.config.list_logical_devices("GPU")
    count = (len(gpus) or 1) if devices == "auto" else int(devices)
    if count == 1:
        return tf.distribute.get_strategy()
    names = [device.name for device in (gpus or tf.config.list_logical_devices("CPU"))]
    if count > len(names):
        raise ValueError(f"--devices: expected at most {len(names)}, the number of devices, received {count}")
    return tf.distribute.MirroredStrategy(names[:count])


@functools.lru_cache(maxsize=1)
def join_workers() -> tf.distribute.Strategy:
    """Waits until all workers that TF_CONFIG names are there, and returns the strategy that they share."""
    logging.getLogger("tensorflow").setLevel(logging.WARNING)  # it tells of every sum
    with ending.keep_answer_to_sigterm():  # TensorFlow only notes it, so that nothing but SIGKILL would end the process
        return tf.distribute.MultiWorkerMirroredStrategy()


def agree(numbers: Sequence[int]) -> bool:
    """Waits until all workers call this, and returns whether all give the same numbers as this one."""
    devices = join_workers()
    own = np.asarray(numbers, np.float32)
    total = _add_up(devices, lambda _: tf.constant(own))
    return bool(np.array_equal(total, own * devices.num_replicas_in_sync))


def copy_from_chief(devices: tf.distribute.Strategy, model: keras.Model) -> None:
    """Sets the weights of all workers to those of the first; does nothing on one machine.

    What each worker computes for itself may differ in the last bits, and steps would keep the difference.

    Args:
      devices: strategy of the devices that train.
      model: built in its scope.
    """
    if not share_batches(devices):
        return
    for variable in model.weights:
        value = variable.numpy()
        variable.assign(_add_up(devices, lambda is_first, value=value: tf.where(is_first, value, tf.zeros_like(value))))


def share_batches(devices: tf.distribute.Strategy) -> bool:
    """Whether each process reads only its part of a batch, because several machines train."""
    return isinstance(devices, tf.distribute.MultiWorkerMirroredStrategy)


def distribute(devices: tf.distribute.Strategy, make_dataset: Callable[[Share], tf.data.Dataset]) -> Any:
    """Returns batches for `fit`: whole ones, or the parts of this worker.

    Args:
      devices: strategy of the devices that train.
      make_dataset: makes the data set of a share.
    """
    if not share_batches(devices):
        return make_dataset(Share())

    def make_part(context: tf.distribute.InputContext) -> tf.data.Dataset:
        count = context.num_replicas_in_sync // context.num_input_pipelines
        return make_dataset(Share(context.input_pipeline_id * count, count, context.num_replicas_in_sync))

    return devices.distribute_datasets_from_function(make_part)


def _add_up(devices, make):
    """The sum of a tensor over all devices; `make` takes whether a device is the first, bool []."""

    def run():
        return make(tf.equal(tf.distribute.get_replica_context().replica_id_in_sync_group, 0))

    @tf.function(autograph=False)  # TensorFlow warns if this runs outside a graph
    def add_up():
        return devices.reduce(tf.distribute.ReduceOp.SUM, devices.run(run), axis=None)

    return add_up().numpy()


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
