"""The command `keras-pose import-caffe <file>.caffemodel [<file>.prototxt]`: a run of published weights."""

from __future__ import annotations

import os
from collections.abc import Sequence

from absl import flags as absl_flags

from keras_pose import console
from keras_pose.caffe.config import ImportCaffeConfig
from keras_pose.cli import commands

absl_flags.disclaim_key_flags()  # a flag belongs to the program that runs, whose --help lists it


def main(arguments: Sequence[str], program: str) -> None:
    """Makes a run of the weights of a published Caffe net.

    Args:
      arguments: command line without the program's name; the first ones may be the weights and the description.
      program: name that begins each error message.
    """
    commands.run(ImportCaffeConfig, _import, name_files(arguments), program)


def name_files(arguments: Sequence[str]) -> list[str]:
    """Puts the flags before the files that are given without them at the beginning."""
    named = list(arguments)
    for place, flag in enumerate(("weights", "description")):
        if len(named) <= place or named[place].startswith("-"):
            break
        named[place] = f"--{flag}={named[place]}"
    return named


def _import(config):
    for flag in ("weights", "description"):
        path = getattr(config, flag)
        if path and not os.path.isfile(path):
            raise ValueError(f"--{flag}: expected a file, found none at {path}")
    with console.quiet_import():
        from keras_pose.caffe import importing
    importing.import_caffe(config)
