"""Rows of the chosen columns, and the pictures that they name."""

import shutil

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.choice import read_table
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.rows import make_rows
from keras_pose.data.importers.deeplabcut.sessions import find_sessions
from tests.helpers.deeplabcut_projects import PARTS, add_session, csv_text, header

COLUMNS = header(PARTS)
PLACES = [(0, 1, 0), (1, 1, 1), (2, 0, 0), (3, 0, 1)]
NAN = np.nan


def rows_of(root, images, values=((1, 2, 3, 4),), session="a"):
    """Writes the table of a session, whose images are img02.png and img05.png, and returns its rows and notes."""
    folder = root / "labeled-data" / session
    path = folder / "CollectedData_AB.csv"
    path.write_text(csv_text(COLUMNS, images, np.asarray(values, np.float64)), encoding="utf-8")
    sessions = {session.name: session for session in find_sessions(str(root), Ledger("p"))}
    return make_rows(read_table(str(path)), PLACES, 2, sessions[session], sessions)


def test_points_go_to_their_joints_and_blank_rows_are_left_out(tmp_path):
    folder = add_session(tmp_path, "a", COLUMNS)
    values = [(1, 2, 3, 4), (NAN,) * 4, (5, NAN, NAN, NAN)]
    rows, notes = rows_of(tmp_path, ["a/img02.png", "a/img03.png", "a/img05.png"], values)
    np.testing.assert_array_equal(rows[0].points, [[3, 4], [1, 2]])
    np.testing.assert_array_equal(rows[1].points, [[NAN, NAN], [5, NAN]])
    assert [row.image for row in rows] == [f"{folder}/img02.png", f"{folder}/img05.png"]
    assert [row.origin for row in rows] == [f"{folder}/CollectedData_AB.csv:{n}" for n in (4, 6)]
    assert notes == [f"{folder}/CollectedData_AB.csv: left out 1 of 3 rows, in which no body part is labelled"]


@pytest.mark.parametrize(
    "image",
    [
        "img02.png",
        "labeled-data/a/img02.png",
        "labeled-data\\a\\img02.png",
        "C:\\Users\\me\\project\\labeled-data\\a\\img02.png",
        "/home/me/project/labeled-data/a/img02.png",
        " labeled-data/a/IMG02.PNG ",
    ],
)
def test_only_the_name_of_a_picture_counts(tmp_path, image):
    folder = add_session(tmp_path, "a", COLUMNS)
    (row,), notes = rows_of(tmp_path, [image])
    assert (row.image, row.messages, notes) == (f"{folder}/img02.png", [], [])


def test_a_picture_that_is_gone_keeps_its_name(tmp_path):
    folder = add_session(tmp_path, "a", COLUMNS)
    assert rows_of(tmp_path, ["a/img99.png"])[0][0].image == f"{folder}/img99.png"


def test_a_folder_that_was_renamed_is_noted(tmp_path):
    add_session(tmp_path, "a", COLUMNS)
    (row,), (note,) = rows_of(tmp_path, ["labeled-data/before/img02.png"])
    assert row.messages == []
    assert note.endswith("CollectedData_AB.csv: names images of before; those of a are read")


def test_a_row_of_another_session_is_a_fault_unless_the_picture_is_the_same(tmp_path):
    add_session(tmp_path, "a", COLUMNS)
    other = add_session(tmp_path, "b", COLUMNS)
    (row,), _ = rows_of(tmp_path, ["labeled-data/b/img02.png"])
    assert row.messages == []
    shutil.copy(f"{other}/img05.png", f"{other}/img02.png")
    (row,), _ = rows_of(tmp_path, ["labeled-data/b/img02.png"])
    (message,) = row.messages
    assert message == f"expected an image of a, found the name of one of b, {other}/img02.png"


def test_faults_of_columns_that_are_not_read_do_not_count(tmp_path):
    add_session(tmp_path, "a", COLUMNS)
    path = tmp_path / "labeled-data" / "a" / "CollectedData_AB.csv"
    path.write_text(csv_text(COLUMNS, ["a/img02.png"], [[1, 2, 3, 4]]).replace("3,4", "x,4"))
    (session,) = find_sessions(str(tmp_path), Ledger("p"))
    table = read_table(str(path))
    (first,), _ = make_rows(table, PLACES[:2], 2, session, {})
    assert (first.messages, first.joint_messages) == ([], [])
    (both,), _ = make_rows(table, PLACES, 2, session, {})
    assert (both.messages, both.joint_messages) == ([], [(0, "value 3: expected a number, found 'x'")])
