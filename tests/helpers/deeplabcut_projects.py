"""Writes DeepLabCut projects: config, label tables as CSV and HDF5, images and videos."""

from __future__ import annotations

import csv
import io
import pathlib
from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd
import yaml

from keras_pose.media import video

SIZE_HW = (24, 32)
PARTS = ("nose", "tail")


def frame(position: int) -> np.ndarray:
    """The frame of a video: uint8 [24, 32, 3], grey that rises with its position."""
    return np.full((*SIZE_HW, 3), 10 + 8 * position, np.uint8)


def header(parts: Sequence[str], scorer: str = "AB", individuals: Sequence[str] = (), coords=("x", "y")) -> list:
    """The columns of a table: (scorer, individual or "", part, coordinate) of each."""
    return [(scorer, name, part, c) for name in individuals or ("",) for part in parts for c in coords]


def points(num_rows: int, num_columns: int, seed: int = 0) -> np.ndarray:
    """Random positions inside a frame, with two decimals, float64 [num_rows, num_columns]."""
    return np.random.default_rng(seed).uniform(3, 20, (num_rows, num_columns)).round(2)


def csv_text(columns, images, values, separator=",", decimal=".", path_columns=1) -> str:
    """A table as DeepLabCut writes it to CSV."""
    levels = dict(zip(("scorer", "individuals", "bodyparts", "coords"), zip(*columns)))
    if not any(levels["individuals"]):
        del levels["individuals"]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    for level, cells in levels.items():
        writer.writerow([level, *[""] * (path_columns - 1), *cells])
    for image, row in zip(images, values):
        cells = ["" if np.isnan(v) else f"{v:g}".replace(".", decimal) for v in row]
        writer.writerow([*image.rsplit("/", path_columns - 1), *cells])
    return out.getvalue()


def frame_of(columns, images, values, index_levels=3) -> pd.DataFrame:
    """A table as DeepLabCut writes it to HDF5."""
    names = ["scorer", "individuals", "bodyparts", "coords"]
    if not any(name for _, name, _, _ in columns):
        columns = [(scorer, part, coord) for scorer, _, part, coord in columns]
        names.remove("individuals")
    keys = [tuple(image.split("/")) for image in images]
    index = pd.MultiIndex.from_tuples(keys) if index_levels == 3 else list(images)
    return pd.DataFrame(values, index=index, columns=pd.MultiIndex.from_tuples(columns, names=names))


def add_session(
    root: pathlib.Path, name: str, columns, numbers=(2, 5), values=None, scorer="AB", kinds=("csv",)
) -> str:
    """Adds a session with a table of each kind (csv, h5) and its images; returns its folder."""
    folder = root / "labeled-data" / name
    folder.mkdir(parents=True, exist_ok=True)
    images = [f"labeled-data/{name}/img{number:02d}.png" for number in numbers]
    values = points(len(images), len(columns)) if values is None else np.asarray(values, np.float64)
    if "csv" in kinds:
        (folder / f"CollectedData_{scorer}.csv").write_text(csv_text(columns, images, values), encoding="utf-8")
    if "h5" in kinds:
        frame_of(columns, images, values).to_hdf(folder / f"CollectedData_{scorer}.h5", key="df_with_missing", mode="w")
    for number in numbers:
        cv2.imwrite(str(folder / f"img{number:02d}.png"), frame(number))
    return str(folder)


def write_config(root: pathlib.Path, parts=PARTS, scorer="AB", **fields) -> None:
    """Writes config.yaml; further fields replace the usual ones."""
    root.mkdir(parents=True, exist_ok=True)
    content = {"Task": "toy", "scorer": scorer, "bodyparts": list(parts), "skeleton": [], "video_sets": {}, **fields}
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    (root / "config.yaml").write_text(text, encoding="utf-8")


def write_frames(path: pathlib.Path, count: int = 8) -> None:
    """Writes a video of `frame`s."""
    path.parent.mkdir(parents=True, exist_ok=True)
    video.write_video(path, [frame(i) for i in range(count)], 25)
