"""Losses: perfect is zero, worse is larger, a masked joint has no gradient, weights scale value and gradient."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.heatmaps import render_heatmaps
from keras_pose.training.losses import CoordinateL2, HeatmapL2, TukeyBiweight

LOSSES = {
    "heatmap": HeatmapL2(stride=4, sigma_px=1.5),
    "coordinate": CoordinateL2(scale_px=64),
    "tukey": TukeyBiweight(scale_px=64),
}
# MirroredStrategy wants two devices, which can be asked for only before TensorFlow starts.
with contextlib.suppress(RuntimeError):
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

# Two replicas take Tukey's median over their own halves of the batch.
TOLERANCE = {"heatmap": 1e-4, "coordinate": 1e-4, "tukey": 0.5}


def make_targets(batch=5, joints=3, seed=0):
    rng = np.random.default_rng(seed)
    points = rng.uniform(8, 56, (batch, joints, 2))
    return np.concatenate([points, np.ones((batch, joints, 1))], axis=-1).astype(np.float32)


def perfect(name, targets):
    return render_heatmaps(targets, (16, 16), 4, 1.5).numpy() if name == "heatmap" else targets[..., :2].copy()


def noisy(name, targets, size=1.0, seed=1):
    prediction = perfect(name, targets)
    scale = 0.1 if name == "heatmap" else 4.0
    return (prediction + size * np.random.default_rng(seed).normal(0, scale, prediction.shape)).astype(np.float32)


def joint_axis(name):
    return 3 if name == "heatmap" else 1


def gradient_of(loss, targets, prediction):
    prediction = tf.constant(prediction)
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        value = loss(targets, prediction)
    return float(value), tape.gradient(value, prediction).numpy()


@pytest.mark.parametrize("name", LOSSES)
def test_perfect_is_zero_and_worse_is_larger(name):
    targets = make_targets()
    values = [float(LOSSES[name](targets, noisy(name, targets, size))) for size in (0.0, 0.5, 1.0, 2.0)]
    assert values[0] == 0
    assert values == sorted(values)
    assert values[1] > 0


@pytest.mark.parametrize("name", LOSSES)
def test_masked_joint_has_no_value_and_no_gradient(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    axis = joint_axis(name)
    targets[:, 1] = [np.nan, np.nan, 0]
    value, gradient = gradient_of(LOSSES[name], targets, prediction)
    assert (gradient.take(1, axis) == 0).all()
    assert np.isfinite(gradient).all()
    assert (gradient.take(0, axis) != 0).any()
    broken = prediction.copy()
    np.moveaxis(broken, axis, 0)[1] = np.nan
    broken_value, broken_gradient = gradient_of(LOSSES[name], targets, broken)
    assert broken_value == value > 0
    np.testing.assert_array_equal(broken_gradient, gradient)


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_labelled_is_zero(name):
    targets = np.zeros((2, 3, 3), np.float32)
    value, gradient = gradient_of(LOSSES[name], targets, noisy(name, make_targets(2)))
    assert value == 0
    assert (gradient == 0).all()


@pytest.mark.parametrize("name", LOSSES)
def test_weight_scales_value_and_gradient_of_its_joint(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    value, gradient = gradient_of(LOSSES[name], targets, prediction)
    targets[..., 2] = 0.1
    light_value, light_gradient = gradient_of(LOSSES[name], targets, prediction)
    np.testing.assert_allclose(light_value, 0.1 * value, rtol=1e-5)
    np.testing.assert_allclose(light_gradient, 0.1 * gradient, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_a_joint_pulls_equally_hard_whatever_else_is_labelled(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    _, before = gradient_of(LOSSES[name], targets, prediction)
    targets[:, 2] = 0
    _, after = gradient_of(LOSSES[name], targets, prediction)
    axis = joint_axis(name)
    np.testing.assert_allclose(after.take(0, axis), before.take(0, axis), rtol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_one_value_per_example_and_their_mean(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    each = LOSSES[name].call(targets, tf.constant(prediction))
    assert each.shape == (5,)
    np.testing.assert_allclose(LOSSES[name](targets, prediction), np.mean(each), rtol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_value_does_not_depend_on_batch_or_number_of_joints(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    axis = joint_axis(name)
    value = LOSSES[name](targets, prediction)
    twice = LOSSES[name](np.concatenate([targets] * 2), np.concatenate([prediction] * 2))
    np.testing.assert_allclose(twice, value, rtol=1e-5)
    twice = LOSSES[name](np.concatenate([targets] * 2, 1), np.concatenate([prediction] * 2, axis))
    np.testing.assert_allclose(twice, value, rtol=1e-5)


def test_heatmap_loss_equals_numpy_and_caffes_scale():
    targets = make_targets()
    prediction = noisy("heatmap", make_targets())
    targets[0, 0, 2] = 0.0
    targets[1, 1, 2] = 0.4
    squares = (prediction - render_heatmaps(targets, (16, 16), 4, 1.5).numpy()) ** 2
    expected = (targets[..., 2] * squares.mean(axis=(1, 2))).mean(axis=-1)
    np.testing.assert_allclose(LOSSES["heatmap"].call(targets, prediction), expected, rtol=1e-5)
    # An error spread over more pixels costs the same.
    larger = HeatmapL2(4)(make_targets(), render_heatmaps(make_targets(), (32, 32), 4).numpy() + 0.2)
    np.testing.assert_allclose(larger, 0.04, rtol=1e-4)
    # Half of Caffe's sum, times 2/(B·J·h·w).
    targets[..., 2] = 1
    value, gradient = gradient_of(LOSSES["heatmap"], targets, prediction)
    caffe_gradient = prediction - render_heatmaps(targets, (16, 16), 4, 1.5).numpy()
    np.testing.assert_allclose(gradient, caffe_gradient * 2 / prediction.size, rtol=1e-3, atol=1e-9)


def test_coordinate_loss_equals_numpy():
    targets = make_targets()
    prediction = noisy("coordinate", make_targets())
    expected = (((prediction - targets[..., :2]) / 64) ** 2).sum(-1).mean(-1)
    np.testing.assert_allclose(LOSSES["coordinate"].call(targets, prediction), expected, rtol=1e-5)


def test_tukey_equals_numpy():
    targets = make_targets()
    prediction = noisy("tukey", make_targets())
    targets[3, 1] = 0
    prediction[2, 0] += 60
    expected = np.zeros((5, 3))
    for j in range(3):
        for axis in range(2):
            labelled = targets[:, j, 2] > 0
            residual = (prediction[:, j, axis] - targets[:, j, axis])[labelled] / 64
            scale = max(1.4826 * np.median(np.abs(residual)), 0.005)
            relative = np.minimum((residual / scale / 4.6851) ** 2, 1)
            expected[labelled, j] += scale**2 * 4.6851**2 / 6 * (1 - (1 - relative) ** 3)
    np.testing.assert_allclose(LOSSES["tukey"].call(targets, prediction), expected.mean(-1), rtol=1e-4)


def test_tukey_saturates_for_outliers_and_is_l2_for_small_residuals():
    targets = make_targets(batch=7)
    prediction = targets[..., :2] + np.linspace(-0.2, 0.2, 7, dtype=np.float32)[:, None, None]
    np.testing.assert_allclose(
        TukeyBiweight(64, floor=1.0)(targets, prediction), 0.5 * CoordinateL2(64)(targets, prediction), rtol=1e-3
    )
    far = prediction.copy()
    farther = prediction.copy()
    far[0, 0] += 50
    farther[0, 0] += 500
    value, gradient = gradient_of(LOSSES["tukey"], targets, far)
    assert (gradient[0, 0] == 0).all()
    assert (gradient[1:] != 0).any()
    np.testing.assert_allclose(LOSSES["tukey"](targets, farther), value, rtol=1e-5)


def test_tukey_learns_from_one_example_and_from_a_common_bias():
    targets = make_targets(batch=4)
    for count in (1, 4):
        _, gradient = gradient_of(LOSSES["tukey"], targets[:count], targets[:count, :, :2] + 20)
        assert (gradient > 0).all()


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_equals_finite_differences(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    loss = TukeyBiweight(64, floor=0.1) if name == "tukey" else LOSSES[name]
    step_size = 0.05 if name == "heatmap" else 0.5
    _, gradient = gradient_of(loss, targets, prediction)
    for flat in np.random.default_rng(2).choice(prediction.size, 6, replace=False):
        step = np.zeros_like(prediction)
        step.flat[flat] = step_size
        numeric = (loss(targets, prediction + step) - loss(targets, prediction - step)) / (2 * step_size)
        np.testing.assert_allclose(gradient.flat[flat], numeric, rtol=0.05, atol=2e-7)


@pytest.mark.parametrize("name", LOSSES)
def test_same_in_xla_and_for_float16(name):
    targets = make_targets()
    prediction = noisy(name, make_targets())
    value = LOSSES[name].call(targets, prediction)
    compiled = tf.function(LOSSES[name].call, jit_compile=True)(tf.constant(targets), tf.constant(prediction))
    np.testing.assert_allclose(compiled, value, rtol=1e-4, atol=1e-8)
    half = LOSSES[name].call(targets, tf.cast(prediction, tf.float16))
    assert half.dtype == tf.float32
    np.testing.assert_allclose(half, value, rtol=0.05)


@pytest.mark.parametrize("name", LOSSES)
def test_config_round_trip(name):
    loss = LOSSES[name]
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    targets = make_targets()
    prediction = noisy(name, make_targets())
    np.testing.assert_array_equal(again(targets, prediction), loss(targets, prediction))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: HeatmapL2(stride=0), "HeatmapL2: expected stride above 0, received 0"),
        (lambda: HeatmapL2(sigma_px=-1), "HeatmapL2: expected sigma_px above 0, received -1"),
        (lambda: CoordinateL2(0), "CoordinateL2: expected scale_px above 0, received 0"),
        (lambda: TukeyBiweight(64, floor=0), "TukeyBiweight: expected floor above 0, received 0"),
    ],
)
def test_errors_say_what_was_received(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def build_model(kind):
    frames = keras.Input((16, 16, 3), name="frames")
    features = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(frames)
    if kind == "heatmap":
        outputs = {
            "heatmaps": keras.layers.Conv2D(3, 1, name="heatmaps")(features),
            "trunk_heatmaps": keras.layers.Conv2D(3, 1, name="trunk_heatmaps")(features),
        }
    else:
        flat = keras.layers.Dense(6)(keras.layers.GlobalAveragePooling2D()(features))
        outputs = {"joints": keras.layers.Reshape((3, 2), name="joints")(flat)}
    return keras.Model(frames, outputs)


@pytest.mark.parametrize(
    ("name", "replicas"),
    [
        *((name, 1) for name in LOSSES),
        *(pytest.param(name, 2, marks=[] if name == "heatmap" else pytest.mark.slow) for name in LOSSES),
    ],
)
def test_fit_lowers_the_loss(name, replicas):
    strategy = mirrored() if replicas == 2 else tf.distribute.get_strategy()
    keras.utils.set_random_seed(0)
    frames = np.random.default_rng(0).normal(size=(8, 16, 16, 3)).astype(np.float32)
    targets = make_targets(8)
    with strategy.scope():
        model = build_model("heatmap" if name == "heatmap" else "coordinate")
        keys = list(model.output) if isinstance(model.output, dict) else model.output_names
        rate = 0.01 if name == "heatmap" else 0.5
        model.compile(keras.optimizers.Adam(rate), loss=dict.fromkeys(keys, LOSSES[name]), jit_compile=False)
    dataset = tf.data.Dataset.from_tensor_slices((frames, dict.fromkeys(keys, targets))).batch(8)
    untrained = model.evaluate(dataset, verbose=0, return_dict=True)["loss"]
    losses = model.fit(dataset, epochs=8, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    # One batch an epoch: what fit reports first is the untrained loss, whatever the number of replicas.
    assert losses[0] == pytest.approx(untrained, rel=1e-4)
    outputs = model.predict(frames, verbose=0)
    alone = sum(float(LOSSES[name](targets, outputs[key])) for key in keys)
    assert model.evaluate(dataset, verbose=0, return_dict=True)["loss"] == pytest.approx(alone, rel=TOLERANCE[name])


def mirrored():
    if len(tf.config.list_logical_devices("CPU")) < 2:
        pytest.skip("TensorFlow started with one logical CPU in this process; run alone, this file has two")
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
