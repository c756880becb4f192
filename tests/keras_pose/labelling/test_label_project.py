"""The project that gets labels."""

import numpy as np
import pytest

from keras_pose.labelling import label_project
from keras_pose.skeleton import Skeleton
from tests.helpers import deeplabcut_projects as projects

SKELETON = Skeleton("new", ("nose", "tail"))


def test_rows_are_found_by_number_and_by_name():
    labels = label_project.LabelledFolder("a", "AB", {"img007.png": np.zeros((2, 2)), "x.png": np.zeros((2, 2))})
    assert (labels.find(7), labels.find("x.png"), labels.find(8), labels.find("y.png")) == (
        "img007.png",
        "x.png",
        None,
        None,
    )


def test_numbers_are_those_at_the_end_of_a_name():
    assert [label_project.frame_number(name) for name in ("img0011.png", "c2_4.jpg", "a.png")] == [11, 4, None]


def test_a_missing_folder_becomes_a_new_project(tmp_path):
    project = label_project.open_project(str(tmp_path / "none"), SKELETON, "Ann")
    assert project.is_new
    assert (project.skeleton, project.scorer, project.folders) == (SKELETON, "Ann", {})


def test_a_project_without_labels_is_opened(tmp_path):
    projects.write_config(tmp_path, ("nose", "tail"))
    project = label_project.open_project(str(tmp_path), SKELETON, "Ann")
    assert (project.is_new, project.scorer, project.folders) == (False, "AB", {})


def test_rows_without_labels_are_kept(tmp_path):
    projects.write_config(tmp_path, ("nose", "tail"))
    columns = projects.header(("nose", "tail"))
    projects.add_session(tmp_path, "a", columns, (2, 5), [[np.nan] * 4, [1, 2, 3, 4]])
    rows = label_project.open_project(str(tmp_path), SKELETON, "").folders["a"].rows
    assert list(rows) == ["img02.png", "img05.png"]
    assert np.isnan(rows["img02.png"]).all()


def test_several_individuals_are_refused(tmp_path):
    projects.write_config(
        tmp_path, "MULTI!", multianimalproject=True, multianimalbodyparts=["nose"], individuals=["a", "b"]
    )
    with pytest.raises(ValueError, match="expected a project of one individual"):
        label_project.open_project(str(tmp_path), SKELETON, "")


@pytest.mark.parametrize(
    ("old", "new", "message"), [("1,2", "1,x", "found 'x'"), ("img05", "img02", "found img02.png twice")]
)
def test_damaged_tables_are_refused(tmp_path, old, new, message):
    projects.write_config(tmp_path, ("nose", "tail"))
    folder = projects.add_session(tmp_path, "a", projects.header(("nose", "tail")), (2, 5), [[1, 2, 3, 4]] * 2)
    path = tmp_path / "labeled-data" / "a" / "CollectedData_AB.csv"
    path.write_text(path.read_text().replace(old, new, 1 if "x" in new else -1))
    with pytest.raises(ValueError, match=message):
        label_project.open_project(str(tmp_path), SKELETON, "")
    assert folder


def test_digests_tell_labels_and_pictures_apart():
    points = np.array([[1.0, np.nan], [2.0, 3.0]])
    assert label_project.digest_label(points) == label_project.digest_label(points + 1e-5)
    assert label_project.digest_label(points) != label_project.digest_label(points + 0.01)
    picture = np.zeros((4, 6, 3), np.uint8)
    assert label_project.digest_picture(picture) != label_project.digest_picture(picture.reshape(6, 4, 3))
