"""Temporal pooling: each kind against NumPy loops, its start, the ends of clips, and what it can learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_pose.pooling.names import POOLINGS
from keras_pose.pooling.temporal_pooling import TemporalPooling
from tests.helpers import pooling_oracles
from tests.helpers.pooling_layers import B, H, J, T, W, make_inputs, make_trained, value_and_gradients

KINDS_WITH_WEIGHTS = ("parametric", "data_dependent")


def replace_missing(maps, valid, reliability):
    maps = maps.astype(np.float64)
    reliability = reliability.astype(np.float64)
    for b, t in np.argwhere(~valid):
        maps[b, t] = maps[b, T // 2]
        reliability[b, t] = 1.0
    return maps, reliability


def gate(layer, m, r, b, t, j):
    offset, evidence, trust = (np.array(v)[j] for v in (layer.offset, layer.evidence, layer.trust))
    logit = offset + evidence * (m[b, t, ..., j].max() - m[b, T // 2, ..., j].max()) + trust * (r[b, t] - 1)
    return 2 / (1 + np.exp(-logit))


def pool_by_loops(layer, maps, valid, reliability):
    if layer.kind in pooling_oracles.ORACLES:
        return pooling_oracles.pool(layer, maps, valid)
    m, r = replace_missing(maps, valid, reliability)
    if layer.kind in ("none", "sum", "max"):
        return {"none": m[:, T // 2], "sum": m.mean(1), "max": m.max(1)}[layer.kind]
    weight = np.array(layer.weight, np.float64)
    bias = np.array(layer.bias)
    out = np.zeros((B, H, W, J))
    for b, t, j in np.ndindex(B, T, J):
        if layer.kind == "parametric":
            out[b, ..., j] += weight[t, j] * m[b, t, ..., j]
        elif t != T // 2:
            out[b, ..., j] += weight[t, j] * gate(layer, m, r, b, t, j) * (m[b, t] - m[b, T // 2])[..., j]
    if layer.kind == "data_dependent":
        out = np.array(layer.scale) * (m[:, T // 2] + out)
    return out + bias


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("kind", POOLINGS)
def test_agrees_with_loops(kind, missing):
    inputs = make_inputs(missing=missing)
    layer = make_trained(kind)
    pooled = layer(inputs)
    assert pooled.dtype == tf.float32
    np.testing.assert_allclose(pooled, pool_by_loops(layer, *inputs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["none", "parametric", "data_dependent"])
def test_new_layer_is_the_single_frame_net_exactly(kind):
    maps, valid, reliability = make_inputs()
    np.testing.assert_array_equal(TemporalPooling(kind)([maps * 37.1, valid, reliability]), (maps * 37.1)[:, T // 2])


def test_sum_and_max_of_equal_frames_keep_the_height_of_peaks():
    maps, valid, reliability = make_inputs()
    maps[:] = maps[:, :1]
    for kind in ("sum", "max"):
        np.testing.assert_allclose(TemporalPooling(kind)([maps, valid, reliability]), maps[:, 0], rtol=1e-6)


@pytest.mark.parametrize("kind", POOLINGS)
def test_missing_frames_do_not_count(kind):
    (maps, valid, reliability) = make_inputs()
    layer = make_trained(kind)
    expected = layer([maps, valid, reliability])
    maps[~valid] = 100.0
    reliability[~valid] = -100.0
    np.testing.assert_array_equal(layer([maps, valid.astype(np.float32), reliability]), expected)
    if kind in pooling_oracles.ORACLES:
        return
    # The current frame takes their place.
    replaced = np.where(valid[:, :, None, None, None], maps, maps[:, T // 2, None])
    reliability[~valid] = 1.0
    np.testing.assert_allclose(layer([replaced, np.ones((B, T)), reliability]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", POOLINGS)
def test_window_without_neighbours_depends_on_the_current_frame_alone(kind):
    (maps, _, reliability) = make_inputs()
    layer = make_trained(kind)
    alone = np.zeros((B, T))
    expected = layer([maps, alone, reliability])
    maps[:, [0, 1, 3, 4]] = 9.0
    np.testing.assert_array_equal(layer([maps, alone, reliability]), expected)
    alone[:, T // 2] = 1
    np.testing.assert_allclose(layer([maps, alone, reliability]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", POOLINGS)
def test_joints_are_not_mixed(kind):
    inputs = make_inputs()
    layer = make_trained(kind)
    before = layer(inputs).numpy()
    inputs[0][..., 1] += np.random.default_rng(5).uniform(1, 2, (B, T, H, W))
    after = layer(inputs).numpy()
    np.testing.assert_array_equal(after[..., [0, 2]], before[..., [0, 2]])
    changed = after[..., 1] != before[..., 1]
    assert changed.any() if kind == "median" else changed.all()  # it moves zeros in


@pytest.mark.parametrize("kind", POOLINGS)
def test_gradients_agree_with_differences(kind):
    inputs = make_inputs()
    layer = make_trained(kind)
    rng = np.random.default_rng(2)
    cotangent = rng.normal(size=(B, H, W, J)).astype(np.float32)

    def value_at(position, array):
        """The value by loops in float64, with one of maps, reliability and the parameters exchanged."""
        changed = list(inputs)
        parameters = layer.get_weights()
        if position < 2:
            changed[2 * position] = array
            return (pool_by_loops(layer, *changed) * cotangent).sum()
        before = layer.get_weights()
        parameters[position - 2] = array
        layer.set_weights(parameters)
        value = (pool_by_loops(layer, *inputs) * cotangent).sum()
        layer.set_weights(before)
        return value

    _, gradients = value_and_gradients(layer, inputs, cotangent)
    arrays = [inputs[0], inputs[2], *layer.get_weights()]
    assert len(gradients) == len(arrays)
    for position, (gradient, array) in enumerate(zip(gradients, arrays)):
        direction = rng.normal(size=array.shape)
        step = 1e-6 if position < 2 else 1e-3  # maxima have kinks, and parameters are float32
        above, below = (value_at(position, array + sign * step * direction) for sign in (1, -1))
        difference = (above - below) / (2 * step)
        along = 0.0 if gradient is None else (gradient.numpy() * direction).sum()
        assert along == pytest.approx(difference, rel=5e-3, abs=5e-3)
        if kind == "data_dependent":
            assert abs(along) > 1e-2


def test_weights_of_frames():
    np.testing.assert_array_equal(
        make_trained("parametric").frame_weights(), make_trained("parametric").get_weights()[0]
    )
    maps, valid, reliability = make_inputs(missing=False)
    layer = make_trained("data_dependent")
    maps[..., 0, 0, :] = 2.0  # equal peaks
    weights = layer.frame_weights()
    assert weights.dtype == np.float32
    expected = np.einsum("bthwj,tj->bhwj", maps, weights) + np.array(layer.bias)
    np.testing.assert_allclose(layer([maps, valid, np.ones_like(reliability)]), expected, rtol=1e-4, atol=1e-5)
    for layer, received in (
        (make_trained("max"), "kind max"),
        (TemporalPooling("parametric"), "one that is not built"),
    ):
        with pytest.raises(ValueError, match=f"received {received}"):
            layer.frame_weights()


# XLA takes 20 s for the rounds of a track and their gradient.
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow if kind == "track" else ()) for kind in POOLINGS]
)
def test_compiles_with_gradients(kind):
    inputs = make_inputs()
    layer = make_trained(kind)
    cotangent = np.random.default_rng(2).normal(size=(B, H, W, J)).astype(np.float32)
    compiled = tf.function(lambda: value_and_gradients(layer, inputs, cotangent), jit_compile=True)
    value, gradients = value_and_gradients(layer, inputs, cotangent)
    compiled_value, compiled_gradients = compiled()
    np.testing.assert_allclose(compiled_value, value, rtol=1e-4, atol=1e-4)
    for ours, theirs in zip(gradients, compiled_gradients):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_allclose(theirs, ours, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", POOLINGS)
def test_stays_float32_under_mixed_precision(kind):
    maps, valid, reliability = make_inputs()
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        layer = make_trained(kind)
        pooled = layer([tf.constant(maps, tf.float16), valid, reliability])
        # Sixteen bits would round reliability too.
        expected = pool_by_loops(layer, maps.astype(np.float16), valid, reliability)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert pooled.dtype == tf.float32
    assert all(v.dtype in ("float32", tf.float32) for v in layer.variables)
    np.testing.assert_allclose(pooled, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", POOLINGS)
def test_model_with_unknown_sizes_survives_saving(kind, tmp_path):
    inputs = [keras.Input((T, None, None, J)), keras.Input((T,), dtype="bool"), keras.Input((T, None, None))]
    layer = TemporalPooling(kind, name="pooled")
    model = keras.Model(inputs, layer(inputs))
    assert tuple(model.outputs[0].shape) == (None, None, None, J)
    assert tuple(layer.compute_output_shape([(2, T, 8, 9, J), (2, T), (2, T, 8, 9)])) == (2, 8, 9, J)
    layer.set_weights(make_trained(kind).get_weights())
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_layer("pooled").kind == kind
    expected = pool_by_loops(layer, *make_inputs())
    np.testing.assert_allclose(again(make_inputs()), expected, rtol=1e-5, atol=1e-5)
    assert TemporalPooling.from_config(layer.get_config()).get_config() == layer.get_config()


def test_bad_arguments_are_refused():
    with pytest.raises(
        ValueError,
        match="parametric, data_dependent, chain, chain_readout, track, median, sum, max, none, received 'mean'",
    ):
        TemporalPooling("mean")
    with pytest.raises(ValueError, match="expected the dtype float32, received float16"):
        TemporalPooling("sum", dtype="mixed_float16")
    for frames, joints, message in ((4, J, "T odd and known"), (None, J, "T odd and known"), (T, None, "J known")):
        inputs = [keras.Input((frames, H, W, joints)), keras.Input((frames,)), keras.Input((frames, H, W))]
        with pytest.raises(ValueError, match=message):
            TemporalPooling("parametric")(inputs)
    maps, valid, reliability = make_inputs()
    with pytest.raises(ValueError, match=r"received \(2, 5, 4, 6\)"):
        TemporalPooling("max")([maps[..., 0], valid, reliability])


def test_the_layer_says_what_its_kind_reads():
    assert [TemporalPooling(kind).reads_neighbours for kind in ("none", "sum", "chain")] == [False, True, True]
    assert [TemporalPooling(kind).learns for kind in ("none", "sum", "parametric")] == [False, False, True]
    assert [TemporalPooling(kind).weighs_frames for kind in ("max", "parametric", "chain")] == [False, True, False]
    assert [TemporalPooling(kind).needs_reliability for kind in ("sum", "data_dependent")] == [False, True]
