"""The tables of DeepLabCut: csv and h5, paths in one column or three, and headers that are not theirs."""

import numpy as np
import pandas as pd
import pytest

from keras_pose.data.importers.deeplabcut_tables import read_table

JOINTS = ("hand", "nose", "ear")
HEADER = "scorer,S,S,S,S\nbodyparts,nose,nose,hand,hand\ncoords,x,y,x,y\n"
NAN = np.nan


def write(tmp_path, text):
    path = tmp_path / "CollectedData_S.csv"
    path.write_text(text)
    return str(path)


def test_columns_follow_the_joints_and_missing_ones_are_nan(tmp_path):
    path = write(tmp_path, HEADER + "labeled-data/a/img2.png,1,2,3,4\n\nimg1.png,,,5,6\n")
    first, second = read_table(path, JOINTS)
    np.testing.assert_array_equal(first.points, [[3, 4], [1, 2], [NAN, NAN]])
    np.testing.assert_array_equal(second.points, [[5, 6], [NAN, NAN], [NAN, NAN]])
    assert [row.image for row in (first, second)] == [str(tmp_path / "img2.png"), str(tmp_path / "img1.png")]
    assert [row.origin for row in (first, second)] == [f"{path}:4", f"{path}:6"]
    assert first.messages == second.messages == []


@pytest.mark.parametrize(
    ("columns", "cells"), [(1, "labeled-data\\a\\img2.png"), (1, "img2.png"), (3, "labeled-data,a,img2.png")]
)
def test_only_the_name_of_an_image_counts(tmp_path, columns, cells):
    header = "\n".join(line.replace(",", "," * columns, 1) for line in HEADER.splitlines())
    (row,) = read_table(write(tmp_path, f"{header}\n{cells},1,2,3,4\n"), JOINTS)
    assert row.image == str(tmp_path / "img2.png")
    np.testing.assert_array_equal(row.points[:2], [[3, 4], [1, 2]])


def test_bad_cells_and_short_rows_become_messages(tmp_path):
    word, short = read_table(write(tmp_path, HEADER + "img1.png,1,x,3,4\nimg2.png,1,2\n"), JOINTS)
    assert word.messages == ["value 2: expected a number, found 'x'"]
    np.testing.assert_array_equal(word.points[1], [1, NAN])
    assert short.messages == ["expected 4 values as in the header, found 2"]
    assert np.isnan(short.points).all()


@pytest.mark.parametrize("levels", [1, 3])
def test_an_h5_table_reads_like_the_csv(tmp_path, levels):
    path = tmp_path / "CollectedData_S.h5"
    columns = pd.MultiIndex.from_product([["S"], ["nose", "hand"], ["x", "y"]], names=["scorer", "bodyparts", "coords"])
    key = ("labeled-data", "a", "img2.png")
    index = pd.MultiIndex.from_tuples([key]) if levels == 3 else ["\\".join(key)]
    pd.DataFrame([[1, NAN, 3, 4]], index=index, columns=columns).to_hdf(path, key="df_with_missing")
    (row,) = read_table(str(path), JOINTS)
    np.testing.assert_array_equal(row.points, [[3, 4], [1, NAN], [NAN, NAN]])
    assert (row.image, row.origin) == (str(tmp_path / "img2.png"), f"{path}:1")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", r"expected the header rows scorer, bodyparts and coords \(x, y, …\), found \[\]"),
        (HEADER.replace("nose", "tail"), "unknown body part 'tail' in the header.*: hand, nose, ear"),
        (HEADER.replace("nose", "hand"), "expected x and y of each body part once"),
        (HEADER.replace("x,y,x,y", "x,y,x,z"), "body part 'hand': expected the coordinates x and y, found 'z'"),
        (HEADER.replace("bodyparts", "individuals,m,m,m,m\nbodyparts", 1), "expected one animal per frame"),
    ],
)
def test_other_headers_are_refused_with_the_file(tmp_path, header, message):
    with pytest.raises(ValueError, match=f"CollectedData_S.csv: .*{message}" if header else message):
        read_table(write(tmp_path, header + "img1.png,1,2,3,4\n"), JOINTS)


def test_an_h5_file_that_is_no_table_is_refused(tmp_path):
    path = tmp_path / "CollectedData_S.h5"
    path.write_bytes(b"words")
    with pytest.raises(ValueError, match="CollectedData_S.h5: expected a DeepLabCut table in HDF5"):
        read_table(str(path), JOINTS)
    pd.DataFrame({"a": [1]}).to_hdf(path, key="k", mode="w")
    with pytest.raises(ValueError, match="expected columns of scorer, bodyparts and coords"):
        read_table(str(path), JOINTS)
