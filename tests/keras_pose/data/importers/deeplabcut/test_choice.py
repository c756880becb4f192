"""One table of several: CSV or HDF5 by their times if they differ, and one scorer."""

import os

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.choice import AmbiguousScorerError, choose_table, read_table
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.sessions import find_sessions
from tests.helpers.deeplabcut_projects import PARTS, add_session, header, points

COLUMNS = header(PARTS)
OLD, NEW = points(2, 4, 1), points(2, 4, 2)


def choose(root, preferred=("AB",)):
    ledger = Ledger("p")
    (session,) = find_sessions(str(root), Ledger("p"))
    table, scorer = choose_table(session, preferred, ledger)
    return table, scorer, ledger


def add(root, kind, values, changed=0, scorer="AB"):
    folder = add_session(root, "a", header(PARTS, scorer), values=values, scorer=scorer, kinds=(kind,))
    os.utime(os.path.join(folder, f"CollectedData_{scorer}.{kind}"), (changed, changed))
    return os.path.join(folder, f"CollectedData_{scorer}.{kind}")


@pytest.mark.parametrize("csv_time", [1, 2, 3])
def test_csv_and_h5_that_say_the_same_need_no_word(tmp_path, csv_time):
    path = add(tmp_path, "csv", OLD, csv_time)
    add(tmp_path, "h5", OLD + 1e-6, 2)
    table, scorer, ledger = choose(tmp_path)
    assert (table.path, scorer) == (path, "AB")
    assert (ledger.notes, ledger.differences) == ([], {})


@pytest.mark.parametrize(("csv_time", "kind"), [(1, "h5"), (2, "h5"), (3, "csv")])
def test_of_csv_and_h5_that_differ_the_last_change_is_read(tmp_path, csv_time, kind):
    add(tmp_path, "csv", OLD, csv_time)
    add(tmp_path, "h5", NEW, 2)
    table, _, ledger = choose(tmp_path)
    np.testing.assert_allclose(table.values, NEW if kind == "h5" else OLD)
    other = "csv" if kind == "h5" else "h5"
    (note,) = ledger.notes
    assert f"CollectedData_AB.{kind} of 19" in note
    assert f"differs from CollectedData_AB.{other} of 19" in note
    assert note.endswith("; the one that was changed last is read")
    assert f"CSV and H5 differ, and the one that was changed last is read; {'delete'}" in ledger.summarize(1, 2)
    assert f"(a: CollectedData_AB.{kind} of 19" in ledger.summarize(1, 2)


def test_a_row_more_is_a_difference(tmp_path):
    add(tmp_path, "csv", OLD, 1)
    folder = add_session(tmp_path, "a", COLUMNS, (2, 5, 7), points(3, 4, 1), kinds=("h5",))
    table, _, ledger = choose(tmp_path)
    assert table.path == os.path.join(folder, "CollectedData_AB.h5")
    assert len(table.images) == 3
    assert ledger.differences


@pytest.mark.parametrize("damage", [b"", b"words", "half"])
@pytest.mark.parametrize(("kind", "other"), [("csv", "h5"), ("h5", "csv")])
def test_if_one_file_is_damaged_the_other_is_read_with_a_note(tmp_path, kind, other, damage):
    good = add(tmp_path, kind, OLD)
    bad = add(tmp_path, other, NEW)
    with open(bad, "rb") as file:
        data = file.read()
    with open(bad, "wb") as file:
        file.write(data[:20] if damage == "half" else damage)
    table, _, ledger = choose(tmp_path)
    assert table.path == good
    (note,) = ledger.notes
    assert f"{os.path.basename(good)} is read instead of the file beside it: {bad}: expected" in note
    assert "one of CSV and H5 cannot be read, so the other is used (a)" in ledger.summarize(1, 2)
    os.remove(good)
    with pytest.raises(ValueError, match=f"CollectedData_AB.{other}: expected"):
        choose(tmp_path)


def test_of_several_scorers_the_first_preferred_is_read(tmp_path):
    add(tmp_path, "csv", OLD)
    add(tmp_path, "csv", NEW, scorer="BK")
    for preferred, expected in ((("AB",), "AB"), (("BK", "AB"), "BK"), (("", "AB"), "AB"), (("ZZ", "bk"), "BK")):
        _, scorer, ledger = choose(tmp_path, preferred)
        other = "BK" if expected == "AB" else "AB"
        assert scorer == expected
        assert f"CollectedData_{other}.csv: left out (2 labelled frames), since {expected!r} is read" in ledger.notes[0]
        assert ledger.lost == {f"frames labelled by {other!r} in folders where {expected!r} is read": 2}
    with pytest.raises(AmbiguousScorerError, match="choose with --scorer=AB or --scorer=BK"):
        choose(tmp_path, ("ZZ", ""))


def test_the_only_scorer_is_read_whoever_it_is(tmp_path):
    add(tmp_path, "csv", OLD, scorer="BK")
    assert choose(tmp_path)[1] == "BK"


def test_copies_and_empty_tables_of_other_scorers_are_no_loss(tmp_path):
    add(tmp_path, "csv", OLD)
    add(tmp_path, "csv", OLD, scorer="AB - Copy")
    assert not choose(tmp_path)[2].lost
    assert not choose(tmp_path, ())[2].lost
    add(tmp_path, "csv", np.full((2, 4), np.nan), scorer="ZZ")
    assert not choose(tmp_path)[2].lost


def test_a_damaged_table_of_another_scorer_is_noted(tmp_path):
    add(tmp_path, "csv", OLD)
    with open(add(tmp_path, "csv", NEW, scorer="BK"), "w"):
        pass
    assert "left out, as another table is read: " in choose(tmp_path)[2].notes[0]
    with pytest.raises(ValueError, match="CollectedData_BK.csv: expected"):
        choose(tmp_path, ("BK",))


def test_a_table_is_read_by_its_ending(tmp_path):
    path = add(tmp_path, "csv", OLD)
    upper = path[:-3] + "CSV"
    os.rename(path, upper)
    np.testing.assert_allclose(read_table(upper).values, OLD)
    np.testing.assert_allclose(read_table(add(tmp_path, "h5", NEW)).values, NEW)
