"""What only files of version 7.3 have: references, reversed dimensions, and classes as attributes."""

import h5py
import numpy as np

from keras_pose.data.importers import matlab_hdf5
from tests.helpers import matlab_v73


def test_dimensions_are_those_of_matlab(tmp_path):
    path = tmp_path / "a.mat"
    matlab_v73.write(path, {"pos": np.arange(6.0).reshape(2, 3)})
    with h5py.File(path) as file:
        assert file["pos"].shape == (3, 2)
    assert matlab_hdf5.read(path)["pos"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_char_rows_objects_and_sparse_numbers(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w") as file:
        rows = file.create_dataset("rows", data=np.array([[ord("a"), ord("c")], [ord("b"), ord("d")]], np.uint16))
        rows.attrs["MATLAB_class"] = np.bytes_(b"char")
        table = file.create_dataset("table", data=np.zeros((1, 6), np.uint32))
        table.attrs["MATLAB_class"] = np.bytes_(b"string")
        table.attrs["MATLAB_object_decode"] = np.int32(3)
        file.create_group("sparse").attrs["MATLAB_sparse"] = np.uint64(4)
    assert matlab_hdf5.read(path) == {"rows": ["ab", "cd"], "table": None, "sparse": None}


def test_cells_in_structs_are_no_struct_arrays(tmp_path):
    path = tmp_path / "a.mat"
    matlab_v73.write(path, {"video": {"names": ["a", "b"]}, "videos": [{"name": "a"}, {"name": "b"}]})
    assert matlab_hdf5.read(path) == {"video": {"names": ["a", "b"]}, "videos": [{"name": "a"}, {"name": "b"}]}
