"""Which part of each batch a process reads, if several processes share every batch.

Random numbers are drawn for the whole batch, and each process cuts out those of its own examples: together they see the
batch that one process alone would see.
"""

from __future__ import annotations

import dataclasses

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Share:
    """The parts of each batch that a process reads, one for each of its devices.

    Args:
      first: number of its first part.
      count: how many parts it reads.
      of: how many equal parts a batch has.
    """

    first: int = 0
    count: int = 1
    of: int = 1

    def split_steps(self, start: int, end: int) -> tf.data.Dataset:
        """Returns the data set of (step, part), int64, of the steps `start` to `end` − 1, in their order."""
        parts = tf.data.Dataset.range(start * self.count, end * self.count)

        @tf.autograph.experimental.do_not_convert
        def split(number):
            return number // self.count, self.first + number % self.count

        return parts.map(split)


@dataclasses.dataclass(frozen=True)
class BatchPart:
    """Examples that are a part of a batch.

    Args:
      first: int64 [], place of the first of them in the batch.
      size: examples of the whole batch.
    """

    first: tf.Tensor
    size: int

    def cut(self, draws: tf.Tensor, count: tf.Tensor, axis: int = 0) -> tf.Tensor:
        """Returns what was drawn for `count` examples from `first` on.

        Args:
          draws: any type, `size` long along an axis.
          count: int32 [].
          axis: the axis of the examples.
        """
        return tf.gather(draws, tf.cast(self.first, tf.int32) + tf.range(count), axis=axis)


def draw_uniform(
    seed: tf.Tensor,
    count: tf.Tensor,
    shape: list[int],
    low: float = 0.0,
    high: float = 1.0,
    part: BatchPart | None = None,
) -> tf.Tensor:
    """Draws numbers for each example of a batch.

    Args:
      seed: int64 [2].
      count: int32 [], B.
      shape: of the numbers of one example.
      low, high: bounds of the numbers.
      part: if the examples are a part of a batch, which one.

    Returns:
      float32 [B, *shape].
    """
    if part is None:
        return tf.random.stateless_uniform([count, *shape], seed, low, high)
    return part.cut(tf.random.stateless_uniform([part.size, *shape], seed, low, high), count)
