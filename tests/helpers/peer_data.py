"""Files for other tools, written from a small project."""

from __future__ import annotations

import os

from benchmarks.peers import data_files
from keras_pose.data import selection
from keras_pose.data.selection import DataSplit
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from tests.helpers import small_project

TEST_CLIP = "s2"


def write_project(root: str) -> str:
    """Writes a project of 12 pictures, and the list of the clip to hold out; returns its folder."""
    project = small_project.write_project(os.path.join(root, "project"))
    with open(os.path.join(project, "test_clips.txt"), "w", encoding="utf-8") as file:
        file.write(f"{TEST_CLIP}\n")
    return project


def open_split(project: str) -> tuple[DataSplit, Skeleton]:
    """Opens it and splits it."""
    test_clips = os.path.join(project, "test_clips.txt")
    config = TrainConfig.from_flags(run_dir="unused", data=project, test_clips=test_clips, validation_fraction=0.2)
    source = selection.open_data(config.data.source, config.data)
    return selection.split_data(source, config.data), source.skeleton


def write(root: str) -> tuple[str, DataSplit, Skeleton]:
    """Writes the files; returns their folder, the split and the skeleton."""
    split, skeleton = open_split(write_project(root))
    folder = os.path.join(root, "data")
    data_files.write(folder, split, skeleton)
    return folder, split, skeleton
