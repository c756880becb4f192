"""Label tables as DeepLabCut reads them."""

import builtins

import numpy as np
import pandas as pd
import pytest

from keras_pose.labelling import label_tables

ROWS = {"img2.png": np.array([[1.25, 2.5], [np.nan, np.nan]]), "img10.png": np.array([[3.0, 4.0], [1 / 3, 6.0]])}


def test_a_table_has_the_levels_of_deeplabcut():
    table = label_tables.make_table("clip one", ROWS, ["a", "b"], "AB")
    assert table.columns.names == ["scorer", "bodyparts", "coords"]
    assert table.columns.tolist() == [("AB", part, coord) for part in "ab" for coord in "xy"]
    assert table.index.tolist() == [("labeled-data", "clip one", name) for name in ROWS]
    np.testing.assert_array_equal(table.to_numpy(), [[1.25, 2.5, np.nan, np.nan], [3, 4, 1 / 3, 6]])


def test_likelihoods_stand_behind_each_position():
    likelihoods = {"img2.png": np.array([0.5, 0.1]), "img10.png": np.array([0.6, 0.7])}
    table = label_tables.make_table("c", ROWS, ["a", "b"], "net", likelihoods)
    np.testing.assert_array_equal(table["net"]["b"]["likelihood"], [0.1, 0.7])


def test_csv_and_h5_hold_the_same_numbers(tmp_path):
    pytest.importorskip("tables")
    table = label_tables.make_table("c", ROWS, ["a", "b"], "AB")
    label_tables.write_csv(tmp_path / "t.csv", table)
    label_tables.write_h5(tmp_path / "t.h5", table)
    from_h5 = pd.read_hdf(tmp_path / "t.h5")
    from_csv = pd.read_csv(tmp_path / "t.csv", header=[0, 1, 2], index_col=[0, 1, 2])
    pd.testing.assert_frame_equal(from_h5, table)
    np.testing.assert_array_equal(from_csv.to_numpy(), table.to_numpy())


def test_missing_pytables_is_named_with_the_way_to_install_it(monkeypatch, tmp_path):
    real = builtins.__import__

    def without_tables(name, *args, **kwargs):
        if name == "tables":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_tables)
    with pytest.raises(ValueError, match=r"PyTables.*keras_pose\[formats\]"):
        label_tables.write_h5(tmp_path / "t.h5", label_tables.make_table("c", ROWS, ["a", "b"], "AB"))


def test_folders_whose_machine_labels_nobody_has_saved_are_found(tmp_path):
    for name, files in (("b", ["machinelabels-iter0.h5"]), ("a", ["machinelabels.csv"]), ("empty", [])):
        (tmp_path / "labeled-data" / name).mkdir(parents=True)
        for file in files:
            (tmp_path / "labeled-data" / name / file).write_bytes(b"")
    assert label_tables.find_machine_labels(str(tmp_path)) == (["a", "b"], False)
    (tmp_path / "labeled-data" / "a" / "CollectedData_AB.csv").write_bytes(b"")
    assert label_tables.find_machine_labels(str(tmp_path)) == (["b"], True)
    assert label_tables.find_machine_labels(str(tmp_path / "none")) == ([], False)
