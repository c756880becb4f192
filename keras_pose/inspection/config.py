"""The flags of `keras-pose inspect`. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import re

from keras_pose import options
from keras_pose.data.config import DataConfig
from keras_pose.data.several_sources import split_specs
from keras_pose.options import option, part


@dataclasses.dataclass(frozen=True)
class InspectConfig:
    """An inspection of one source of data."""

    data: DataConfig = part(DataConfig)
    out_dir: str = option(
        "", "Folder to write to: facts.json, contact_sheet.png, proposed.flags. By default inspect/<name of the data>."
    )
    run_dir: str = option("", "Run folder that the proposed flags name; by default runs/<name of the data>.")
    minutes: float = option(
        8.0,
        "Minutes that the proposed training may take on this machine; fewer make the steps fewer. It is a rule of "
        "thumb; the time that was measured is in the proposal.",
        at_least=0.1,
    )
    measure: bool = option(
        True,
        "Train a few steps of the proposed net to tell the time that it will take. This loads TensorFlow and takes "
        "most of the time of an inspection.",
    )
    pictures: int = option(12, "Labelled frames on the contact sheet; 0: no sheet.", at_least=0, at_most=200)

    def __post_init__(self) -> None:
        options.check(self)

    @property
    def name(self) -> str:
        """A name for the data: the last part of its path that says something, fit for a folder."""
        path = os.path.abspath(split_specs(self.data.source)[0])
        stem = os.path.splitext(os.path.basename(path))[0]
        if stem in ("annotations", "config", "data", "labels"):
            stem = os.path.basename(os.path.dirname(path))
        return re.sub(r"[^A-Za-z0-9._-]+", "_", stem).strip("._") or "data"

    @property
    def folder(self) -> str:
        """The folder to write to."""
        return self.out_dir or os.path.join("inspect", self.name)
