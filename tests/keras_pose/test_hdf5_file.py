"""Tests of HDF5 files that point to other files."""

from __future__ import annotations

import re

import h5py
import numpy as np
import pytest

from keras_pose import hdf5_file

SECRET = b"a private file of 32 bytes......"


def _write_external_storage(path, secret):
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/0", (32,), np.uint8, external=[(str(secret), 0, 32)])


def _write_external_link(path, secret):
    other = path.parent / "other.h5"
    with h5py.File(other, "w") as file:
        file["bias"] = np.frombuffer(SECRET, np.uint8)
    with h5py.File(path, "w") as file:
        file["layers/dense/0"] = h5py.ExternalLink(str(other), "bias")


def _write_virtual(path, secret):
    other = path.parent / "other.h5"
    with h5py.File(other, "w") as file:
        file["bias"] = np.frombuffer(SECRET, np.uint8)
    layout = h5py.VirtualLayout((32,), np.uint8)
    layout[:] = h5py.VirtualSource(str(other), "bias", (32,))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("layers/dense/0", layout)


@pytest.mark.parametrize("write", [_write_external_storage, _write_external_link, _write_virtual])
def test_data_in_another_file_is_refused(tmp_path, write):
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    path = tmp_path / "model.weights.h5"
    write(path, secret)
    with h5py.File(path, "r") as file:  # h5py itself reads the other file
        assert bytes(file["layers/dense/0"][:]) == SECRET
    expected = f"{re.escape(str(path))}: .* but layers/dense/0 lies in another file, '.*(secret|other.h5)'"
    with pytest.raises(ValueError, match=expected):
        hdf5_file.open_whole(path)
    with pytest.raises(ValueError, match=expected):
        hdf5_file.check_whole(path)


def test_links_inside_the_file_are_fine(tmp_path):
    path = tmp_path / "labels.h5"
    with h5py.File(path, "w") as file:
        file["a/numbers"] = np.arange(4)
        file["same"] = file["a/numbers"]
        file["soft"] = h5py.SoftLink("/a/numbers")
        file["a/loop"] = file["a"]
    with hdf5_file.open_whole(path) as file:
        assert file["soft"][:].tolist() == [0, 1, 2, 3]


def test_missing_and_other_files(tmp_path):
    with pytest.raises(OSError, match="none.h5"):
        hdf5_file.open_whole(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("text")
    with pytest.raises(OSError, match="signature"):
        hdf5_file.open_whole(tmp_path / "text.h5")
