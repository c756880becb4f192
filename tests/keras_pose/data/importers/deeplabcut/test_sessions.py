"""Which folders of labeled-data are sessions, and what is said about the others."""

import os

import pytest

from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.sessions import find_sessions


def touch(root, *paths):
    for path in paths:
        (root / "labeled-data" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "labeled-data" / path).touch()


def find(root):
    ledger = Ledger("p")
    return find_sessions(str(root), ledger), ledger


def test_tables_are_known_by_their_names(tmp_path):
    touch(tmp_path, "a/CollectedData_J[1].csv", "a/CollectedData_J[1].h5", "a/collecteddata_B K.CSV", "a/img1.png")
    touch(tmp_path, "a/machinelabels-iter0.h5", "a/._CollectedData_AB.csv", "a/CollectedData_AB.xlsx", "a/x.csv")
    (tmp_path / "labeled-data" / "a" / "CollectedData_dir.csv").mkdir()
    (session,), ledger = find(tmp_path)
    folder = os.path.join(tmp_path, "labeled-data", "a")
    assert session.tables == {
        "J[1]": [os.path.join(folder, "CollectedData_J[1].csv"), os.path.join(folder, "CollectedData_J[1].h5")],
        "B K": [os.path.join(folder, "collecteddata_B K.CSV")],
    }
    assert (session.name, session.folder) == ("a", folder)
    assert session.names.find("IMG1.png") == "img1.png"
    assert ledger.summarize(1, 1) == ""


def test_drawings_hidden_folders_and_files_are_no_sessions(tmp_path):
    touch(tmp_path, "a/CollectedData_AB.csv", "a_labeled/img1.png", ".git/x", ".DS_Store", "Thumbs.db", "notes.txt")
    sessions, ledger = find(tmp_path)
    assert [session.name for session in sessions] == ["a"]
    assert (ledger.notes, ledger.summarize(1, 1)) == ([], "")


def test_a_session_whose_name_ends_like_drawings_is_read(tmp_path):
    touch(tmp_path, "a_labeled/CollectedData_AB.csv")
    assert [session.name for session in find(tmp_path)[0]] == ["a_labeled"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("b/img1.png", "there is no CollectedData_<scorer>.csv or .h5 in it"),
        ("b/CollectedData_AB.xlsx", "in it; found CollectedData_AB.xlsx"),
        ("b/deeper/CollectedData_AB.csv", "the label tables are in folders inside it, such as deeper"),
        (".b/CollectedData_AB.csv", "the folder is hidden"),
        ("CollectedData_AB.csv", "a label table outside of the sessions"),
    ],
)
def test_what_is_left_out_is_told(tmp_path, path, reason):
    touch(tmp_path, "a/CollectedData_AB.csv", path)
    sessions, ledger = find(tmp_path)
    assert [session.name for session in sessions] == ["a"]
    (note,) = ledger.notes
    assert reason in note
    assert reason in ledger.summarize(1, 1)


def test_links(tmp_path):
    touch(tmp_path, "b/CollectedData_AB.csv")
    touch(tmp_path / "elsewhere", "c/CollectedData_AB.csv")
    folder = tmp_path / "labeled-data"
    os.symlink(tmp_path / "elsewhere" / "labeled-data" / "c", folder / "c")
    os.symlink(folder / "b", folder / "a")
    os.symlink(tmp_path / "nowhere", folder / "d")
    sessions, ledger = find(tmp_path)
    assert [session.name for session in sessions] == ["b", "c"]
    assert "it is a link to the session 'b', which is read" in ledger.notes[0]
    assert ledger.left_out == {("the link leads to something that is gone", "copy the folder instead"): ["d"]}


def test_a_project_without_sessions_is_refused(tmp_path):
    expected = "labeled-data: expected <clip>/CollectedData_<scorer>.csv or .h5, found none"
    with pytest.raises(ValueError, match=f"{expected}$"):
        find(tmp_path)
    touch(tmp_path, "a/CollectedData_AB.xlsx")
    with pytest.raises(ValueError, match=f"{expected}; a: there is no .* found CollectedData_AB.xlsx"):
        find(tmp_path)


def test_the_folder_is_found_in_any_case(tmp_path):
    touch(tmp_path, "a/CollectedData_AB.csv")
    (tmp_path / "labeled-data").rename(tmp_path / "Labeled-Data")
    assert len(find(tmp_path)[0]) == 1
