"""HDF5 files that point to other files, or claim to hold more than they can, are refused."""

from __future__ import annotations

import re

import h5py
import numpy as np
import pytest

from keras_pose import hdf5_file
from keras_pose.data.importers import hourglass_file, matlab_files

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


def test_only_sizes_that_the_file_can_hold_are_fine(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["small"] = np.ones((3, 2))
        file["text"] = "words"
        file["none"] = h5py.Empty("f8")
        file.create_dataset("packed", data=np.zeros(10**7, np.uint8), compression="gzip", compression_opts=9)
    with hdf5_file.open_whole(path) as file:
        assert file["packed"].size == 10**7
    with h5py.File(path, "a") as file:
        file.create_dataset("inner/huge", (1 << 40,), np.float64, chunks=(64,))
    message = (
        "a.h5: the HDF5 file is damaged: inner/huge claims to have 8796093022208 bytes, more than the file can hold"
    )
    with pytest.raises(ValueError, match=message):
        hdf5_file.open_whole(path)


def test_readers_refuse_sizes_that_the_file_cannot_hold(tmp_path):
    path = str(tmp_path / "a.h5")
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset("part", (1 << 40,), np.float64, chunks=(64,))
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    with pytest.raises(ValueError, match=r"a.h5 \(MATLAB 7.3\): damaged.*part claims to have"):
        matlab_files.read(path, ["part"])
    with pytest.raises(ValueError, match="a.h5: expected the labels of FLIC .*part claims to have"):
        hourglass_file.read(path, 11, "FLIC")
