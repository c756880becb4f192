"""Which pictures a run sees: whole ones, if it began before there was `--person_crop`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_pose import files
from keras_pose.data import person_crop

if TYPE_CHECKING:
    from keras_pose.runs.config import TrainConfig

_LINE = "--person_crop="


def began_whole(flags: str) -> bool:
    """Whether an earlier version began a run, which knew no regions around people; of a new one, no.

    Args:
      flags: path of the flagfile of the run.
    """
    if not os.path.exists(flags):
        return False
    return not any(line.lstrip().startswith(_LINE) for line in files.read_text(flags).split("\n"))


def keep_crop(config: TrainConfig, flags: str) -> TrainConfig:
    """Returns a configuration that sees what the run sees: whole pictures, if it began so and nothing else is chosen.

    Args:
      config: configuration of the run, or to resume it with.
      flags: path of the flagfile of the run.
    """
    if config.data.person_crop != person_crop.AUTO or not began_whole(flags):
        return config
    return config.replace(person_crop=person_crop.NONE)
