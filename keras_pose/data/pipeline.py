"""tf.data pipelines: augmented batches in an endless seeded order for training, plain batches in order for evaluation.

Training batches are a pure function of (seed, step): sample number i of the endless order belongs to step i // B, the
augmentation is drawn from (seed, step), and no state is kept. To resume at a step means to start there. Heatmaps are
not made here: they are rendered from joints on the device that trains (see `training.losses`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import sys
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.data.augment import Mirroring
from keras_pose.data.batch_part import BatchPart, Share
from keras_pose.data.config import AugmentationConfig
from keras_pose.data.samples import Samples

_ALL = Share()


def _end_iterators() -> None:
    """Deletes the iterators of pipelines that nobody uses any more, before the interpreter ends.

    Deleting an iterator waits for its threads, which may be reading samples in Python. While the interpreter ends, they
    can no longer run, so a process that stops in the middle of a training would never end.
    """
    sys.last_traceback = None  # of an error that nobody caught: its frames keep iterators
    gc.collect()


atexit.register(_end_iterators)


def make_training_dataset(
    samples: Samples,
    batch_size: int,
    seed: int,
    augmentation: AugmentationConfig,
    mirroring: Mirroring,
    num_steps: int,
    start_step: int = 0,
    share: Share = _ALL,
) -> tf.data.Dataset:
    """Makes the batches of steps `start_step` to `num_steps` − 1.

    Args:
      samples: the samples to train on.
      batch_size: examples per batch; all batches are full.
      seed: 0 or more; the same seed gives the same batches.
      augmentation: how frames are changed.
      mirroring: how often they are mirrored.
      num_steps: steps of the whole training.
      start_step: the first step to make.
      share: which part of each batch to make, if several processes share it; one element for each part.

    Returns:
      `tf.data.Dataset` of (window, targets float32 [B, J, 3] in input px); a window is a dictionary of "frames" float32
      [B, T, H, W, 3] of 0 to 255, "valid" float32 [B, T] and, if there is flow, "flows" float32 [B, T, H/4, W/4, 2] in
      heatmap px.
    """
    seed = int(seed)
    size = batch_size // share.of

    @tf.autograph.experimental.do_not_convert
    def load(step, part):
        first = part * size
        places = lambda n: samples.shuffled_positions(seed, range(n, n + size))  # noqa: E731
        return step, first, _read(samples, step * batch_size + first, places)

    @tf.autograph.experimental.do_not_convert
    def change(step, first, batch):
        key = tf.stack([tf.constant(seed, tf.int64), step])
        part = None if share.of == 1 else BatchPart(first, batch_size)
        return augment.augment_batch(batch, key, samples.input_size_hw, augmentation, mirroring, part)

    batches = share.split_steps(start_step, num_steps).map(load, num_parallel_calls=2, deterministic=True)
    return batches.map(change, num_parallel_calls=2, deterministic=True).prefetch(4)


def make_evaluation_dataset(
    samples: Samples, batch_size: int, groups: np.ndarray | None = None, share: Share = _ALL
) -> tf.data.Dataset:
    """Makes batches of all samples in their order, without augmentation; the last batch may be smaller.

    Args:
      samples: the samples.
      batch_size: examples per batch.
      groups: int [N], the group of each sample. Targets are then [B, J, 5], with the frame px per input px and the
        group of each sample behind the weight. None: [B, J, 3].
      share: which part of each batch to make, if several processes share it; one element for each part.

    Returns:
      `tf.data.Dataset` of (window, targets) as `make_training_dataset` gives them.
    """
    steps = count_evaluation_steps(samples, batch_size, share.of)
    bounds = np.minimum(np.arange(steps + 1) * batch_size, len(samples))
    if share.of > 1:  # as even as possible: an empty part would have no loss
        bounds = np.linspace(0, len(samples), steps * share.of + 1).astype(int)

    def positions_of(number):
        return range(bounds[number], bounds[number + 1])

    def describe(positions):
        return np.stack([samples.frame_scales(positions), groups[list(positions)].astype(np.float32)], axis=-1)

    @tf.autograph.experimental.do_not_convert
    def load(step, part):
        number = step * share.of + part
        batch = _read(samples, number, positions_of)
        targets = batch["targets"]
        if groups is not None:
            more = tf.numpy_function(lambda n: describe(positions_of(int(n))), [number], tf.float32)
            more = tf.tile(more[:, None], [1, samples.num_joints, 1])
            targets = tf.ensure_shape(tf.concat([targets, more], -1), [None, samples.num_joints, 5])
        return augment.map_to_input(batch, samples.input_size_hw), targets

    return share.split_steps(0, steps).map(load, num_parallel_calls=2, deterministic=True).prefetch(2)


def count_evaluation_steps(samples: Samples, batch_size: int, parts: int = 1) -> int:
    """Returns how many batches `make_evaluation_dataset` makes of some samples.

    Args:
      samples: the samples.
      batch_size: examples per batch.
      parts: in how many parts each batch is divided; none of them may be empty.

    Raises:
      ValueError: if there are fewer samples than parts.
    """
    if len(samples) < parts:
        raise ValueError(f"expected at least {parts} frames to validate, one for each device, received {len(samples)}")
    return min(-(-len(samples) // batch_size), len(samples) // parts)


@contextlib.contextmanager
def raise_reader_errors(*sample_sets: Samples) -> Iterator[None]:
    """Raises the reader's own error instead of TensorFlow's if a pipeline inside the context cannot read a frame.

    Args:
      *sample_sets: the samples that the pipelines read.
    """
    try:
        yield
    except tf.errors.OpError as error:
        for failure in (samples.failure for samples in sample_sets):
            if isinstance(failure, (ValueError, OSError)):
                raise failure from error
        raise


def _read(samples, number, positions_of):
    """Returns in the graph what `Samples.read_batch` reads for batch `number`."""
    shapes = {
        "frames": (tf.uint8, [None, len(samples.offsets), *samples.stored_size_hw, 3]),
        "matrices": (tf.float32, [None, 3, 3]),
        "targets": (tf.float32, [None, samples.num_joints, 3]),
        "valid": (tf.float32, [None, len(samples.offsets)]),
    }
    if samples.flow_size_hw is not None:
        shapes["flows"] = (tf.float32, [None, len(samples.offsets), *samples.flow_size_hw, 2])
        shapes["flow_matrices"] = (tf.float32, [None, 3, 3])

    def read(n):
        try:
            batch = samples.read_batch(positions_of(int(n)))
        except Exception as error:  # TensorFlow passes on only a long text
            samples.failure = error
            raise
        return [batch[name] for name in shapes]

    tensors = tf.numpy_function(read, [number], [dtype for dtype, _ in shapes.values()])
    return {name: tf.ensure_shape(tensor, shapes[name][1]) for name, tensor in zip(shapes, tensors)}
