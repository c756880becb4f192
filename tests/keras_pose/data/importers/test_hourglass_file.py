"""HDF5 files of pose-hg-train: names of pictures in each form, and what is missing in partial files."""

import numpy as np
import pytest

from keras_pose.data.importers import hourglass_file
from tests.helpers.picture_sets import MPII_JOINTS, write_hourglass


def read(path):
    return hourglass_file.read(str(path), 16, "MPII")


def test_arrays_are_returned_as_stored(tmp_path):
    file = read(write_hourglass(tmp_path / "valid.h5", [MPII_JOINTS] * 2, ["a.jpg", "b.jpg"], scale=[1.0, 2.0]))
    assert file.names == ["a.jpg", "b.jpg"]
    np.testing.assert_array_equal(file.parts[1], MPII_JOINTS)
    np.testing.assert_array_equal(file.scale, [1, 2])
    assert file.visible.shape == (2, 16)


def test_names_can_be_codes_of_characters(tmp_path):
    codes = np.zeros((1, 16))
    codes[0, :5] = [ord(character) for character in "a.jpg"]
    assert read(write_hourglass(tmp_path / "valid.h5", [MPII_JOINTS], [], imgname=codes)).names == ["a.jpg"]


@pytest.mark.parametrize(
    ("name", "list_name"), [("valid.h5", "valid_images.txt"), ("mpii_valid.h5", "mpii_annot_valid_images.txt")]
)
def test_names_can_be_in_a_list_beside_the_file(tmp_path, name, list_name):
    path = write_hourglass(tmp_path / name, [MPII_JOINTS] * 2, [], imgname=None)
    with pytest.raises(ValueError, match="'imgname', or in the list .*valid_images.txt beside it, found neither"):
        read(path)
    (tmp_path / list_name).write_text("a.jpg\nb.jpg\n")
    assert read(path).names == ["a.jpg", "b.jpg"]
    (tmp_path / list_name).write_text("a.jpg\n")
    with pytest.raises(ValueError, match=f"{list_name}: expected 2 names of images, .* found 1"):
        read(path)


def test_a_file_without_scale_or_length_has_nan(tmp_path):
    file = read(write_hourglass(tmp_path / "valid.h5", [MPII_JOINTS], ["a.jpg"], scale=None, normalize=None))
    assert np.isnan(file.scale).all()
    assert np.isnan(file.normalize).all()


def test_missing_and_wrong_arrays_are_named(tmp_path):
    path = write_hourglass(tmp_path / "valid.h5", [MPII_JOINTS], ["a.jpg"], part=None)
    with pytest.raises(ValueError, match="valid.h5: expected the labels of MPII .* data set 'part', found center"):
        read(path)
    path = write_hourglass(tmp_path / "valid.h5", np.zeros((3, 11, 2)), ["a.jpg"] * 3)
    with pytest.raises(ValueError, match=r"part: expected shape \(3, 16, 2\) for MPII, found \(3, 11, 2\)"):
        read(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ValueError, match=r"valid.h5: expected the labels of MPII .*cannot be read \(900 bytes\)"):
        read(path)
