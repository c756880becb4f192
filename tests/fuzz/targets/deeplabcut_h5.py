"""Projects of DeepLabCut with a changed table in HDF5."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import shutil
import tempfile
import warnings

import numpy as np
import pandas as pd

from tests.fuzz import accounting
from tests.fuzz.changes import raw
from tests.fuzz.targets import deeplabcut_project as project

_GOOD = tempfile.TemporaryDirectory(prefix="keras-pose-fuzz-")
_LEVELS = ["scorer", "bodyparts", "coords"]


def run(rng: random.Random, folder: str, log: list) -> bool:
    """Changes the frame of one clip before it is written, or the bytes of its file."""
    project.write(folder, rng)
    chosen = rng.choice(list(project.CLIPS))
    by_bytes = rng.randrange(3) == 0
    entries: list = []
    for clip in project.CLIPS:
        path = project.table_path(folder, clip, "h5")
        as_tuples = bool(rng.randrange(2))
        form = rng.choice(("fixed", "fixed", "table"))
        frame = _frame(clip, as_tuples)
        changed = clip == chosen and not by_bytes
        for _ in range(rng.randrange(1, 3) if changed else 0):
            change = rng.choice(_CHANGES)
            log.append(change.__name__[1:])
            # A change may not fit the types or columns that an earlier one left.
            with contextlib.suppress(TypeError, ValueError, KeyError):
                frame = change(rng, frame)
        entries += _entries(clip, frame, sure=not changed)
        if not changed:
            shutil.copy(_good_file(clip, as_tuples, form), path)
        elif not _write(frame, path, form):
            return False  # pandas cannot write it, so nobody has such a file
    if by_bytes:
        with open(project.table_path(folder, chosen, "h5"), "r+b") as file:
            data = file.read()
            data = raw.cut_end(rng, data, log) if rng.randrange(4) == 0 else raw.change_bytes(rng, data, log)
            file.seek(0)
            file.truncate()
            file.write(data)
    return accounting.read_and_check(folder, folder, None if by_bytes else entries)


@functools.lru_cache(None)
def _good_file(clip, as_tuples, form):
    """Path of a file that was written once."""
    path = os.path.join(_GOOD.name, f"{clip}-{as_tuples}-{form}.h5")
    _write(_frame(clip, as_tuples), path, form)
    return path


@functools.lru_cache(None)
def _frame(clip, as_tuples):
    points = [[project.point(n, part) for part in range(len(project.PARTS))] for n in project.CLIPS[clip]]
    values = np.reshape(points, (len(points), -1))
    values[-1, -2:] = np.nan
    columns = pd.MultiIndex.from_product([[project.SCORER], project.PARTS, ["x", "y"]], names=_LEVELS)
    paths = [("labeled-data", clip, project.image_name(n)) for n in project.CLIPS[clip]]
    index = pd.MultiIndex.from_tuples(paths) if as_tuples else ["/".join(path) for path in paths]
    return pd.DataFrame(values, columns=columns, index=index)


def _entries(clip, frame, sure):
    """The labelled rows of a frame; what their joints are is compared only if the frame was not changed."""
    found = []
    numbers = {project.image_name(n): n for n in project.CLIPS[clip]}
    for row, key in enumerate(frame.index):
        name = str(key[-1] if isinstance(key, tuple) else key).rsplit("/", 1)[-1]
        values = frame.iloc[row].tolist()
        if all(value is None or (isinstance(value, float) and np.isnan(value)) for value in values):
            continue
        place = f"{clip}/CollectedData_{project.SCORER}.h5:{row + 1}"
        joints = {}
        if sure:
            for part, pair in zip(project.PARTS, np.reshape(values, (-1, 2)).tolist()):
                joints.update({} if np.isnan(pair).any() else {part: tuple(pair)})
        names = (name,) if name in numbers else ()
        unsure = frozenset() if sure else None
        found.append(accounting.Entry(place, numbers.get(name), joints, unsure, clip=clip, names=names))
    return found


def _write(frame, path, form):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            frame.to_hdf(path, key="df_with_missing", mode="w", format=form)
        except Exception:  # noqa: BLE001 - whatever PyTables refuses
            return False
    return True


def _odd_value(rng, frame):
    frame = frame.copy()
    frame.iloc[rng.randrange(len(frame)), rng.randrange(frame.shape[1])] = rng.choice(
        (np.nan, np.inf, -np.inf, -5.0, 1e300, 63.6)
    )
    return frame


def _text_value(rng, frame):
    frame = frame.astype(object)
    frame.iloc[rng.randrange(len(frame)), rng.randrange(frame.shape[1])] = rng.choice(("text", None, "12", True))
    return frame


def _integers(rng, frame):
    return frame.fillna(3).astype(rng.choice(("int64", "int8", "float32", "bool")))


def _half_a_point(rng, frame):
    frame = frame.copy()
    frame.iloc[rng.randrange(len(frame)), rng.randrange(4)] = np.nan
    return frame


def _rows(rng, frame):
    rows = list(range(len(frame)))
    what = rng.randrange(4)
    rows = rows[::-1] if what == 0 else rows + rows[:1] if what == 1 else rows[1:] if what == 2 else []
    return frame.iloc[rows]


def _columns(rng, frame):
    columns = list(range(frame.shape[1]))
    at = rng.randrange(len(columns))
    what = rng.randrange(3)
    columns = columns[::-1] if what == 0 else [*columns, at] if what == 1 else columns[:at] + columns[at + 1 :]
    return frame.iloc[:, columns]


def _levels(rng, frame):
    names = list(frame.columns.names)
    rng.shuffle(names)
    return frame.set_axis(frame.columns.set_names(names), axis=1) if frame.columns.nlevels > 1 else frame


def _lost_level(rng, frame):
    if frame.columns.nlevels < 2:
        return frame
    return frame.set_axis(frame.columns.droplevel(rng.randrange(frame.columns.nlevels)), axis=1)


def _individuals(rng, frame):
    if frame.columns.nlevels != 3:
        return frame
    animals = rng.choice((("one",), ("one", "two")))
    keys = [(key[0], animals[i % len(animals)], *key[1:]) for i, key in enumerate(frame.columns)]
    columns = pd.MultiIndex.from_tuples(keys, names=["scorer", "individuals", "bodyparts", "coords"])
    return frame.set_axis(columns, axis=1)


def _likelihood(rng, frame):
    if frame.columns.nlevels != 3:
        return frame
    frame = frame.copy()
    frame[(project.SCORER, "nose", "likelihood")] = 0.9
    return frame


def _index(rng, frame):
    values = rng.choice((list(range(len(frame))), ["x.png"] * len(frame), [""] * len(frame), [None] * len(frame)))
    return frame.set_axis(pd.Index(values), axis=0)


def _renamed_part(rng, frame):
    new = rng.choice(("tongue", "", "Nose", "nose "))
    return frame.rename(columns={"nose": new})


_CHANGES = (
    _odd_value,
    _text_value,
    _integers,
    _half_a_point,
    _rows,
    _columns,
    _levels,
    _lost_level,
    _individuals,
    _likelihood,
    _index,
    _renamed_part,
)
