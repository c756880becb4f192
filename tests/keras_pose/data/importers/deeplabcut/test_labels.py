"""The labels of all sessions, and the account of those that are not read."""

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.config import read_config
from keras_pose.data.importers.deeplabcut.labels import read_labels
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.sessions import find_sessions
from tests.helpers.deeplabcut_projects import PARTS, add_session, header, write_config


def read(root, scorer="", individual=""):
    ledger = Ledger("p")
    config = read_config(str(root / "config.yaml"))
    labelled, problems = read_labels(config, find_sessions(str(root), ledger), scorer, individual, ledger)
    return {session.name: rows for session, rows in labelled}, problems, ledger


def test_sessions_without_labels_are_left_out(tmp_path):
    write_config(tmp_path)
    add_session(tmp_path, "a", header(PARTS))
    add_session(tmp_path, "b", header(PARTS), values=np.full((2, 4), np.nan))
    add_session(tmp_path, "c", header(PARTS), numbers=())
    labelled, problems, ledger = read(tmp_path)
    assert ({name: len(rows) for name, rows in labelled.items()}, problems) == ({"a": 2}, [])
    assert ledger.left_out == {("no frame is labelled", ""): ["b"], ("the label table has no rows", ""): ["c"]}


def test_tables_without_a_known_part_are_problems(tmp_path):
    write_config(tmp_path)
    add_session(tmp_path, "a", header(PARTS))
    add_session(tmp_path, "b", header(("ear",)))
    labelled, (problem,), ledger = read(tmp_path)
    assert list(labelled) == ["a"]
    assert problem.clip == "b"
    assert problem.row is None
    assert "CollectedData_AB.csv: expected body parts of config.yaml (nose, tail), found ear" in problem.message
    assert ledger.left_out == {("the label table cannot be read", ""): ["b"]}


def test_if_no_table_can_be_read_the_first_error_is_raised(tmp_path):
    write_config(tmp_path)
    add_session(tmp_path, "b", header(("ear",)))
    with pytest.raises(ValueError, match="CollectedData_AB.csv: expected body parts of config.yaml"):
        read(tmp_path)


def test_scorers_in_the_columns_are_chosen_by_flag_config_and_file_name(tmp_path):
    columns = header(PARTS) + header(PARTS, "BK")
    values = [[1] * 4 + [2] * 4]
    add_session(tmp_path, "a", columns, (2,), values, "BK")
    for scorer, config, expected in (("", "AB", 1), ("BK", "AB", 2), ("AB", "BK", 1), ("", "ZZ", 2)):
        write_config(tmp_path, scorer=config)
        labelled, _, ledger = read(tmp_path, scorer)
        assert labelled["a"][0].points[0, 0] == expected
        assert list(ledger.lost.values()) == [2]
        assert not ledger.differences
