"""Writes proposed flags as a flagfile: a comment with the reason above each flag."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from keras_pose import files, options
from keras_pose.inspection.proposal import Choice
from keras_pose.runs.config import TrainConfig


def build_config(run_dir: str, data: Mapping[str, Any], choices: Sequence[Choice]) -> TrainConfig:
    """Returns the configuration that proposed flags stand for.

    Args:
      run_dir: folder of the run.
      data: flags of the data by name.
      choices: proposed flags.

    Raises:
      ValueError: if they are no configuration.
    """
    kinds = {flag.name: flag.kind for flag in options.flags_of(TrainConfig)}
    values = {choice.flag: _convert(choice.value, kinds[choice.flag]) for choice in choices}
    return TrainConfig.from_flags(run_dir=run_dir, **{**data, **values})


def write_flagfile(
    path: str, run_dir: str, data: Mapping[str, Any], choices: Sequence[Choice], about: Sequence[str]
) -> None:
    """Writes a flagfile for `python train.py --flagfile=<path>`.

    Args:
      path: path of the file.
      run_dir: folder of the run.
      data: flags of the data by name.
      choices: proposed flags.
      about: lines for the head of the file: data, machine, time.
    """
    lines = [f"# python train.py --flagfile={path}", *(f"# {line}" for line in about)]
    lines.append(f"--run_dir={run_dir}")
    lines += [f"--{name}={_to_text(value)}" for name, value in data.items()]
    for choice in choices:
        lines += [f"# {choice.reason}", f"--{choice.flag}={choice.value}"]
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    files.write_text(path, "\n".join(lines) + "\n")


def _convert(text, kind):
    return text == "true" if kind is bool else kind(text)


def _to_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)
