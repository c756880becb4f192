"""A DeepLabCut project of separate pictures, and the steps of `train.py` that compare a run with its data."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from keras_pose.data import selection
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig

JOINTS = ("nose", "ear", "tail")
CLIPS = {"s0": 3, "s1": 3, "s2": 3, "s3": 3}


def write_project(
    folder: str | os.PathLike[str],
    joints: Sequence[str] = JOINTS,
    clips: Mapping[str, int] = CLIPS,
    size_hw: tuple[int, int] = (64, 64),
) -> str:
    """Writes a project of noise pictures with random labels; returns its folder.

    Args:
      folder: folder of the project.
      joints: names of the body parts.
      clips: number of pictures by the name of the clip.
      size_hw: (height, width) of the pictures in px.
    """
    rng = np.random.default_rng(0)
    os.makedirs(folder, exist_ok=True)
    parts = "\n".join(f"- '{joint}'" for joint in joints)
    with open(os.path.join(folder, "config.yaml"), "w", encoding="utf-8") as file:
        file.write(f"Task: toy\nscorer: me\nbodyparts:\n{parts}\n")
    for clip, count in clips.items():
        place = os.path.join(folder, "labeled-data", clip)
        os.makedirs(place)
        points = rng.uniform(8, min(size_hw) - 8, (count, len(joints), 2)).round(2)
        with open(os.path.join(place, "CollectedData_me.csv"), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["scorer", *["me"] * 2 * len(joints)])
            writer.writerow(["bodyparts", *(joint for joint in joints for _ in range(2))])
            writer.writerow(["coords", *["x", "y"] * len(joints)])
            for number, row in enumerate(points):
                name = f"img{number:04d}.png"
                write_picture(os.path.join(place, name), rng, size_hw)
                writer.writerow([f"labeled-data/{clip}/{name}", *row.ravel()])
    return str(folder)


def write_picture(path: str, rng: np.random.Generator, size_hw: tuple[int, int] = (64, 64)) -> None:
    """Writes a picture of noise."""
    picture = rng.integers(0, 256, (*size_hw, 3)).astype(np.uint8)
    with open(path, "wb") as file:
        file.write(cv2.imencode(".png", picture)[1].tobytes())


def change_cells(project: str, clip: str, row: int, cells: Mapping[int, str]) -> None:
    """Changes cells of a labelled picture, both counted from 0; the first cell is the path of the picture."""
    path = os.path.join(project, "labeled-data", clip, "CollectedData_me.csv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for number, text in cells.items():
        rows[3 + row][number] = text
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def begin(config: TrainConfig) -> list[str]:
    """Begins or resumes a run without training it; returns the lines for the user."""
    run = run_directory.prepare(config)
    source = selection.open_data(config.data.source, config.data)
    found = run_directory.resumed_skeleton(run, source.skeleton)
    split = selection.split_data(source, config.data)
    return run_directory.begin(run, config, found, split)


def make_config(run_dir: Any, data: str, **changes: Any) -> TrainConfig:
    """Returns the configuration of a run on a project."""
    return TrainConfig.from_flags(**{"run_dir": str(run_dir), "data": data, **changes})
