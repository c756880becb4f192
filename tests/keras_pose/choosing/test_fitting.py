"""Poolings fitted to given windows."""

import numpy as np
import pytest

from keras_pose.choosing import fitting
from keras_pose.choosing.fitting import FitSettings
from keras_pose.choosing.windows import Windows
from keras_pose.heatmaps import HeatmapCodec
from keras_pose.runs.parts import LossConfig
from keras_pose.training import targets

GROUPS = {f"g{i}" for i in range(8)}
FEW = FitSettings(steps=60, batch_size=8, check_every=10)


def make_loss(layer):
    return targets.make_pooling_loss(LossConfig(), layer)


@pytest.fixture(scope="module")
def helpful():
    """Windows in which the neighbours see a joint right and the middle frame sees nothing."""
    rng = np.random.default_rng(0)
    joints = np.concatenate([rng.uniform(8, 56, (24, 2, 2)), np.ones((24, 2, 1))], -1).astype(np.float32)
    maps = np.repeat(HeatmapCodec(4, 1.5).encode(joints, (16, 16)).numpy()[:, None], 3, axis=1)
    maps[:, 1] *= 0.1
    names = tuple(f"g{i % 8}" for i in range(24))
    return Windows(np.float16(maps), np.ones((24, 3), np.float32), np.ones((24, 3, 16, 16), np.float16), joints, names)


def test_weights_learn_from_neighbours_and_two_fits_are_equal(helpful):
    found = []
    for _ in range(2):
        layer = fitting.build("parametric", helpful)
        fitting.fit(layer, helpful, GROUPS, make_loss, settings=FEW)
        found.append(layer.get_weights())
    for a, b in zip(*found):
        np.testing.assert_array_equal(a, b)
    assert (found[0][0][[0, 2]] > 0.2).all()
    joints = fitting.predict(layer, helpful, np.arange(24), 4)
    np.testing.assert_allclose(joints, helpful.targets[..., :2], atol=1)


def test_initial_weights_stay_if_nothing_is_better_on_groups_that_are_held_back(helpful):
    """The joints to learn from are elsewhere than those that are held back."""
    held_back = fitting.fold_groups(GROUPS, FEW.held_back)[0]
    maps = np.array(helpful.maps)
    maps[:, 1] = helpful.maps[:, 0]  # now the middle frame is right
    wrong = ~np.isin(helpful.groups, list(held_back))
    joints = np.array(helpful.targets)
    joints[wrong, :, :2] = joints[wrong][:, :, :2][:, ::-1]
    misleading = Windows(maps, helpful.valid, helpful.reliability, joints, helpful.groups)
    layer = fitting.build("parametric", misleading)
    before = layer.get_weights()
    fitting.fit(layer, misleading, GROUPS, make_loss, settings=FEW)
    for a, b in zip(layer.get_weights(), before):
        np.testing.assert_array_equal(a, b)


def test_the_single_frame_is_the_middle_one(helpful):
    single = fitting.predict_single(helpful, 4)
    np.testing.assert_allclose(single, helpful.targets[..., :2], atol=1)
    layer = fitting.build("sum", helpful)
    fitting.fit(layer, helpful, GROUPS, make_loss)  # nothing to fit
    assert fitting.predict(layer, helpful, np.array([3]), 4).shape == (1, 2, 2)
