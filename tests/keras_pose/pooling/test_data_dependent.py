"""Data-dependent pooling: what moves first, and that it learns to ignore flow that is unreliable."""

import numpy as np

from keras_pose.pooling.temporal_pooling import TemporalPooling
from tests.helpers.pooling_layers import B, H, J, T, W, fit, make_blobs, make_inputs, value_and_gradients

KINDS_WITH_WEIGHTS = ("parametric", "data_dependent")


def test_gradient_at_the_start_moves_weights_first():
    layer = TemporalPooling("data_dependent")
    inputs = make_inputs(missing=False)
    layer(inputs)
    _, gradients = value_and_gradients(layer, inputs, np.ones((B, H, W, J), np.float32))
    names = [v.name.split("/")[-1].split(":")[0] for v in layer.trainable_variables]
    by_name = dict(zip(names, gradients[2:]))
    neighbours = np.delete(by_name["weight"].numpy(), T // 2, axis=0)
    assert (neighbours != 0).all()
    assert all((by_name[name].numpy() == 0).all() for name in ("offset", "evidence", "trust"))


def test_the_weight_of_a_frame_is_what_it_adds_if_all_are_as_certain():
    layer = TemporalPooling("data_dependent")
    layer([np.zeros((1, 5, 1, 5, 2), np.float32), np.ones((1, 5), np.float32)])
    rng = np.random.default_rng(2)
    layer.set_weights([rng.normal(0.3, 0.4, weight.shape).astype(np.float32) for weight in layer.get_weights()])
    maps = np.repeat(np.eye(5, dtype=np.float32)[None, :, None, :, None], 2, axis=-1)  # frame t: 1 in column t
    pooled = layer([maps, np.ones((1, 5), np.float32)]).numpy()[0, 0] - np.array(layer.bias)
    np.testing.assert_allclose(layer.frame_weights(), pooled, rtol=1e-4, atol=1e-5)


def make_unreliable(seed, examples=48):
    """One joint: the current map has a right and a wrong mode, a neighbour the right one where it is reliable."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(2, 9, (examples, 2))
    truth = make_blobs(points)
    maps = np.stack([truth, 0.5 * truth + 0.5 * make_blobs(rng.uniform(2, 9, (examples, 2))), truth], axis=1)
    reliability = np.ones((examples, 3, 12, 12))
    for i, t in np.argwhere(rng.uniform(size=(examples, 3)) < 0.5):
        if t != 1:
            maps[i, t] = make_blobs(rng.uniform(2, 9, 2))
            reliability[i, t] = 0.1
    arrays = [maps[..., None], np.ones((examples, 3)), reliability, truth[..., None]]
    *inputs, truth = (a.astype(np.float32) for a in arrays)
    return inputs, truth


def test_data_dependent_learns_to_ignore_unreliable_neighbours():
    inputs, truth = make_unreliable(0)
    held_out, expected = make_unreliable(1)
    losses = {}
    layers = {kind: TemporalPooling(kind) for kind in KINDS_WITH_WEIGHTS}
    for kind, layer in layers.items():
        fit(layer, inputs, truth, 300)
        losses[kind] = float(np.mean((layer(held_out).numpy() - expected) ** 2))
    assert losses["data_dependent"] < 0.7 * losses["parametric"]
    assert np.array(layers["data_dependent"].trust)[0] > 1
