"""tf.data pipelines: samples in an endless seeded order → augmented batches, and samples in order → plain batches.

Training batches are a pure function of (seed, step): sample number i of the endless order belongs to step i // B, the
augmentation is drawn from (seed, step), and no state is kept anywhere. Resuming at a step means starting there.
Heatmaps are not made here: they are rendered from joints on the device that trains (see `losses`).
"""

from __future__ import annotations

import tensorflow as tf

from keras_pose.data import augment


def make_training_dataset(samples, batch_size, seed, augmentation, num_steps, start_step=0):
    """Makes the batches of steps `start_step` to `num_steps`.

    Args:
      samples: `Samples`, not empty.
      batch_size: examples a batch; all batches are full.
      seed: int of 0 or more; the same seed gives the same batches.
      augmentation: `augment.Augmentation`.
      num_steps: steps of the whole training.
      start_step: the first step to make.

    Returns:
      `tf.data.Dataset` of (frames float32 [B, T, H, W, 3] of 0 to 255, targets float32 [B, J, 3] in input px).
    """
    seed = int(seed)

    def load(step):
        batch = _read(samples, step, lambda n: samples.shuffled(seed, range(n * batch_size, (n + 1) * batch_size)))
        return (step, *batch)

    def change(step, frames, matrices, targets):
        key = tf.stack([tf.constant(seed, tf.int64), step])
        return augment.augment_batch(frames, matrices, targets, key, samples.input_size_hw, augmentation)

    steps = tf.data.Dataset.range(start_step, num_steps)
    batches = steps.map(load, num_parallel_calls=2, deterministic=True)
    return batches.map(change, num_parallel_calls=2, deterministic=True).prefetch(4)


def make_evaluation_dataset(samples, batch_size):
    """Makes batches of all samples in their order, unchanged; the last may be smaller.

    Args:
      samples: `Samples`.
      batch_size: examples a batch.

    Returns:
      `tf.data.Dataset` of (frames float32 [B, T, H, W, 3] of 0 to 255, targets float32 [B, J, 3] in input px).
    """

    def load(batch):
        frames, matrices, targets = _read(
            samples, batch, lambda n: range(n * batch_size, min((n + 1) * batch_size, len(samples)))
        )
        return augment.warp_frames(frames, matrices, samples.input_size_hw), targets

    batches = tf.data.Dataset.range(-(-len(samples) // batch_size))
    return batches.map(load, num_parallel_calls=2, deterministic=True).prefetch(2)


def for_single_frames(dataset, output_names):
    """Gives a dataset of windows of one frame the shape that Keras trains a single-frame net on.

    Args:
      dataset: of (frames [B, 1, H, W, 3], targets [B, J, 3]).
      output_names: the names of the model's outputs; each is compared with the same targets.

    Returns:
      `tf.data.Dataset` of (frames [B, H, W, 3], {name: targets}).
    """
    return dataset.map(lambda frames, targets: (frames[:, 0], dict.fromkeys(output_names, targets)))


def _read(samples, number, positions_of):
    def read(n):
        try:
            return samples.read_batch(positions_of(int(n)))
        except Exception as error:  # TensorFlow would pass on a long text without the file's name in front
            samples.failure = error
            raise

    frames, matrices, targets = tf.numpy_function(read, [number], (tf.uint8, tf.float32, tf.float32))
    frames.set_shape([None, len(samples.offsets), *samples.stored_size_hw, 3])
    matrices.set_shape([None, 3, 3])
    targets.set_shape([None, samples.num_joints, 3])
    return frames, matrices, targets
