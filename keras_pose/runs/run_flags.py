"""The flags of a run, read as they were meant: one table of the defaults of earlier releases.

A flagfile names every flag that its release had. If a flag is missing, then the release was an earlier one, and did
what `FORMER_DEFAULTS` says, whatever today's default is. `read` restores that, so whatever reads a run (evaluation,
prediction, export, resuming) sees the same. If a run is resumed by a command that leaves such a flag open, `resume`
takes the value of the run.

`--flow=auto` means the estimator that is recommended today, and another release may recommend another one. A pooling
that was learnt on one flow should meet the same flow later, so a run names its estimator. Flagfiles that say `auto` are
of earlier releases, and mean what these took (`_FORMER_FLOW`).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any

from keras_pose import files, options
from keras_pose.data import groups, person_crop
from keras_pose.flow.names import DIS_FAST, DIS_ULTRAFAST
from keras_pose.pooling.config import AUTO, WindowConfig
from keras_pose.runs.config import TrainConfig


@dataclasses.dataclass(frozen=True)
class FormerDefault:
    """What earlier releases did if nothing else was asked for.

    Args:
      flag: name of the flag.
      value: its value that says so.
      since: the flag that came with today's default: a flagfile without it is of an earlier release.
      left_open: values by name of the flag with which a command leaves the choice to the run.
      stays: whether a run also goes on with that value if its flags name it.
      note: what a run did, after "<folder> began"; {value} stands for the value.
    """

    flag: str
    value: Any
    since: str
    left_open: Mapping[str, tuple[Any, ...]]
    stays: bool
    note: str


FORMER_DEFAULTS = (
    FormerDefault(
        "group_by",
        groups.SESSION,
        since="group_by",
        left_open={"group_by": (groups.AUTO,)},
        stays=True,
        note="without groups and keeps its split: --group_by={value}",
    ),
    FormerDefault(
        "person_crop",
        person_crop.NONE,
        since="person_crop",
        left_open={"person_crop": (person_crop.AUTO,)},
        stays=False,
        note="with whole pictures and keeps them: --person_crop={value}",
    ),
    FormerDefault(
        "frame_stride",
        1,
        since="window_seconds",
        left_open={"frame_stride": (0,), "window_seconds": (0.0, WindowConfig.window_seconds)},
        stays=True,
        note="with a window in frames and keeps it: --frame_stride={value}",
    ),
    FormerDefault(
        "pooling",
        "parametric",
        since="choice_windows",
        left_open={"pooling": (AUTO,)},
        stays=True,
        note="with --pooling={value}, which was the default, and keeps it",
    ),
)

_FORMER_FLOW = {DIS_ULTRAFAST: DIS_FAST}  # what `auto` was, by what it is now, if that differs


def read(path: str) -> TrainConfig:
    """Reads the flags of a run; missing ones have the defaults that its release had, and its flow estimator is named.

    Args:
      path: the flagfile of the run.

    Raises:
      ValueError: for a line that is not a flag; the message names file and line.
    """
    config = options.load(TrainConfig, path)
    known = _flags_in(path)
    former = [each for each in FORMER_DEFAULTS if not {each.flag, each.since} & known]
    named = config.flow_estimator
    if config.window.flow == AUTO:
        named = _FORMER_FLOW.get(named, named)
    return config.replace(flow=named, **{each.flag: each.value for each in former})


def resume(config: TrainConfig, flagfiles: Sequence[str]) -> tuple[TrainConfig, list[FormerDefault]]:
    """Returns the configuration to begin or resume a run with: what a command leaves open is as the run has it.

    Args:
      config: configuration that the command asks for.
      flagfiles: those of the run and of its net for single frames, which may have begun before; they may not exist.

    Returns:
      The configuration, in which the flow estimator is named, and the former defaults that it keeps.
    """
    path = next((path for path in flagfiles if os.path.exists(path)), "")
    if not path:
        return _name_flow(config), []
    begun = read(path)
    there = options.values(begun)
    here = options.values(config)
    known = _flags_in(path)
    kept = [
        each
        for each in FORMER_DEFAULTS
        if all(here[name] in values for name, values in each.left_open.items())
        and there[each.flag] == each.value
        and (each.stays or each.since not in known)
    ]
    changes = {name: there[name] for each in kept for name in each.left_open}
    if config.window.flow == AUTO:
        changes["flow"] = begun.window.flow
    return config.replace(**changes), kept


def _name_flow(config):
    return config.replace(flow=config.flow_estimator)


def _flags_in(path):
    """The names of the flags in a flagfile."""
    lines = files.read_text(path).split("\n")
    return {line.lstrip().removeprefix("--").partition("=")[0] for line in lines if line.lstrip().startswith("--")}
