"""Runs that were never trained, with test clips that they keep out of training."""

from __future__ import annotations

from typing import Any

from keras_pose import files
from keras_pose.data import selection
from keras_pose.runs import run_directory
from tests.helpers.exported_runs import write_run


def write_tested_run(folder: Any, **flags: Any) -> str:
    """Writes a run whose split names the clips of --test_data as its test set; returns its folder."""
    _, config, path = write_run(folder, **flags)
    held_out = selection.open_data(config.data.test_source, config.data).clips
    split = {"train": {}, "validation": {}, "test": {clip.name: clip.labelled.tolist() for clip in held_out}}
    files.write_json(run_directory.RunDirectory(path).split, split)
    return path
