"""The heatmap net: outputs with and without fusion, dtypes, gradients, weights on file."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.models import factory, fusion, heatmap_net, lite

WIDTHS = {"paper": 0.0625, "lite": 0.25}


@pytest.fixture
def mixed_precision(request):
    keras.mixed_precision.set_global_policy(request.param)
    yield request.param
    keras.mixed_precision.set_global_policy("float32")


def _build(preset="lite", **kwargs):
    keras.utils.set_random_seed(3)
    return factory.build_model("heatmap", preset, 3, width=WIDTHS[preset], **{"input_size_hw": (64, 64), **kwargs})


def _frames(batch=2, height=64, width=64):
    return np.random.default_rng(0).uniform(0, 255, (batch, height, width, 3)).astype("float32")


def _open_heads(model):
    """Gives the heads random kernels, so that what lies behind them is seen."""
    rng = np.random.default_rng(0)
    for name in model.output:
        kernel, bias = model.get_layer(name).get_weights()
        model.get_layer(name).set_weights([rng.normal(size=kernel.shape).astype("float32"), bias])
    return model


@pytest.mark.parametrize("preset", WIDTHS)
def test_maps_are_zero_before_training(preset):
    outputs = _build(preset)(_frames())
    assert set(outputs) == {"heatmaps", "trunk_heatmaps"}
    for maps in outputs.values():
        np.testing.assert_array_equal(maps, np.zeros((2, 16, 16, 3)))


def test_without_fusion_there_is_one_output():
    model = _build(fusion=False)
    assert set(model(_frames())) == {"heatmaps"}
    assert not [layer.name for layer in model.layers if "fusion" in layer.name]


def test_output_layers_are_named_like_their_keys_and_the_input_frames():
    model = _build()
    assert model.inputs[0].name.split(":")[0] == "frames"
    for key in model.output:
        assert model.get_layer(key).name == key


@pytest.mark.parametrize("preset", WIDTHS)
def test_frames_of_any_size_are_taken(preset):
    model = _open_heads(_build(preset, input_size_hw=(None, None)))
    for height, width in ((64, 64), (32, 96)):
        assert model(_frames(1, height, width))["heatmaps"].shape == (1, height // 4, width // 4, 3)


def test_unknown_size_gives_the_numbers_of_the_known_size():
    known = _open_heads(_build())
    unknown = _build(input_size_hw=(None, None))
    unknown.set_weights(known.get_weights())
    np.testing.assert_allclose(known(_frames())["heatmaps"], unknown(_frames())["heatmaps"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mixed_precision", ["mixed_float16", "mixed_bfloat16"], indirect=True)
@pytest.mark.parametrize("preset", WIDTHS)
def test_outputs_are_float32_under_mixed_precision(mixed_precision, preset):
    model = _open_heads(_build(preset))
    for maps in model(_frames()).values():
        assert maps.dtype == tf.float32
        assert np.isfinite(maps).all()
    assert any("16" in str(layer.compute_dtype) for layer in model.layers)


@pytest.mark.parametrize("preset", WIDTHS)
def test_gradients_reach_every_variable(preset):
    model = _open_heads(_build(preset))
    with tf.GradientTape() as tape:
        loss = sum(tf.reduce_mean((maps - 1) ** 2) for maps in model(_frames(), training=True).values())
    for variable, gradient in zip(model.trainable_variables, tape.gradient(loss, model.trainable_variables)):
        assert gradient is not None, variable.name
        assert np.abs(gradient).max() > 0, variable.name


def test_same_seed_gives_the_same_weights():
    for a, b in zip(_build().get_weights(), _build().get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("preset", WIDTHS)
def test_weights_come_back_from_file(preset, tmp_path):
    model = _open_heads(_build(preset))
    other = _build(preset, input_size_hw=(None, None))
    path = str(tmp_path / "model.weights.h5")
    model.save_weights(path)
    other.load_weights(path)
    np.testing.assert_allclose(model(_frames())["heatmaps"], other(_frames())["heatmaps"], rtol=1e-4, atol=1e-5)


def _build_flow_input(input_size_hw=(64, 64)):
    return heatmap_net.build_flow_input_net(lite.build_trunk, fusion.build_light, 3, 5, input_size_hw, 0.25)


def test_flow_at_the_input_changes_the_maps():
    rng = np.random.default_rng(0)
    model = _build_flow_input()
    window = {
        "frames": rng.uniform(0, 255, (2, 5, 64, 64, 3)).astype("float32"),
        "flows": rng.normal(size=(2, 5, 16, 16, 2)).astype("float32"),
    }
    assert not model(window)["heatmaps"].numpy().any()  # before training
    still = {**window, "flows": window["flows"] * 0}
    _open_heads(model)
    assert np.abs(model(window)["heatmaps"] - model(still)["heatmaps"]).max() > 1e-4


def test_a_net_with_flow_at_its_input_takes_any_size():
    model = _build_flow_input((None, None))
    maps = model({"frames": np.zeros((1, 5, 32, 96, 3)), "flows": np.zeros((1, 5, 8, 24, 2))})
    assert maps["heatmaps"].shape == maps["trunk_heatmaps"].shape == (1, 8, 24, 3)
