"""Rows as arrays of a part."""

import numpy as np

from keras_pose.analysis.rows import Row, regions_of, to_arrays
from keras_pose.inference.pose_model import FramePose


def test_people_have_their_columns_and_gaps_stay_gaps():
    pose = FramePose(0, np.ones((2, 2), np.float32), np.ones(2, np.float32))
    box = (0.1, 0.2, 30.3, 40.4)
    rows = [Row(0, 0.0, True, {"a": box}, {"a": pose}), Row(1, 0.04, False), Row(2, 0.08, True, {"b": box, "a": box})]
    part = to_arrays(rows, 2, {"x": 1})
    assert part["people"].tolist() == ["a", "b"]
    assert part["decoded"].tolist() == [True, False, True]
    assert np.isfinite(part["joints"]).all((2, 3)).tolist() == [[True, False], [False, False], [False, False]]
    assert regions_of(part, 0) == {"a": box}  # to the last bit
    assert regions_of(part, 1) == {}
    assert regions_of(part, 2) == {"a": box, "b": box}
