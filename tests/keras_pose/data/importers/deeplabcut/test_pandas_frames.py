"""Frames of HDF5 files equal those that pandas reads, in both of its formats."""

import numpy as np
import pandas as pd
import pytest

from keras_pose.data.importers.deeplabcut.pandas_frames import read_frames
from tests.helpers.deeplabcut_projects import frame_of, header, points

KEY = "df_with_missing"


def make_frame(seed, kind):
    rng = np.random.default_rng(seed)
    parts = [f"pärt{j}" for j in range(rng.integers(1, 6))]
    columns = header(parts, individuals=("m1", "m2") if seed % 3 == 0 else (), coords=("x", "y", "likelihood"))
    images = [f"labeled-data/a b/img{k}.png" for k in range(rng.integers(1, 6))]
    values = points(len(images), len(columns), seed)
    values[rng.random(values.shape) < 0.3] = np.nan
    frame = frame_of(columns, images, values, 1 if kind == "table" or seed % 2 else 3)
    if kind == "int":
        return frame.fillna(0).astype(np.int64)
    if kind == "mixed":
        return frame.assign(**{}).astype({frame.columns[0]: np.float32})
    if kind == "object":
        frame = frame.astype(object)
        frame.iloc[0, 0] = "wörd"
        frame.iloc[-1, -1] = None
    return frame.iloc[:0] if kind == "empty" else frame


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["float", "int", "mixed", "object", "empty", "table"])
@pytest.mark.parametrize("seed", range(6))
def test_a_frame_equals_that_of_pandas(tmp_path, seed, kind):
    path = str(tmp_path / "x.h5")
    form = "table" if kind == "table" else "fixed"
    make_frame(seed, kind).to_hdf(path, key=KEY, mode="w", format=form, complevel=seed % 4)
    expected = pd.read_hdf(path)
    frame = read_frames(path)[KEY]
    assert frame.columns == list(expected.columns)
    assert frame.index == [key if isinstance(key, tuple) else (key,) for key in expected.index]
    assert frame.levels == list(expected.columns.names)
    assert frame.values.shape == expected.shape
    for found, value in zip(frame.values.ravel(), expected.to_numpy(object).ravel()):
        assert found == value or (pd.isna(found) and pd.isna(value))


def test_every_frame_of_a_file_has_its_key(tmp_path):
    path = str(tmp_path / "x.h5")
    for key in ("a", "deep/b"):
        make_frame(1, "float").to_hdf(path, key=key)
    assert sorted(read_frames(path)) == ["a", "deep/b"]


def test_a_file_that_is_no_hdf5_is_refused(tmp_path):
    path = tmp_path / "x.h5"
    path.write_bytes(b"words")
    with pytest.raises(OSError, match="file signature not found"):
        read_frames(str(path))
