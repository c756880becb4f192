"""Label tables of DeepLabCut, as CSV and HDF5: a row for each picture, x and y (and likelihood) of each body part.

DeepLabCut itself reads the HDF5; pandas writes it with PyTables.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from keras_pose import extras, files

FOLDER = "labeled-data"
KEY = "df_with_missing"  # where DeepLabCut looks in the HDF5


def find_machine_labels(project: str) -> tuple[list[str], bool]:
    """Finds machine labels that nobody has saved as labels yet.

    Args:
      project: folder of a DeepLabCut project; for anything else there are none.

    Returns:
      The sorted names of folders with machine labels but without labels, and whether another folder has labels.
    """
    root = os.path.join(project, FOLDER)
    waiting = []
    has_labels = False
    for name in sorted(os.listdir(root)) if os.path.isdir(root) else []:
        folder = os.path.join(root, name)
        inside = [file.lower() for file in os.listdir(folder)] if os.path.isdir(folder) else []
        if any(file.startswith("collecteddata") for file in inside):
            has_labels = True
        elif any(file.startswith("machinelabels") for file in inside):
            waiting.append(name)
    return waiting, has_labels


def check_tables() -> None:
    """Checks that HDF5 can be written.

    Raises:
      ValueError: if PyTables is not installed; the message says how to install it.
    """
    try:
        import tables  # noqa: F401
    except ImportError as error:
        raise ValueError(
            "label tables of DeepLabCut (.h5) need PyTables, which is not installed: "
            + extras.how_to_install("formats")
        ) from error


def make_table(
    clip: str,
    rows: Mapping[str, np.ndarray],
    joints: Sequence[str],
    scorer: str,
    likelihoods: Mapping[str, np.ndarray] | None = None,
) -> pd.DataFrame:
    """Makes a table.

    Args:
      clip: name of the folder of the pictures.
      rows: {name of a picture: float [J, 2], px, NaN: unlabelled}, in the order of the rows.
      joints: J names.
      scorer: who labelled, or which net.
      likelihoods: {name of a picture: float [J]}; None: without such columns.
    """
    coords = ("x", "y") if likelihoods is None else ("x", "y", "likelihood")
    columns = pd.MultiIndex.from_product([[scorer], list(joints), coords], names=["scorer", "bodyparts", "coords"])
    index = pd.MultiIndex.from_tuples([(FOLDER, clip, name) for name in rows])
    values = np.full((len(rows), len(joints), len(coords)), np.nan)
    for row, (name, points) in zip(values, rows.items()):
        row[:, :2] = points
        if likelihoods is not None:
            row[:, 2] = likelihoods[name]
    return pd.DataFrame(values.reshape(len(rows), -1), index=index, columns=columns)


def write_csv(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Writes a table as CSV, as DeepLabCut does: the picture's path takes three columns."""
    with files.replace_atomically(path) as temporary:
        table.to_csv(temporary)


def write_h5(path: str | os.PathLike[str], table: pd.DataFrame) -> None:
    """Writes a table as HDF5, as DeepLabCut does.

    Raises:
      ValueError: if PyTables is not installed.
    """
    check_tables()
    with files.replace_atomically(path) as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.PerformanceWarning)
        table.to_hdf(temporary, key=KEY, mode="w")
