"""DeepLabCut's H5 files of predictions: a data frame of pandas called `df_with_missing`, in pandas' format "table"."""

from __future__ import annotations

import os
import warnings

import h5py
import numpy as np
import pandas as pd
import tables

from keras_pose import hdf5_file
from keras_pose.poses.formats import deeplabcut_table, description, hdf5
from keras_pose.poses.video_poses import VideoPoses

_TABLE = "df_with_missing"


def write(path: str | os.PathLike[str], poses: VideoPoses) -> None:
    """Writes poses as DeepLabCut's H5. The description is the data set `keras_pose`, a string.

    Raises:
      ValueError: for so many columns (thousands) that their names do not fit into an attribute of HDF5.
    """
    levels, columns = deeplabcut_table.columns(poses)
    cells = deeplabcut_table.cells(poses)
    names = pd.MultiIndex.from_tuples(columns, names=levels)
    # pandas writes no table without rows: it gets one, which is removed.
    rows = cells if len(cells) else np.zeros((1, len(columns)))
    frame = pd.DataFrame(rows, index=np.arange(len(rows)), columns=names)
    with hdf5.new_file(path, 2 * cells.nbytes) as temporary:
        # Times of creation, and an index for queries, would differ from file to file.
        try:
            with pd.HDFStore(temporary, "w") as store, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # names of columns that could not be names of attributes
                store.put(_TABLE, frame, format="table", index=False, track_times=False)
                store.get_storer(_TABLE).table.remove_rows(len(cells), len(rows))
        except tables.HDF5ExtError as error:
            raise ValueError(
                f"{os.fspath(path)}: expected column names of at most 64 KiB, as pandas stores them in HDF5, received "
                f"{len(columns)} columns; csv, analysis.h5 and parquet have no such limit"
            ) from error
        with h5py.File(temporary, "r+") as file:
            file.create_dataset(description.KEY, data=np.bytes_(description.to_text(poses)))


def read(path: str | os.PathLike[str]) -> VideoPoses:
    """Reads poses from DeepLabCut's H5, ours or its own. Times are unknown (NaN).

    pandas unpickles names from such a file: read only files that you trust.

    Raises:
      OSError: if it cannot be opened.
      ValueError: if it is something else; the message names it.
    """
    with open(path, "rb"):  # PyTables does not tell a missing file from a damaged one
        pass
    try:
        frame = pd.read_hdf(path)
        levels = [str(name) for name in frame.columns.names]
        frames = frame.index.to_numpy().astype(np.int64)
        cells = frame.to_numpy(np.float64)
    except ImportError:
        raise
    except Exception as error:  # PyTables and pandas raise almost anything for a damaged file
        reason = " ".join(str(error).split())
        raise ValueError(f"{os.fspath(path)}: expected a table of DeepLabCut's predictions, but {reason}") from error
    with hdf5_file.open_whole(path) as file:
        described = description.KEY in file
    about = read_description(path) if described else None
    return deeplabcut_table.to_poses(path, levels, list(frame.columns), frames, cells, about)


def read_description(path: str | os.PathLike[str]) -> dict:
    """Reads the description of poses from DeepLabCut's H5 as `write` writes it."""
    return description.parse(path, hdf5.read_text(path, description.KEY))
