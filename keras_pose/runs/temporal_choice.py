"""What `--pooling=auto` chose in a run: `temporal_choice.json`, read here and written by `keras_pose.choosing`.

The flags of the run keep `auto`. `run_directory.open_run` returns the configuration with the choice in it, so that
whatever reads a run sees the pooling, the window and the flow that its net has. Loads no TensorFlow.
"""

from __future__ import annotations

import os
from typing import Any

from keras_pose import files
from keras_pose.pooling.config import AUTO
from keras_pose.runs.config import TrainConfig

FILE_NAME = "temporal_choice.json"
# The flags that are chosen; each is a key of the file.
CHOSEN_FLAGS = ("pooling", "window", "window_seconds", "frame_stride", "flow")


def is_open(config: TrainConfig) -> bool:
    """Whether a configuration leaves its pooling to be chosen."""
    return config.model.kind.pools and config.window.pooling == AUTO


def path_in(run_dir: str) -> str:
    """Returns the path of the file in the folder of a run."""
    return os.path.join(run_dir, FILE_NAME)


def read(run_dir: str) -> dict[str, Any] | None:
    """Returns what was chosen in a run; None if nothing was.

    Raises:
      ValueError: if the file lacks a flag, or is not JSON; the message names it.
    """
    path = path_in(run_dir)
    if not os.path.exists(path):
        return None
    choice = files.read_json(path)
    missing = [name for name in CHOSEN_FLAGS if not isinstance(choice, dict) or name not in choice]
    if missing:
        raise ValueError(f"{path}: expected a choice with {', '.join(CHOSEN_FLAGS)}, found none of {missing[0]}")
    return choice


def apply(config: TrainConfig, choice: dict[str, Any]) -> TrainConfig:
    """Returns a configuration with the pooling, window and flow of a choice."""
    return config.replace(**{name: choice[name] for name in CHOSEN_FLAGS})


def resolve(config: TrainConfig, run_dir: str) -> TrainConfig:
    """Returns the configuration of a run with its choice in it; unchanged if its flags leave nothing to choose.

    Args:
      config: configuration of the run, as its flags say.
      run_dir: folder of the run.

    Raises:
      ValueError: if nothing was chosen yet; the message names the file.
    """
    if not is_open(config):
        return config
    choice = read(run_dir)
    if choice is None:
        raise ValueError(
            f"{run_dir}: expected {FILE_NAME}, which says what --pooling=auto chose, but it does not exist; restore "
            "it, or train the run again"
        )
    return apply(config, choice)
