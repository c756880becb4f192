"""The NumPy versions of rendering that the benchmark compares."""

import numpy as np
import pytest

from benchmarks import heatmaps


def test_all_versions_render_the_maps_of_the_graph(monkeypatch):
    targets = heatmaps.make_targets(np.random.default_rng(0))
    assert 0 < (targets[..., 2] == 0).mean() < 0.2
    heatmaps.check_equal(targets)
    maps = heatmaps.render_dense(targets)
    monkeypatch.setattr(heatmaps, "render_dense", lambda _: maps)
    maps[0, 0, 0, 0] += 0.01
    with pytest.raises(ValueError, match="expected the maps of render_heatmaps"):
        heatmaps.check_equal(targets)


def test_a_joint_has_its_peak_at_its_place():
    targets = np.zeros((1, 1, 3), np.float32)
    targets[0, 0] = (4 * 10 + 1.5, 4 * 20 + 1.5, 1)
    for render in (heatmaps.render_double_loop, heatmaps.render_separable):
        maps = render(targets)
        assert maps[0, 20, 10, 0] == pytest.approx(1)
        assert maps.sum() == pytest.approx(2 * np.pi * heatmaps.SIGMA_PX**2, rel=1e-3)


def test_decoders_find_the_joints_again():
    rows = {row.what: row for row in heatmaps.decoding_rows(heatmaps.make_targets(np.random.default_rng(1)), 1)}
    assert rows["round trip, largest error, subpixel"].holds
    assert 0.5 < rows["round trip, largest error, argmax"].value < 0.75
