import numpy as np
import pandas as pd
import pytest

from keras_pose.poses.formats import description, tidy_table
from tests.helpers import pose_files


def table_of(poses):
    columns = tidy_table.columns(poses, 0, poses.num_frames)
    names = {"person": poses.people, "joint": poses.skeleton.joints}
    return pd.DataFrame({n: [names[n][i] for i in v] if n in names else v for n, v in columns.items()})


def test_a_row_per_frame_person_and_joint():
    poses = pose_files.case("people")
    table = table_of(poses)
    assert tuple(table.columns) == tidy_table.COLUMNS
    assert len(table) == 12 * 2 * 3
    row = table[(table.frame == 4) & (table.person == "bob") & (table.joint == "elbow")].iloc[0]
    np.testing.assert_array_equal([row.x, row.y], poses.joints[4, 1, 1])
    assert row.confidence == poses.confidences[4, 1, 1]
    assert row.time_s == poses.times_s[4]
    assert (table[~table.decoded].frame == 3).all()


def test_some_frames_have_some_rows():
    poses = pose_files.case("people")
    every = tidy_table.columns(poses, 0, 12)
    for name, column in tidy_table.columns(poses, 3, 7).items():
        np.testing.assert_array_equal(column, every[name][18:42], err_msg=name)


def test_rows_and_columns_may_be_in_any_order():
    poses = pose_files.case("people")
    table = table_of(poses).sample(frac=1, random_state=0)[list(tidy_table.COLUMNS[::-1])]
    read = tidy_table.to_poses("a.csv", table, description.describe(poses))
    pose_files.equal_arrays(read, poses, {"regions"})


def test_rows_and_columns_may_be_missing():
    """A table that was filtered, or made by hand."""
    table = table_of(pose_files.case("people"))[["frame", "person", "joint", "x", "y"]]
    table = table[(table.frame != 5) & ~((table.person == "bob") & (table.joint == "elbow"))]
    poses = tidy_table.to_poses("rat.tidy.csv", table, None)
    assert poses.people == ("ann", "bob")
    assert poses.skeleton.joints == ("shoulder", "elbow", "wrist_2")
    assert 5 not in poses.frames
    assert np.isnan(poses.joints[:, 1, 1]).all()
    assert np.isnan(poses.scores[:, 0]).all()
    assert poses.decoded.all()
    assert np.isnan(poses.times_s).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns=["x", "joint"]), "a.csv: expected the columns frame, joint, x, y, found no joint, x"),
        (lambda t: pd.concat([t, t[7:8]]), "received two for 'elbow' of 'ann' in frame 1"),
        (lambda t: t.replace("elbow", "knee"), "joint: expected one of shoulder, elbow, wrist_2, received 'knee'"),
        (lambda t: t.replace("bob", "eve"), "person: expected one of ann, bob, received 'eve'"),
        (lambda t: t.assign(decoded="maybe"), "decoded: expected true or false, received 'maybe'"),
    ],
)
def test_other_tables_are_refused(change, message):
    poses = pose_files.case("people")
    with pytest.raises(ValueError, match=message):
        tidy_table.to_poses("a.csv", change(table_of(poses)), description.describe(poses))
