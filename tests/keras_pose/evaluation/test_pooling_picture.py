"""The picture of a learned pooling, for runs that have one."""

import keras
import numpy as np
import pytest

from keras_pose.evaluation.pooling_picture import pooling_pictures
from keras_pose.flow import estimators
from keras_pose.inference.predictor import Predictor
from keras_pose.inference.window_predictor import WindowPredictor
from keras_pose.skeleton import UPPER_BODY
from tests.helpers import tiny

SIZE_HW = (64, 64)


def make_model(**changes):
    keras.utils.set_random_seed(1)
    flags = {"run_dir": "unused", "model": "flowing", "window": 2, "input_size": "64", **changes}
    return tiny.build_net(num_joints=UPPER_BODY.num_joints, **flags)


def make_predictor(stride=1, **changes):
    offsets = tuple(stride * offset for offset in (-2, -1, 0, 1, 2))
    estimator = estimators.open_estimator("dis_fast")
    return WindowPredictor(make_model(**changes), UPPER_BODY, SIZE_HW, offsets, estimator)


def test_learned_weights_are_drawn_for_runs_that_have_some():
    predictors = {
        "single": Predictor(make_model(model="heatmap"), UPPER_BODY, SIZE_HW),
        "sum": make_predictor(pooling="sum"),
        "chain": make_predictor(pooling="chain"),
        "track": make_predictor(pooling="track"),
        "learned": make_predictor(),
        "gated": make_predictor(pooling="data_dependent"),
    }
    pictures = pooling_pictures(predictors)
    assert list(pictures) == ["pooling_weights.png", "pooling_weights_2.png"]
    assert [heading for _, heading, _ in pictures.values()] == [
        "Weights of frames of learned",
        "Weights of frames of gated",
    ]


@pytest.mark.parametrize("stride", [1, 3])
def test_weights_of_any_frame_stride_are_drawn(stride):
    pictures = pooling_pictures({"run": make_predictor(stride)})
    assert list(pictures) == ["pooling_weights.png"]
    picture, heading, _ = pictures["pooling_weights.png"]
    assert heading == "Weights of frames"
    assert picture.dtype == np.uint8
    assert np.ptp(picture) > 200


def test_run_that_pools_nothing_has_no_picture():
    assert pooling_pictures({"single": Predictor(make_model(model="heatmap"), UPPER_BODY, SIZE_HW)}) == {}
