"""A labelled person of FLIC, from `examples.mat` or from an HDF5 file of pose-hg-train."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator

import numpy as np

from keras_pose.data import person_crop
from keras_pose.data.clip import Frames
from keras_pose.data.importers import hourglass_file, matlab_files
from keras_pose.data.importers.flic.layout import NUM_JOINTS
from keras_pose.data.person_crop import Region

# The joints in the order of pose-hg-train, and their columns in `coords`, which has 29.
JOINTS = (
    *("left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist"),
    *("left_hip", "right_hip", "left_eye", "right_eye", "nose"),
)
COLUMNS = (0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 16)
NUM_COLUMNS = 29
FIRST_PIXEL = 1.0  # MATLAB counts pixels from 1
SIDE_OF_HEIGHT = 440 / 480  # side of the region of a person, as part of the picture's height
SCALE_PX = 200.0  # side of the region of scale 1, in the files of pose-hg-train


@dataclasses.dataclass(frozen=True)
class FlicRow:
    """A labelled person.

    Args:
      place: the row, for messages.
      part: "train", "test", or "" for rows of FLIC-full that are in neither.
      film: name of the film.
      file: name of the picture.
      points: float64 [11, 2], 0-based px, NaN if not labelled.
      torso_box: float64 [4], left, top, right, bottom in 0-based px, found by a detector; NaN if unknown.
      size_hw: (height, width) px of the picture, if the file states it.
      fault: why the authors do not use the row; "" if they do.
      frames: reader of the picture if it is inside the file; None otherwise.
      position: number of the frame in `frames`.
      region: what papers show a net of the picture to find this person (`region_of`); None if unknown.
    """

    place: str
    part: str
    film: str
    file: str
    points: np.ndarray
    torso_box: np.ndarray
    size_hw: tuple[int, int] | None = None
    fault: str = ""
    frames: Frames | None = None
    position: int = 0
    region: Region | None = None


def region_of(torso_box: np.ndarray, size_hw: tuple[int, int] | None) -> Region | None:
    """Returns the region of a person: a square at the middle of the torso's width and of the picture's height.

    Newell et al. (ECCV 2016, 3.1) centre pictures of FLIC on the torso box along the x axis, and neither centre them
    vertically nor normalise the scale. The files of pose-hg-train state the same region: a square of 440 px (200 times
    the scale of 2.2) in pictures of 480 px. It has all labelled joints of 98.5 % of the people.

    Args:
      torso_box: float64 [4], left, top, right, bottom in 0-based px; NaN if unknown.
      size_hw: (height, width) px of the picture; None if unknown.
    """
    if size_hw is None:
        return None
    middle = size_hw[0] / 2 - FIRST_PIXEL  # as the files of pose-hg-train have it
    return person_crop.square(((torso_box[0] + torso_box[2]) / 2, middle), size_hw[0] * SIDE_OF_HEIGHT)


def read_matlab(path: str) -> Iterator[FlicRow]:
    """Yields the rows of `examples.mat`.

    Raises:
      ValueError: if it is no MATLAB file, or another one; the message names the file and what is missing.
    """
    file = matlab_files.read(path, ["examples"])
    for number, example in enumerate(file.structs(file.variable("examples"), "examples"), 1):
        place = f"examples({number})"

        def get(name: str, example=example, place=place):
            return file.field(example, name, place)

        def number_of(name: str, example=example, place=place):
            value = example.get(name)
            return 0.0 if value is None or matlab_files.is_empty(value) else file.number(value, f"{place}.{name}")

        coords = file.numbers(get("coords"), (2, NUM_COLUMNS), f"{place}.coords")
        box = get("torsobox")
        torso = np.full(4, np.nan) if matlab_files.is_empty(box) else file.numbers(box, (4,), f"{place}.torsobox")
        size = file.numbers(get("imgdims"), (None,), f"{place}.imgdims")[:2].astype(int).tolist()
        size_hw = (size[0], size[1]) if len(size) == 2 else None
        parts = [part for part in ("train", "test") if number_of(f"is{part}")]
        faults = [word for word in ("bad", "unchecked") if number_of(f"is{word}")]
        yield FlicRow(
            place=f"row {number}",
            part=parts[0] if parts else "",
            film=file.text(get("moviename"), f"{place}.moviename"),
            file=file.text(get("filepath"), f"{place}.filepath"),
            points=coords.T[list(COLUMNS)] - FIRST_PIXEL,
            torso_box=torso - FIRST_PIXEL,
            size_hw=size_hw,
            fault=f"that the authors mark as {' and '.join(faults)}" if faults else "",
            region=region_of(torso - FIRST_PIXEL, size_hw),
        )


def read_hourglass(path: str, part: str) -> Iterator[FlicRow]:
    """Yields the rows of an HDF5 file of pose-hg-train.

    Raises:
      ValueError: if it cannot be read, or is another file; the message names it and what is missing.
    """
    file = hourglass_file.read(path, NUM_JOINTS, "FLIC")
    for row, name in enumerate(file.names):
        points = np.where(file.visible[row][:, None] > 0, file.parts[row] - FIRST_PIXEL, np.nan)
        region = person_crop.square(file.center[row] - FIRST_PIXEL, SCALE_PX * file.scale[row])
        yield FlicRow(f"label {row}", part, film_of(name), name, points, np.full(4, np.nan), region=region)


def film_of(name: str) -> str:
    """Returns the film of a picture: `hitch` of `hitch-00037801.jpg`."""
    stem = os.path.splitext(name.replace("\\", "/").rpartition("/")[2])[0]
    return re.sub(r"-\d+$", "", stem) or stem
