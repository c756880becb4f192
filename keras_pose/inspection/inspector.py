"""Inspects a source: facts, suspects, a contact sheet, and proposed flags with the time that they take.

Everything but the time works without TensorFlow. The time comes from `measure`, a function of the proposed
configuration, its clips and its skeleton, because a training cannot be built in this room.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any, Optional

from keras_pose import console, files
from keras_pose.data import data_notes, mirroring, selection, several_sources
from keras_pose.data.selection import DataSplit
from keras_pose.data.source import Source
from keras_pose.data.synthetic import versions
from keras_pose.inspection import contact_sheet, facts_text, flagfile, held_out, proposal, suspects
from keras_pose.inspection.config import InspectConfig
from keras_pose.inspection.facts import SourceFacts, gather_facts
from keras_pose.inspection.machine import Machine, look_around
from keras_pose.options import flags_of, values
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton
from keras_pose.viz.pictures import save_png

Measure = Callable[[TrainConfig, DataSplit, Skeleton], Optional[float]]


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What an inspection found.

    Args:
      source: the data, with valid labels only.
      facts: facts about the labels.
      machine: this machine.
      config: the proposed configuration.
      flagfile: path of the proposed flags.
      seconds: seconds that the proposed training takes; None if they were not measured.
    """

    source: Source
    facts: SourceFacts
    machine: Machine
    config: TrainConfig
    flagfile: str
    seconds: float | None


def inspect(
    config: InspectConfig, echo: Callable[[str], None] = console.show, measure: Measure | None = None
) -> Inspection:
    """Inspects a source and writes what it found into `config.folder`.

    Args:
      config: what to inspect, and where to write.
      echo: function that shows a line of text.
      measure: function that returns the seconds that a training takes; None: the time stays unknown.

    Raises:
      ValueError, OSError: if the data cannot be read, or the folder not written.
    """
    folder = config.folder
    files.check_folder(folder, "--out_dir")
    source, data = _open(config, echo)
    data_notes.echo_data_problems(source, echo, os.path.join(folder, data_notes.FILE_NAME))
    facts = gather_facts(source)
    found = {"outliers": suspects.find_outliers(source), "duplicates": suspects.find_duplicates(source)}
    for line in facts_text.describe(source, facts, found):
        echo(line)
    if config.pictures:
        _draw(config, source, echo)
    machine = look_around()
    # Propose flags, and measure what they cost.
    if _is_short_clip(config):
        facts = dataclasses.replace(facts, num_with_video=0)
    specs = several_sources.split_specs(config.data.source)
    own = [clip for clip in source.clips if clip.source == source.clips[0].source]
    test = held_out.choose_test(specs[0], own, facts, folder)
    choices = proposal.propose(facts, machine, source.skeleton, test, config.minutes, config.data.validation_fraction)
    if test.names:
        files.write_text(test.value, "\n".join(test.names) + "\n")
    run_dir = config.run_dir or os.path.join("runs", config.name)
    proposed = flagfile.build_config(run_dir, data, choices)
    seconds = measure(proposed, _small_split(source, proposed), source.skeleton) if measure else None
    path = os.path.join(folder, "proposed.flags")
    time = _describe_time(seconds, machine)
    about = [f"{facts.num_frames} labelled frames of {config.data.source}, for {machine.describe()}.", f"Time: {time}."]
    flagfile.write_flagfile(path, run_dir, data, choices, about)
    record = {"source": config.data.source, **facts.to_dict(), **found, "skipped": list(source.skipped)}
    record["proposal"] = {"flags": {**data, **{c.flag: c.value for c in choices}}, "seconds": seconds}
    files.write_json(os.path.join(folder, "facts.json"), record)
    echo(f"proposed for {machine.describe()} ({time}):")
    for choice in choices:
        echo(f"  --{choice.flag}={choice.value}  {choice.reason}")
    echo(f"to train: python train.py --flagfile={path}")
    return Inspection(source, facts, machine, proposed, path, seconds)


def _describe_time(seconds, machine):
    if seconds is None:
        return "not measured"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    busy = ", while other programs kept it busy" if load > 1.5 * machine.cores else ""
    return f"about {console.format_time(seconds)} on this machine (measured{busy})"


def _open(config, echo):
    """Returns the source with valid labels, and the flags that read it so."""
    defaults = {flag.name: flag.field.default for flag in flags_of(type(config.data))}
    given: dict[str, Any] = values(config.data)
    data = {name: value for name, value in given.items() if value != defaults[name]}
    for name in ("test_clips", "test_fraction", "test_data"):
        data.pop(name, None)
    data["data"] = config.data.source
    try:
        return selection.open_data(config.data.source, config.data), data
    except ValueError as error:
        if config.data.on_bad_label == "skip":
            raise
        reading = dataclasses.replace(config.data, on_bad_label="skip")
        try:
            source = selection.open_data(config.data.source, reading)
        except ValueError:
            raise error from None
        echo(f"label problems: {error}")
        return source, {**data, "on_bad_label": "skip"}


def _draw(config, source, echo):
    path = os.path.join(config.folder, "contact_sheet.png")
    sheet, faults = contact_sheet.draw_contact_sheet(source, config.pictures, config.name)
    save_png(path, sheet)
    for fault in faults[:3]:
        echo(f"warning: {fault}")
    echo(f"contact sheet: {path}")
    echo(mirroring.describe_mirroring(TrainConfig(run_dir="none").augmentation, source.skeleton))


def _is_short_clip(config):
    """Whether the frames are synthetic clips too short for a window of neighbours."""
    return versions.version_of(config.data.source) > 0 and config.data.signer_frames < 11


def _small_split(source, proposed):
    """The clips that the proposed training would see, but for its test set, which may not be written yet."""
    config = dataclasses.replace(proposed.data, test_clips="", test_fraction=0.0, test_source="")
    split = selection.split_data(source, config)
    return DataSplit(split.train, split.validation, [])
