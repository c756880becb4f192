"""The labels of a project, folder by folder."""

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut import config as deeplabcut
from keras_pose.labelling import labelled_folders
from tests.helpers import deeplabcut_projects as projects


def read(root):
    return labelled_folders.read_folders(str(root), deeplabcut.read_config(deeplabcut.find_config(str(root))))


def test_rows_are_found_by_number_and_by_name():
    labels = labelled_folders.LabelledFolder("a", "AB", {"img007.png": np.zeros((2, 2)), "x.png": np.zeros((2, 2))})
    assert (labels.find(7), labels.find("x.png"), labels.find(8), labels.find("y.png")) == (
        "img007.png",
        "x.png",
        None,
        None,
    )


def test_numbers_are_those_at_the_end_of_a_name():
    assert [labelled_folders.frame_number(name) for name in ("img0011.png", "c2_4.jpg", "a.png")] == [11, 4, None]


def test_rows_without_labels_are_kept(tmp_path):
    projects.write_config(tmp_path, ("nose", "tail"))
    columns = projects.header(("nose", "tail"))
    projects.add_session(tmp_path, "a", columns, (2, 5), [[np.nan] * 4, [1, 2, 3, 4]])
    rows = read(tmp_path)["a"].rows
    assert list(rows) == ["img02.png", "img05.png"]
    assert np.isnan(rows["img02.png"]).all()


@pytest.mark.parametrize(
    ("old", "new", "message"), [("1,2", "1,x", "found 'x'"), ("img05", "img02", "found img02.png twice")]
)
def test_damaged_tables_are_refused(tmp_path, old, new, message):
    projects.write_config(tmp_path, ("nose", "tail"))
    folder = projects.add_session(tmp_path, "a", projects.header(("nose", "tail")), (2, 5), [[1, 2, 3, 4]] * 2)
    path = tmp_path / "labeled-data" / "a" / "CollectedData_AB.csv"
    path.write_text(path.read_text().replace(old, new, 1 if "x" in new else -1))
    with pytest.raises(ValueError, match=message):
        read(tmp_path)
    assert folder


def test_a_project_without_labels_has_no_folders(tmp_path):
    projects.write_config(tmp_path, ("nose", "tail"))
    (tmp_path / "labeled-data" / "a").mkdir(parents=True)
    assert read(tmp_path) == {}
