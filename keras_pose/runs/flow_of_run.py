"""Which flow estimator a run has.

`--flow=auto` means the estimator that is recommended today, and another release may recommend another one. A pooling
that was learnt on one flow should meet the same flow later, so a run keeps its estimator: its flags name it. Flags that
say `auto` were written by an earlier release, and mean what that release took: as `auto` today for small inputs, DIS
fast for others.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_pose import options
from keras_pose.flow.names import DIS_FAST, DIS_ULTRAFAST
from keras_pose.pooling.config import AUTO
from keras_pose.runs import crop_of_run
from keras_pose.runs.config import TrainConfig

if TYPE_CHECKING:
    from keras_pose.runs.run_directory import RunDirectory

_FORMER = {DIS_ULTRAFAST: DIS_FAST}  # what `auto` was, by what it is now, if that differs


def read_config(path: str) -> TrainConfig:
    """Reads the flags of a run; its flow estimator is named, also if an earlier release wrote `auto`.

    A run of an earlier release sees whole pictures (`crop_of_run`).

    Args:
      path: the flagfile of the run.

    Raises:
      ValueError: for a line that is not a flag; the message names file and line.
    """
    config = crop_of_run.keep_crop(options.load(TrainConfig, path), path)
    named = config.flow_estimator
    return config.replace(flow=_FORMER.get(named, named) if config.window.flow == AUTO else named)


def adopt_flow(old: TrainConfig, new: TrainConfig) -> TrainConfig:
    """Returns the configuration to resume a run with: `auto` is the estimator that the run has.

    Args:
      old: configuration of the run, as `read_config` returns it.
      new: configuration of now.
    """
    return new.replace(flow=old.window.flow) if new.window.flow == AUTO else new


def name_flow(config: TrainConfig, run: RunDirectory, inner: RunDirectory) -> TrainConfig:
    """Returns the configuration with a named flow estimator instead of `auto`, before a run begins or is resumed.

    Args:
      config: configuration of the run.
      run: folder of the run, which may be new.
      inner: folder of the run of its net for single frames; it may have begun before the run itself.
    """
    for begun in (run, inner):
        if os.path.exists(begun.flags):
            return adopt_flow(read_config(begun.flags), config)
    return config.replace(flow=config.flow_estimator)
