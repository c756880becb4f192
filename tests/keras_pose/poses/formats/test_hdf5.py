import h5py
import numpy as np
import pytest

from keras_pose.poses.formats import hdf5
from tests.helpers.full_disk import limit_file_size


def test_names_are_bytes_in_utf_8(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        hdf5.write_values(file, "names", hdf5.as_bytes(["ü", "手"], (2,)))
        hdf5.write_values(file, "none", hdf5.as_bytes([], (0, 2)))
        hdf5.write_values(file, "numbers", np.arange(5000))
        assert [name.decode() for name in file["names"][:]] == ["ü", "手"]
        assert file["none"].shape == (0, 2)
        assert file["numbers"].compression == "gzip"


def test_paths_that_are_not_utf_8_are_valid_text():
    assert hdf5.valid_text("ü/a\udcff.mp4") == "ü/a\ufffd.mp4"


def test_text_is_read(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["variable"] = "ü"
        file["fixed"] = np.bytes_(b"abc")
        file["array"] = np.array([b"abc"])
    for name, text in (("variable", "ü"), ("fixed", "abc"), ("array", "abc")):
        assert hdf5.read_text(tmp_path / "a.h5", name) == text
    with pytest.raises(ValueError, match="a.h5: expected an HDF5 file with other"):
        hdf5.read_text(tmp_path / "a.h5", "other")


def test_room_is_tried_before_hdf5_writes(tmp_path):
    refused = pytest.raises(OSError, match="a.h5: cannot be written: File too large")
    with limit_file_size(1 << 21), refused, hdf5.new_file(tmp_path / "a.h5", 1 << 21):
        pytest.fail("the block ran")
    with hdf5.new_file(tmp_path / "a.h5", 10) as temporary, h5py.File(temporary, "w") as file:
        file["a"] = 1
    assert (tmp_path / "a.h5").stat().st_size < 10_000
