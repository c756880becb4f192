"""The parts of a training step of the quickstart: reading, augmenting, forward, loss, gradients and update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_pose.data import augment
from keras_pose.data.mirroring import decide_mirroring
from keras_pose.data.open_source import open_source
from keras_pose.data.samples import Samples
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig
from keras_pose.training import runner, trainer

WHOLE = "a step, its batch in memory"


def make_parts(batch_size: int = 32, side_px: int = 128, **flags: Any) -> dict[str, Callable[[], Any]]:
    """Returns functions of the parts, the whole step first.

    Args:
      batch_size: examples of a batch.
      side_px: side of the input.
      **flags: further flags of `train.py`.
    """
    options = {"data": "signers:train", "input_size": str(side_px), "batch_size": batch_size, **flags}
    config = TrainConfig.from_flags(run_dir="unused", **options)
    source = open_source("signers:train", num_clips=batch_size // 4 + 1, num_frames=4, size_hw=(side_px, side_px))
    samples = Samples(source.clips, config.model.input_size_hw, config.offsets, config.data.cache)
    keras.utils.set_random_seed(0)
    model = runner.build(config, source.skeleton)
    trainer.compile_model(model, config.optimisation, config.loss, config.device.xla)
    mirroring = decide_mirroring(config.augmentation, source.skeleton)
    stored = {name: tf.constant(value) for name, value in samples.read_batch(range(batch_size)).items()}
    key = tf.constant([0, 0], tf.int64)

    @tf.function(autograph=False)
    def change():
        return augment.augment_batch(stored, key, samples.input_size_hw, config.augmentation, mirroring)

    window, targets = change()
    net = PoseNet(model)
    inputs, of_outputs = net.training_pair(window, targets)
    codec = net.codec(config.loss.sigma_px)
    maps_hw = net.output_shape()[:2]
    forward = tf.function(lambda: model(inputs, training=True), autograph=False)

    def gradients():
        with tf.GradientTape() as tape:
            maps = model(inputs, training=True).values()
            loss = tf.add_n([tf.reduce_mean(tf.square(m)) for m in maps])
        return tape.gradient(loss, model.trainable_variables)

    backward = tf.function(gradients, autograph=False)
    render = tf.function(lambda: codec.encode(targets, maps_hw), autograph=False)
    return {
        WHOLE: lambda: model.train_on_batch(inputs, of_outputs),
        "reading frames from the cache": lambda: samples.read_batch(range(batch_size)),
        "augmentation": lambda: change()[1].numpy(),
        "forward pass": lambda: _read_all(forward()),
        "forward pass and gradients": lambda: np.asarray(backward()[0]),
        "rendering the target maps": lambda: render().numpy(),
    }


def _read_all(maps):
    return [tensor.numpy() for tensor in maps.values()]
