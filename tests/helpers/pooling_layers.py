"""Layers of temporal pooling for tests: windows, weights away from their start, gradients, and a small training."""

import keras
import numpy as np
import tensorflow as tf

from keras_pose.heatmaps import decode_subpixel
from keras_pose.pooling.temporal_pooling import TemporalPooling

B, T, H, W, J = 2, 5, 4, 6, 3


def make_inputs(seed=0, missing=True):
    """[maps float32 [B, T, H, W, J], valid bool [B, T], reliability float32 [B, T, H, W]], all random."""
    rng = np.random.default_rng(seed)
    maps = rng.uniform(0, 1, (B, T, H, W, J)).astype(np.float32)
    valid = np.ones((B, T), bool)
    if missing:
        valid[0, :2] = valid[1, 4] = False
    return [maps, valid, rng.uniform(0, 1, (B, T, H, W)).astype(np.float32)]


def make_trained(kind, seed=1, like=None):
    """Returns a layer, built for the shapes of inputs, whose weights are all away from their start."""
    layer = TemporalPooling(kind)
    layer(make_inputs() if like is None else like)
    rng = np.random.default_rng(seed)
    layer.set_weights([w + rng.normal(0, 0.7, w.shape).astype(np.float32) for w in layer.get_weights()])
    return layer


def make_blobs(points, size_hw=(12, 12), sigma_px=1.2):
    """Gaussians at points (x, y) [..., 2]: [..., h, w]."""
    y, x = np.mgrid[: size_hw[0], : size_hw[1]]
    square = (x - points[..., :1, None]) ** 2 + (y - points[..., 1:, None]) ** 2
    return np.exp(-square / (2 * sigma_px**2))


def raw(variable):
    """Returns the TensorFlow variable, which the tape knows; on Keras 3 it is wrapped."""
    return variable if isinstance(variable, tf.Variable) else variable.value


def value_and_gradients(layer, inputs, cotangent):
    """Σ cotangent · pooled, and its gradients for maps, reliability and the weights."""
    maps = tf.constant(inputs[0])
    reliability = tf.constant(inputs[2])
    with tf.GradientTape() as tape:
        tape.watch([maps, reliability])
        value = tf.reduce_sum(layer([maps, inputs[1], reliability]) * cotangent)
    return value, tape.gradient(value, [maps, reliability, *(raw(v) for v in layer.trainable_variables)])


def fit(layer, inputs, targets, steps, learning_rate=0.05, loss=None):
    """Trains a layer with Adam on all examples at once; `loss` of (targets, pooled), by default the squared error."""
    loss = loss or (lambda expected, pooled: tf.reduce_mean(tf.square(pooled - expected)))
    layer(inputs)
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(layer.trainable_variables)
    inputs = [tf.constant(x) for x in inputs]

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = loss(targets, layer(inputs))
        gradients = tape.gradient(value, [raw(v) for v in layer.trainable_variables])
        optimizer.apply_gradients(zip(gradients, layer.trainable_variables))

    for _ in range(steps):
        step()


def make_wrong_modes(seed, examples=64, num_frames=7, share=0.35, side=16):
    """A joint that moves evenly; some frames prefer another place, at random, to the true one.

    Returns:
      maps float32 [N, T, side, side, 1], and the true places in the middle frame, float32 [N, 1, 2], in px.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(num_frames) - num_frames // 2
    middle = rng.uniform(5, side - 6, (examples, 1, 2))
    points = middle + rng.uniform(-0.8, 0.8, (examples, 1, 2)) * time[:, None]
    right = make_blobs(points, (side, side), 1.5)
    other = make_blobs(rng.uniform(1, side - 2, (examples, num_frames, 2)), (side, side), 1.5)
    wrong = (rng.uniform(size=(examples, num_frames)) < share)[..., None, None]
    maps = np.where(wrong, 0.4 * right + 0.7 * other, 0.9 * right)
    return maps[..., None].astype(np.float32), middle.astype(np.float32)


def share_within(pooled, points, distance_px=1.0):
    """The part of maps [N, h, w, J] that decode to within a distance of points [N, J, 2]."""
    found, _ = decode_subpixel(pooled)
    return float(np.mean(np.linalg.norm(found - points, axis=-1) < distance_px))
