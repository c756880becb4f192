"""The width of a peak, and how well uncertainty separates joints."""

import numpy as np
import pytest

from benchmarks.confidence import map_features
from benchmarks.confidence.map_features import MapFeatures


def test_the_second_moment_of_gaussians_is_twice_their_variance():
    y, x = np.mgrid[:40, :50]
    squares = (x - 20.3) ** 2 + (y - 18.6) ** 2
    maps = np.stack([np.exp(-squares / (2 * sigma**2)) for sigma in (1.0, 1.5)], -1)[None].astype(np.float32)
    maps[0, 35, 45] = 5  # too far away to count
    points = np.array([[[20.3, 18.6]] * 2], np.float32)
    np.testing.assert_allclose(map_features.second_moments(maps, points), [[2.0, 4.5]], rtol=0.02)
    assert map_features.second_moments(-maps[..., :1], points[:, :1])[0, 0] == 0


def test_separation_by_hand():
    is_far = np.array([False, True, False, True])
    assert map_features.separation(np.array([1, 2, 3, 4.0]), is_far) == 0.75
    assert map_features.separation(np.array([1, 3, 2, 4.0]), is_far) == 1
    assert map_features.separation(np.zeros(4), is_far) == 0.5


def make_features(seed):
    """Joints that lie far if their peak is wide, whatever its height."""
    rng = np.random.default_rng(seed)
    widths = rng.uniform(1, 9, (300, 2))
    errors = np.where(rng.random((300, 2)) < widths / 10, 0.2, 0.01)
    errors[0, 0] = np.nan
    return MapFeatures(rng.uniform(0.1, 0.9, (300, 2)), errors, widths, np.zeros((300, 2), bool), np.arange(300))


def test_a_width_that_tells_is_found():
    fitted, judged = make_features(0), make_features(1)
    is_far = judged.errors[np.isfinite(judged.errors)] > 0.025
    alone, both = (
        map_features.separation(map_features.predict_far(fitted, judged, 0.025, wide), is_far) for wide in (False, True)
    )
    assert alone == pytest.approx(0.5, abs=0.06)
    assert both > 0.75
