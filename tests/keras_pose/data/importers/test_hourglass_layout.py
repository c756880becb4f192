"""Files of pose-hg-train: which data set they are, by their joints, and which part."""

import numpy as np
import pytest

from keras_pose.data.importers import hourglass_layout
from tests.helpers import picture_sets


@pytest.fixture
def mpii(tmp_path):
    for name in ("train", "valid", "test"):
        picture_sets.write_hourglass(tmp_path / "annot" / f"{name}.h5", [picture_sets.MPII_JOINTS], ["a.jpg"])
    return tmp_path


def test_the_number_of_joints_tells_the_data_sets_apart(mpii):
    annot = mpii / "annot"
    expected = {"train": str(annot / "train.h5"), "test": str(annot / "valid.h5")}
    assert hourglass_layout.find_files(str(mpii), "mpii", 16) == expected
    assert hourglass_layout.find_files(str(annot), "mpii", 16) == expected
    assert hourglass_layout.find_files(str(mpii), "flic", 11) == {}


def test_a_file_stands_for_its_part_or_for_none(mpii):
    path = mpii / "annot" / "valid.h5"
    assert hourglass_layout.find_files(str(path), "mpii", 16) == {"test": str(path)}
    other = path.rename(path.with_name("people.h5"))
    assert hourglass_layout.find_files(str(other), "mpii", 16) == {"": str(other)}


def test_a_damaged_file_belongs_to_the_data_set_in_its_name(tmp_path):
    path = tmp_path / "flic_train.h5"
    path.write_bytes(b"cut off")
    assert hourglass_layout.count_joints(str(path)) is None
    assert hourglass_layout.find_files(str(path), "flic", 11) == {"train": str(path)}
    assert hourglass_layout.find_files(str(path), "mpii", 16) == {}


def test_other_files_and_folders_are_none(tmp_path):
    (tmp_path / "train.txt").write_text("")
    picture_sets.write_hourglass(tmp_path / "retrain.h5", np.zeros((1, 16, 2)), ["a.jpg"])
    for spec in (tmp_path, tmp_path / "train.txt", tmp_path / "gone"):
        assert hourglass_layout.find_files(str(spec), "mpii", 16) == {}
