"""HDF5 tables: all forms that DeepLabCut and pandas write, and files that are damaged or dangerous."""

import contextlib
import os
import pickle

import h5py
import numpy as np
import pandas as pd
import pytest

from keras_pose.data.importers.deeplabcut.hdf5_table import read_h5
from tests.helpers.deeplabcut_projects import frame_of, header

COLUMNS = header(("nose", "tail"))
IMAGES = ["labeled-data/a/img1.png", "labeled-data/a/img2.png"]
VALUES = np.array([[1.5, 2, 3, 4], [5, 6, np.nan, np.nan]])


def write(tmp_path, frame=None, key="df_with_missing", mode="w", **options):
    path = tmp_path / "CollectedData_AB.h5"
    (frame_of(COLUMNS, IMAGES, VALUES) if frame is None else frame).to_hdf(path, key=key, mode=mode, **options)
    return str(path)


def check(table, columns=COLUMNS):
    assert [(c.scorer, c.individual, c.part, c.coordinate) for c in table.columns] == list(columns)
    np.testing.assert_array_equal(table.values, VALUES)
    assert (table.images, table.numbers, table.faults) == (IMAGES, [1, 2], [[], []])


def test_all_forms_say_the_same(tmp_path):
    check(read_h5(write(tmp_path)))
    check(read_h5(write(tmp_path, key="keypoints")))
    plain = frame_of(COLUMNS, IMAGES, VALUES, index_levels=1)
    check(read_h5(write(tmp_path, plain, format="table")))
    backslashes = frame_of(COLUMNS, [image.replace("/", "\\") for image in IMAGES], VALUES, index_levels=1)
    check(read_h5(write(tmp_path, backslashes)))
    nameless = frame_of(COLUMNS, IMAGES, VALUES)
    nameless.columns.names = [None] * 3
    check(read_h5(write(tmp_path, nameless)))


@pytest.mark.filterwarnings("error")
def test_complex_numbers_are_no_numbers(tmp_path):
    path = write(tmp_path)
    with h5py.File(path, "r+") as file:
        values = file["df_with_missing/block0_values"]
        attributes = dict(values.attrs)
        data = values[()].astype(np.complex128)
        del file["df_with_missing/block0_values"]
        file["df_with_missing"].create_dataset("block0_values", data=data).attrs.update(attributes)
    column, message = read_h5(path).faults[0][0]
    assert column == 0
    assert message.startswith("value 1: expected a number, found ")
    assert "1.5+0j" in message


def test_individuals(tmp_path):
    columns = header(("nose",), individuals=("m1", "single"))
    check(read_h5(write(tmp_path, frame_of(columns, IMAGES, VALUES))), columns)


@pytest.mark.filterwarnings("ignore")
def test_objects_and_integers(tmp_path):
    frame = frame_of(COLUMNS, IMAGES, VALUES).astype(object)
    frame.iloc[0, 1] = "2"
    frame.iloc[1, 3] = None
    check(read_h5(write(tmp_path, frame)))
    frame.iloc[0, 1] = "abc"
    assert read_h5(write(tmp_path, frame)).faults == [[(1, "value 2: expected a number, found 'abc'")], []]
    frame.iloc[0, 1] = 10**400
    assert read_h5(write(tmp_path, frame)).values[0].tolist() == [1.5, np.inf, 3, 4]
    table = read_h5(write(tmp_path, frame_of(COLUMNS, IMAGES, VALUES).fillna(7).astype(np.int64)))
    assert table.values.tolist() == [[1, 2, 3, 4], [5, 6, 7, 7]]


def test_of_several_tables_the_usual_key_is_read(tmp_path):
    write(tmp_path)
    table = read_h5(write(tmp_path, frame_of(COLUMNS, IMAGES, VALUES + 1), key="b", mode="a"))
    check(table)
    assert table.notes == ["the tables b in the file are left out; df_with_missing is read"]
    path = write(tmp_path, key="a")
    with pytest.raises(ValueError, match="expected one label table, or one with the key df_with_missing; found a, b"):
        read_h5(write(tmp_path, key="b", mode="a"))
    assert os.path.isfile(path)


@pytest.mark.parametrize("data", [b"", b"words", b"\0" * 4096, b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_files_that_are_no_hdf5_are_refused(tmp_path, data):
    path = tmp_path / "CollectedData_AB.h5"
    path.write_bytes(data)
    with pytest.raises(
        ValueError, match=r"CollectedData_AB.h5: expected a DeepLabCut table in HDF5, (found|but)"
    ) as error:
        read_h5(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("form", ["fixed", "table"])
def test_damaged_files_never_crash(tmp_path, form):
    path = write(tmp_path, frame_of(COLUMNS, IMAGES, VALUES, index_levels=1), format=form)
    with open(path, "rb") as file:
        whole = file.read()
    rng = np.random.default_rng(0)
    read = 0
    for trial in range(300):
        data = bytearray(whole)
        if trial % 3:
            for _ in range(int(rng.choice([1, 20, 200]))):
                data[rng.integers(len(data))] = rng.integers(256)
        else:
            del data[rng.integers(len(data)) :]
        with open(path, "wb") as file:
            file.write(data)
        with contextlib.suppress(ValueError):
            read_h5(path)
            read += 1
    assert read < 150


def test_other_tables_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected columns of scorer, bodyparts and coords, found"):
        read_h5(write(tmp_path, pd.DataFrame({"a": [1]})))
    with h5py.File(tmp_path / "none.h5", "w"):
        pass
    with pytest.raises(ValueError, match="none.h5: expected columns of scorer, bodyparts and coords, found no table"):
        read_h5(str(tmp_path / "none.h5"))


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("place", ["name", "values"])
def test_objects_in_a_file_do_not_run(tmp_path, place):
    path = write(tmp_path)
    data = pickle.dumps(Evil(tmp_path / "ran"), 0)
    with h5py.File(path, "a") as file:
        group = file["df_with_missing"]
        if place == "name":
            group["axis0_level0"].attrs["name"] = np.bytes_(data)
        else:
            del group["block0_values"]
            values = group.create_dataset("block0_values", (1,), dtype=h5py.vlen_dtype(np.uint8))
            values[0] = np.frombuffer(data, np.uint8)
    with pytest.raises(ValueError, match="AB.h5: .*Python object .*system, which is not loaded"):
        read_h5(path)
    assert not (tmp_path / "ran").exists()
