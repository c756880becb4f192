"""What each kind of pooling says about itself, and that it is true of what it computes."""

import numpy as np
import pytest

from keras_pose.pooling import kinds
from keras_pose.pooling.names import POOLINGS
from keras_pose.pooling.temporal_pooling import TemporalPooling

B, T, H, W, J = 2, 5, 4, 6, 3
LINEAR = ("parametric", "sum")


def draw_window(seed=0):
    """maps float32 [B, T, H, W, J], present bool [B, T], reliability float32 [B, T, H, W]."""
    rng = np.random.default_rng(seed)
    present = np.ones((B, T), bool)
    present[0, :2] = present[1, 4] = False
    maps = rng.uniform(0, 1, (B, T, H, W, J)).astype(np.float32)
    return maps, present, rng.uniform(0, 1, (B, T, H, W)).astype(np.float32)


def trained_layer(kind):
    """A built layer whose weights are all away from their start."""
    layer = TemporalPooling(kind)
    layer(draw_window())
    rng = np.random.default_rng(1)
    layer.set_weights([w + rng.normal(0, 0.7, w.shape).astype(np.float32) for w in layer.get_weights()])
    return layer


@pytest.mark.parametrize("name", POOLINGS)
def test_a_kind_learns_if_it_has_weights(name):
    assert kinds.open_kind(name).learns == bool(trained_layer(name).get_weights())


@pytest.mark.parametrize("name", POOLINGS)
def test_a_kind_weighs_frames_if_it_has_their_weights(name):
    layer = trained_layer(name)
    if layer.weighs_frames:
        assert layer.frame_weights().shape == (T, J)
    else:
        with pytest.raises(ValueError, match=f"of the kinds parametric or data_dependent, received kind {name}"):
            layer.frame_weights()


@pytest.mark.parametrize("name", POOLINGS)
def test_a_frame_alone_is_pooled_like_a_window_of_one_frame(name):
    maps, _, reliability = draw_window()
    layer = trained_layer(name)
    alone = np.arange(T) == T // 2
    expected = layer([maps, np.stack([alone] * B), reliability])
    np.testing.assert_allclose(layer.pool_alone(maps[:, T // 2], T), expected, rtol=1e-5, atol=1e-6)
    if name not in ("parametric", "data_dependent"):  # these have a bias
        np.testing.assert_allclose(expected, maps[:, T // 2], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", POOLINGS)
def test_a_kind_names_a_loss(name):
    expected = {"chain": "cross_entropy", "chain_readout": "cross_entropy", "track": "position"}.get(name, "l2")
    assert kinds.open_kind(name).loss == trained_layer(name).loss == expected


@pytest.mark.parametrize("name", POOLINGS)
def test_a_kind_reads_neighbours_if_they_change_the_result(name):
    maps, present, reliability = draw_window()
    layer = trained_layer(name)
    before = layer([maps, present, reliability]).numpy()
    maps[:, [0, 1, 3, 4]] += np.random.default_rng(2).uniform(0, 2, (B, 4, H, W, J)).astype(np.float32)
    changed = not np.allclose(layer([maps, present, reliability]), before)
    assert kinds.open_kind(name).reads_neighbours == layer.reads_neighbours == changed


@pytest.mark.parametrize("name", POOLINGS)
def test_a_kind_needs_reliability_if_it_changes_the_result(name):
    maps, present, reliability = draw_window()
    layer = trained_layer(name)
    changed = not np.allclose(layer([maps, present, reliability]), layer([maps, present, reliability / 2]))
    assert kinds.open_kind(name).needs_reliability == layer.needs_reliability == changed


@pytest.mark.parametrize("name", POOLINGS)
def test_without_reliability_all_flow_is_reliable(name):
    maps, present, reliability = draw_window()
    layer = trained_layer(name)
    expected = layer([maps, present, np.ones_like(reliability)])
    np.testing.assert_allclose(layer([maps, present]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LINEAR)
def test_linear_weights_multiply_the_maps(name):
    maps, present, _ = draw_window()
    layer = trained_layer(name)
    weights, bias = layer.linear_weights(T, J)
    assert weights.shape == (T, J)
    assert bias.shape == (J,)
    assert weights.dtype == bias.dtype == np.float32
    # The weight of a frame that does not exist belongs to the current frame.
    replaced = np.where(present[:, :, None, None, None], maps, maps[:, T // 2, None])
    expected = np.einsum("bthwj,tj->bhwj", replaced, weights) + bias
    np.testing.assert_allclose(layer([maps, present]), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(set(POOLINGS) - set(LINEAR)))
def test_other_kinds_have_no_linear_weights(name):
    assert trained_layer(name).linear_weights(T, J) is None


def test_frame_weights_are_a_copy():
    layer = trained_layer("parametric")
    layer.frame_weights()[:] = 0
    assert layer.frame_weights().any()


def test_an_unknown_name_is_refused_with_all_names():
    with pytest.raises(
        ValueError,
        match="parametric, data_dependent, chain, chain_readout, track, median, sum, max, none, received 'mean'",
    ):
        kinds.open_kind("mean")
