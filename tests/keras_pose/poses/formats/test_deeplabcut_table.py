import numpy as np
import pytest

from keras_pose.poses.formats import deeplabcut_table
from tests.helpers import pose_files

LEVELS = ("scorer", "bodyparts", "coords")
NAMES = [("s", joint, coord) for joint in ("nose", "tail") for coord in ("x", "y", "likelihood")]


def test_one_person_has_no_level_of_individuals():
    levels, names = deeplabcut_table.columns(pose_files.case("usual"))
    assert levels == ["scorer", "bodyparts", "coords"]
    assert names[:4] == [("keras_pose_mine", "shoulder", c) for c in ("x", "y", "likelihood")] + [
        ("keras_pose_mine", "elbow", "x")
    ]
    levels, names = deeplabcut_table.columns(pose_files.case("people"))
    assert levels == ["scorer", "individuals", "bodyparts", "coords"]
    assert [name[1] for name in names[::9]] == ["ann", "bob"]


def test_rows_are_frames_and_nobody_has_a_likelihood_of_0():
    poses = pose_files.case("gaps")
    cells = deeplabcut_table.cells(poses).reshape(66, 1, 3, 3)
    np.testing.assert_array_equal(cells[10, 0, :, :2], poses.joints[0, 0])
    np.testing.assert_array_equal(cells[10, 0, :, 2], poses.confidences[0, 0])
    for frame in (0, 11, 25):  # before the first, between two, not decoded
        assert np.isnan(cells[frame, ..., :2]).all()
        assert (cells[frame, ..., 2] == 0).all()
    np.testing.assert_array_equal(deeplabcut_table.cells(poses, 9, 30), cells.reshape(66, -1)[9:30])


def test_tables_of_deeplabcut_itself():
    """Without a description: all rows count, the likelihood is a score, size and frame rate are unknown."""
    table = np.arange(18, dtype=float).reshape(3, 6)
    poses = deeplabcut_table.to_poses("x/rat.csv", LEVELS, NAMES, np.arange(3), table, None)
    assert poses.skeleton.joints == ("nose", "tail")
    assert poses.people == ("person",)
    assert poses.video.name == "rat"
    assert poses.calibration is None
    np.testing.assert_array_equal(poses.joints[1, 0], [[6, 7], [9, 10]])
    np.testing.assert_array_equal(poses.scores[:, 0, 1], table[:, 5])
    assert np.isnan(poses.times_s).all()


def test_columns_may_be_in_any_order():
    order = [5, 0, 3, 1, 4, 2]
    table = np.arange(18, dtype=float).reshape(3, 6)
    mixed = deeplabcut_table.to_poses("a.csv", LEVELS, [NAMES[i] for i in order], np.arange(3), table[:, order], None)
    assert mixed.skeleton.joints == ("tail", "nose")
    np.testing.assert_array_equal(mixed.joints[1, 0], [[9, 10], [6, 7]])


@pytest.mark.parametrize(
    ("levels", "names", "message"),
    [
        (("scorer", "parts", "coords"), NAMES, "a.csv: expected column levels bodyparts and coords, received"),
        (LEVELS, [*NAMES[:4], ("s", "tail", "z"), NAMES[5]], "a.csv: expected a column y of 'tail', found none"),
    ],
)
def test_other_tables_are_refused(levels, names, message):
    with pytest.raises(ValueError, match=message):
        deeplabcut_table.to_poses("a.csv", levels, names, np.arange(3), np.zeros((3, 6)), None)
