"""A pooling on its own is fitted on given maps."""

import numpy as np
import pytest

from benchmarks.pooling import fit_pooling
from benchmarks.pooling.warped_windows import WarpedWindows
from keras_pose.heatmaps import render_heatmaps
from keras_pose.runs.config import TrainConfig

SIDE = 64


def make_windows(count=24, shown_in=0):
    """Windows of 3 frames of 16×16 maps: the truth stands in one frame, noise in the others."""
    rng = np.random.default_rng(2)
    targets = np.ones((count, 2, 3), np.float32)
    targets[..., :2] = rng.uniform(8, SIDE - 8, (count, 2, 2))
    maps = rng.uniform(0, 0.5, (count, 3, 16, 16, 2))
    maps[:, shown_in] = render_heatmaps(targets, (16, 16), 4, 1.5)
    return WarpedWindows(maps.astype(np.float16), np.ones((count, 3, 16, 16), np.float16), targets)


@pytest.mark.parametrize("kind", ["parametric", "data_dependent"])
def test_a_fit_finds_the_frame_that_shows_the_joint(kind):
    windows = make_windows(shown_in=0)
    config = TrainConfig.from_flags(run_dir="", input_size="64")
    model = fit_pooling.build_pooling(kind, windows)

    def accuracy():
        joints, _ = fit_pooling.predict(model, windows, (SIDE, SIDE))
        return (np.linalg.norm(joints - windows.targets[..., :2], axis=-1) < 1).mean()

    assert accuracy() < 0.2
    fit_pooling.fit(model, windows, config, steps=100)
    assert accuracy() > 0.95
    weights = model.get_layer("heatmaps").frame_weights()
    assert weights[0].min() > 0.7
    assert np.abs(weights[1:]).max() < 0.3


def test_a_fit_depends_on_its_seed_alone():
    windows = make_windows()
    config = TrainConfig.from_flags(run_dir="", input_size="64")

    def fitted(seed):
        model = fit_pooling.build_pooling("parametric", windows)
        fit_pooling.fit(model, windows, config, steps=4, seed=seed)
        return model.get_layer("heatmaps").frame_weights()

    first = fitted(3)
    np.testing.assert_array_equal(fitted(3), first)
    assert np.abs(fitted(4) - first).max() > 0
