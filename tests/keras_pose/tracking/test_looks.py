import json

import numpy as np
import pytest

from keras_pose.tracking.looks import Look, mean_height


def test_json_is_exact():
    rng = np.random.default_rng(0)
    joints = rng.normal(0, 300, (5, 2)).astype(np.float32)
    joints[2] = np.nan
    scores = rng.uniform(0, 1, 5).astype(np.float32)
    scores[1] = np.nan
    look = Look.at(12, (1.0, 2.0, 30.0, 40.0), joints, scores)
    same = Look.from_json(json.loads(json.dumps(look.to_json(), allow_nan=False)))
    assert (same.number, same.region) == (12, (1.0, 2.0, 30.0, 40.0))
    assert same.joints.dtype == same.scores.dtype == np.float32
    np.testing.assert_array_equal(same.joints, joints)
    np.testing.assert_array_equal(same.scores, scores)


def test_height_is_the_mean_over_joints_and_unknown_joints_count_as_zero():
    joints = np.zeros((4, 2), np.float32)
    joints[3] = np.nan
    look = Look.at(0, (0, 0, 1, 1), joints, [0.8, 0.4, np.nan, 0.9])
    assert look.height() == pytest.approx((0.8 + 0.4 + 1 + 0) / 4)
    other = Look.at(0, (0, 0, 1, 1), joints[:1], [0.1])
    assert mean_height([look, other]) == pytest.approx((0.55 + 0.1) / 2)
