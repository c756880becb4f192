"""Each type of pooling on the same windows."""

import numpy as np

from keras_pose.showing import pooling_types


def test_each_type_pools_the_same_maps(flowing_net):
    shown = flowing_net.read((1, 2))
    pooled = pooling_types.pool_each_way(flowing_net, shown)
    assert list(pooled) == ["none", "sum", "max", "parametric"]
    outputs = flowing_net.predict(shown)
    np.testing.assert_allclose(pooled["none"], outputs["frame_heatmaps"], atol=1e-5)
    np.testing.assert_array_equal(pooled["parametric"], outputs["heatmaps"])
    assert (pooled["max"] >= pooled["sum"] - 1e-6).all()
    assert (pooled["max"] >= pooled["none"] - 1e-6).all()


def test_weights_and_comparison_are_drawn(flowing_net, heatmap_net):
    weights, types = pooling_types.pooling_sections(flowing_net, flowing_net.read((1,)))
    assert weights.name == "pooling_weights"
    assert types.picture.shape[1] > 4 * 256
    assert pooling_types.pooling_sections(heatmap_net, heatmap_net.read((1,))) == []
