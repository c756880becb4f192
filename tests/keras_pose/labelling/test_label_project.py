"""The project that gets labels."""

import numpy as np
import pytest

from keras_pose.labelling import label_project
from keras_pose.skeleton import Skeleton
from tests.helpers import deeplabcut_projects as projects

SKELETON = Skeleton("new", ("nose", "tail"))


def test_a_missing_folder_becomes_a_new_project(tmp_path):
    project = label_project.open_project(str(tmp_path / "none"), SKELETON, "Ann")
    assert project.is_new
    assert (project.skeleton, project.scorer, project.folders) == (SKELETON, "Ann", {})


def test_a_project_without_labels_is_opened(tmp_path):
    projects.write_config(tmp_path, ("nose", "tail"))
    project = label_project.open_project(str(tmp_path), SKELETON, "Ann")
    assert (project.is_new, project.scorer, project.folders) == (False, "AB", {})


def test_several_individuals_are_refused(tmp_path):
    projects.write_config(
        tmp_path, "MULTI!", multianimalproject=True, multianimalbodyparts=["nose"], individuals=["a", "b"]
    )
    with pytest.raises(ValueError, match="expected a project of one individual"):
        label_project.open_project(str(tmp_path), SKELETON, "")


def test_digests_tell_labels_and_pictures_apart():
    points = np.array([[1.0, np.nan], [2.0, 3.0]])
    assert label_project.digest_label(points) == label_project.digest_label(points + 1e-5)
    assert label_project.digest_label(points) != label_project.digest_label(points + 0.01)
    picture = np.zeros((4, 6, 3), np.uint8)
    assert label_project.digest_picture(picture) != label_project.digest_picture(picture.reshape(6, 4, 3))
