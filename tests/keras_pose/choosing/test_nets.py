"""The nets that give maps for a choice."""

import numpy as np

from keras_pose.choosing import nets
from tests.helpers.exported_runs import write_run


def test_maps_come_from_the_net_for_single_frames_inside_a_flowing_run(tmp_path):
    flags = {"model": "flowing", "window": 1, "frame_stride": 1, "flow": "none", "pooling": "sum"}
    model, _, path = write_run(tmp_path / "run", **flags)
    frames = np.random.default_rng(0).uniform(0, 255, (34, 64, 64, 3)).astype(np.float32)
    maps = nets.open_maps(path)(frames)
    expected = model.get_layer("heatmap_net")(frames[32:], training=False)["heatmaps"]
    assert maps.shape == (34, 16, 16, 7)
    np.testing.assert_allclose(maps[32:], expected, atol=1e-5)


def test_a_run_without_fitted_weights_has_none(tmp_path):
    assert nets.fitted_weights(str(tmp_path)) == []
