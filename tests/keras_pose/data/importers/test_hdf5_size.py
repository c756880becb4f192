"""A data set that claims to be larger than its file can hold is refused."""

import h5py
import numpy as np
import pytest

from keras_pose.data.importers import hdf5_size, hourglass_file, matlab_files


@pytest.fixture
def path(tmp_path):
    place = str(tmp_path / "a.h5")
    with h5py.File(place, "w", userblock_size=512) as file:
        file["small"] = np.ones((3, 2))
        file.create_dataset("packed", data=np.zeros(10**7, np.uint8), compression="gzip", compression_opts=9)
        for name in ("huge", "part"):
            file.create_dataset(name, (1 << 40,), np.float64, chunks=(64,))
    with open(place, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    return place


def test_only_sizes_that_the_file_can_hold_are_fine(path):
    with h5py.File(path, "r") as file:
        hdf5_size.check(file["small"])
        hdf5_size.check(file["packed"])
        with pytest.raises(ValueError, match="/huge claims to have 8796093022208 bytes, more than the file can hold"):
            hdf5_size.check(file["huge"])


def test_readers_refuse_them_and_name_the_file(path):
    with pytest.raises(ValueError, match=r"a.h5 \(MATLAB 7.3\): damaged.*/huge claims to have"):
        matlab_files.read(path, ["huge"])
    with pytest.raises(ValueError, match="a.h5: expected the labels of FLIC .*/part claims to have"):
        hourglass_file.read(path, 11, "FLIC")
