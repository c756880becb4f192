"""Reads the HDF5 files of pose-hg-train (Newell et al. 2016) for FLIC and MPII.

Data sets: `part` [N, J, 2], (x, y) in px that count from 1; `visible` [N, J]; `imgname` [N] as text, or as codes of
characters, and the same names in a text file beside it (`train_images.txt`); `index` [N], 0-based place of the label
in the data set's own file; `center` [N, 2] and `scale` [N], the square of 200 · scale px that a net is shown to find
the person (of MPII, both are already changed for that, see `mpii.people.region_of`); `normalize` [N], the length in px
that accuracy is measured in: the torso of FLIC, the size of the head of MPII.

Checked on the published files: the positions of FLIC are bit by bit those of `examples.mat`, but for 247 people whose
sides are exchanged, and those of MPII are those of the official file without their fractions. Both come from MATLAB, so
pixels count from 1; the readers of pose-hg-train (Lua) and of HRNet (which subtracts 1 from the same numbers) agree.
"""

from __future__ import annotations

import dataclasses
import os
import re

import numpy as np

from keras_pose import hdf5_file
from keras_pose.data.importers.text_encoding import decode_text

_SHAPES = {"part": 3, "visible": 2, "index": 1, "center": 2, "scale": 1, "normalize": 1}
_REQUIRED = ("part", "visible")


@dataclasses.dataclass(frozen=True)
class HourglassFile:
    """The labels of a file.

    Args:
      path: the file.
      names: N names of images.
      parts: float64 [N, J, 2], px from 1; (0, 0) if a joint is not labelled.
      visible: float64 [N, J].
      index, scale, normalize: float64 [N]; NaN if the file lacks them.
      center: float64 [N, 2]; NaN if the file lacks it.
    """

    path: str
    names: list[str]
    parts: np.ndarray
    visible: np.ndarray
    index: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    normalize: np.ndarray


def read(path: str, num_joints: int, set_name: str) -> HourglassFile:
    """Reads a file.

    Args:
      path: the file.
      num_joints: J, the number of joints that it must have.
      set_name: name of the data set, for messages.

    Raises:
      ValueError: if it cannot be read, lacks a data set or the names of its images, or has other joints; the message
        names the file and what is missing.
    """
    try:
        with hdf5_file.open_whole(path) as file:
            arrays = {name: np.asarray(file[name], np.float64) for name in _SHAPES if name in file}
            names = np.asarray(file["imgname"]) if "imgname" in file else None
            found = sorted(file)
    except Exception as error:  # of a damaged file, h5py raises almost anything
        raise ValueError(
            f"{path}: expected the labels of {set_name} from pose-hg-train (HDF5), but the file cannot be read "
            f"({os.path.getsize(path)} bytes); download it again: {' '.join(str(error).split())}"
        ) from error
    missing = [name for name in _REQUIRED if name not in arrays]
    if missing:
        raise ValueError(
            f"{path}: expected the labels of {set_name} from pose-hg-train with the data set {missing[0]!r}, found "
            f"{', '.join(found) or 'none'}"
        )
    count = len(arrays["part"])
    shapes = {"part": (count, num_joints, 2), "visible": (count, num_joints), "center": (count, 2)}
    for name in _SHAPES:
        shape = shapes.get(name, (count,))
        values = arrays.setdefault(name, np.full(shape, np.nan))
        if values.shape != shape:
            raise ValueError(f"{path}: {name}: expected shape {shape} for {set_name}, found {values.shape}")
    fields = {name: arrays[name] for name in ("visible", "index", "center", "scale", "normalize")}
    return HourglassFile(path, _read_names(path, names, count), arrays["part"], **fields)


def _read_names(path, stored, count):
    """The names of the images: those in the file, else those of the list beside it."""
    if stored is not None and len(stored) == count:
        if stored.ndim == 1 and stored.dtype.kind in "SO":
            return [name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in stored]
        if stored.ndim == 2 and stored.dtype.kind in "iuf":  # codes of characters, filled up with zeros
            return ["".join(chr(int(code)) for code in row if 0 < code < 0x110000) for row in stored]
    candidates = _list_names(path)
    for candidate in candidates:
        if os.path.isfile(candidate):
            with open(candidate, "rb") as file:
                names = decode_text(file.read())[0].split()
            if len(names) != count:
                raise ValueError(
                    f"{candidate}: expected {count} names of images, one for each label of {path}, found {len(names)}"
                )
            return names
    raise ValueError(
        f"{path}: expected the names of its {count} images in the data set 'imgname', or in the list {candidates[0]} "
        "beside it, found neither"
    )


def _list_names(path):
    """The names that the list of images can have: `train_images.txt` for `train.h5`."""
    folder, name = os.path.split(path)
    stem = os.path.splitext(name)[0]
    names = [f"{stem}_images.txt", re.sub(r"_(?=[^_]*$)", "_annot_", stem) + "_images.txt"]
    return [os.path.join(folder, candidate) for candidate in dict.fromkeys(names)]
