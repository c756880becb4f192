"""The lite preset: size, context of the whole frame, mirror-symmetric grids, learning from a zero head."""

import keras
import numpy as np
import tensorflow as tf

from keras_pose.models import factory, lite


def _frames(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (*shape, 3)).astype("float32")


def test_net_is_small():
    count = factory.build_model("heatmap", "lite", 7).count_params()
    assert 300_000 < count < 700_000


def test_trunk_sees_the_whole_upper_body():
    # What tells left from right may lie 90 px from a joint; the gradient must reach that far in a 256 px frame.
    keras.utils.set_random_seed(0)
    frames = keras.Input((256, 256, 3))
    model = keras.Model(frames, lite.build_trunk(frames).features)
    x = tf.Variable(_frames(1, 256, 256))
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(model(x, training=False)[0, 32, 32])
    rows = np.abs(tape.gradient(value, x).numpy()).max(axis=(0, 2, 3)).nonzero()[0]
    assert rows.min() <= 130 - 90
    assert rows.max() >= 130 + 90


def test_few_steps_lower_the_loss_from_a_zero_head():
    keras.utils.set_random_seed(0)
    model = factory.build_model("heatmap", "lite", 2, (64, 64), width=0.5)
    frames = _frames(4, 64, 64)
    rows, columns = np.mgrid[:16, :16]
    target = np.exp(-((rows - 5) ** 2 + (columns - 9) ** 2) / 4.5).astype("float32")[None, ..., None]
    model.compile(keras.optimizers.Adam(5e-3), loss=dict.fromkeys(model.output, "mse"), jit_compile=False)
    labels = dict.fromkeys(model.output, np.broadcast_to(target, (4, 16, 16, 2)))
    losses = model.fit(frames, labels, epochs=10, verbose=0).history["loss"]
    assert losses[-1] < 0.6 * losses[0]
