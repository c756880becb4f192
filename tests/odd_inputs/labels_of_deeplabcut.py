"""Odd labels of DeepLabCut projects."""

from __future__ import annotations

import pathlib

import numpy as np

from tests.helpers.deeplabcut_projects import PARTS, add_session, csv_text, header, points, write_config
from tests.odd_inputs.kinds import Kinds

KINDS = Kinds()
_NUMBERS = (2, 5, 7)


def _project(folder: pathlib.Path, table: str | bytes | None = None, kinds: tuple = ("csv",), **fields) -> pathlib.Path:
    """Writes a project with a usual session, and one more whose table is `table` (None: as DeepLabCut writes it)."""
    write_config(folder, **fields)
    add_session(folder, "usual", header(PARTS), kinds=kinds)
    add_session(folder, "odd", header(PARTS), _NUMBERS, kinds=kinds)
    if table is not None:
        data = table if isinstance(table, bytes) else table.encode()
        (folder / "labeled-data" / "odd" / "CollectedData_AB.csv").write_bytes(data)
    return folder


def _images(numbers=_NUMBERS) -> list[str]:
    return [f"labeled-data/odd/img{number:02d}.png" for number in numbers]


def _table(columns=None, images=None, values=None, **options) -> str:
    columns = header(PARTS) if columns is None else columns
    images = _images() if images is None else images
    values = points(len(images), len(columns)) if values is None else values
    return csv_text(columns, images, values, **options)


def _with_cell(text: str) -> str:
    """A table with a text in the first cell of its first row of labels."""
    lines = _table().splitlines()
    cells = lines[3].split(",")
    return "\n".join([*lines[:3], ",".join([cells[0], text, *cells[2:]]), *lines[4:], ""])


@KINDS.refused("DeepLabCut: a table of zero bytes", "labeled-data/odd/CollectedData_AB.csv: ")
def dlc_zero_bytes(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, "")


@KINDS.refused("DeepLabCut: a table that ends within a row", "CollectedData_AB.csv:6: ")
def dlc_cut(folder: pathlib.Path) -> pathlib.Path:
    lines = _table().splitlines()
    return _project(folder, "\n".join([*lines[:-1], ",".join(lines[-1].split(",")[:3])]))


@KINDS.noted("DeepLabCut: a table that lacks a joint of config.yaml", "tail")
def dlc_fewer_joints(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table(header(PARTS[:1])))


@KINDS.noted("DeepLabCut: a table with a joint that config.yaml does not list", "whisker")
def dlc_more_joints(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table(header((*PARTS, "whisker"))))


@KINDS.refused("DeepLabCut: the column of y is missing", "CollectedData_AB.csv")
def dlc_missing_column(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table([column for column in header(PARTS) if column[2:] != ("nose", "y")]))


@KINDS.refused("DeepLabCut: an image that is labelled twice", "frame 2 is already labelled")
def dlc_duplicate_rows(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table(images=_images((2, 2, 5))))


@KINDS.refused("DeepLabCut: text in place of a number", "CollectedData_AB.csv:4: ")
def dlc_text(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _with_cell("12px"))


@KINDS.refused("DeepLabCut: an infinite number", "CollectedData_AB.csv:4: ")
def dlc_infinite(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _with_cell("inf"))


@KINDS.refused("DeepLabCut: half a point (NaN)", "CollectedData_AB.csv:4: ")
def dlc_half_a_point(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _with_cell("nan"))


@KINDS.refused("DeepLabCut: a point outside its image", "outside")
def dlc_outside(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _with_cell("999"))


@KINDS.refused("DeepLabCut: an image that is missing", "img07.png")
def dlc_image_missing(folder: pathlib.Path) -> pathlib.Path:
    _project(folder)
    (folder / "labeled-data" / "odd" / "img07.png").unlink()
    return folder


@KINDS.noted("DeepLabCut: a table in UTF-16", "read as UTF-16")
def dlc_utf_16(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table().encode("utf-16"))


@KINDS.noted("DeepLabCut: a table in Latin-1 with an umlaut in the name of the annotator", "read as Latin-1")
def dlc_latin_1(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table(header(PARTS, scorer="Jürgen")).encode("latin-1"))


@KINDS.noted("DeepLabCut: a table of a German spreadsheet: semicolons, decimal commas", "decimal commas")
def dlc_semicolons(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, _table(separator=";", decimal=","))


@KINDS.used("DeepLabCut: paths of Windows")
def dlc_windows_paths(folder: pathlib.Path) -> pathlib.Path:
    images = [f"C:\\Users\\me\\labeled-data\\odd\\img{number:02d}.png" for number in _NUMBERS]
    return _project(folder, _table(images=images))


@KINDS.used("DeepLabCut: names with spaces, brackets and letters of other scripts")
def dlc_odd_names(folder: pathlib.Path) -> pathlib.Path:
    folder = folder / "Projekt [2] größe"
    parts = ("Nase links", "手 %")
    write_config(folder, parts)
    for name in ("clip 1", "clip [2] ñ"):
        add_session(folder, name, header(parts))
    return folder


@KINDS.refused("DeepLabCut: HDF5 tables cut in half, without CSV", "CollectedData_AB.h5")
def dlc_cut_hdf5(folder: pathlib.Path) -> pathlib.Path:
    _project(folder, kinds=("h5",))
    path = folder / "labeled-data" / "odd" / "CollectedData_AB.h5"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return folder


@KINDS.noted("DeepLabCut: an HDF5 table cut in half, with a good CSV beside it", "CollectedData_AB.h5")
def dlc_cut_hdf5_beside_csv(folder: pathlib.Path) -> pathlib.Path:
    _project(folder, kinds=("csv", "h5"))
    path = folder / "labeled-data" / "odd" / "CollectedData_AB.h5"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return folder


@KINDS.refused("DeepLabCut: a config.yaml that is no YAML", "config.yaml: ")
def dlc_damaged_config(folder: pathlib.Path) -> pathlib.Path:
    _project(folder)
    (folder / "config.yaml").write_text("bodyparts: [nose, tail\nscorer: AB\n\t- x")
    return folder


@KINDS.refused("DeepLabCut: a config.yaml without body parts", "config.yaml: ")
def dlc_no_parts(folder: pathlib.Path) -> pathlib.Path:
    return _project(folder, bodyparts=[])


@KINDS.noted("DeepLabCut: rows without a single point", "in which no body part is labelled")
def dlc_empty_rows(folder: pathlib.Path) -> pathlib.Path:
    values = points(3, 4)
    values[1] = np.nan
    return _project(folder, _table(values=values))
