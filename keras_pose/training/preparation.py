"""What can be checked before a training without TensorFlow: paths, flags, labels. So mistakes are reported at once."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator

from keras_pose import console, options
from keras_pose.data import data_notes, groups, importers, selection, several_sources, splits
from keras_pose.data.clip import Clip
from keras_pose.data.data_notes import echo_data_problems
from keras_pose.data.frame_rates import describe_windows
from keras_pose.data.open_source import check_exists
from keras_pose.data.selection import DataSplit
from keras_pose.data.shard_frames import check_neighbours
from keras_pose.data.source import Source
from keras_pose.models.presets import BACKBONES
from keras_pose.pooling.config import AUTO
from keras_pose.pooling.names import POOLINGS
from keras_pose.runs import run_directory, run_flags, temporal_choice
from keras_pose.runs.checkpoint_files import newest_step
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.skeleton import Skeleton
from keras_pose.training import unlabelled_clips, workers


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A training whose folder is held and whose data is open.

    Args:
      run: folder of the run.
      config: configuration of the run.
      source: the data, with valid labels only.
      split: its clips for training, validation and testing.
      unlabelled: clips of the unlabelled frames that a net for single frames also learns from.
    """

    run: RunDirectory
    config: TrainConfig
    source: Source
    split: DataSplit
    unlabelled: tuple[Clip, ...] = ()


@contextlib.contextmanager
def prepare(config: TrainConfig, echo: Callable[[str], None] = console.show) -> Iterator[Prepared]:
    """Checks paths and flags, opens the data, and keeps other processes out of the folder of the run in the block.

    Args:
      config: configuration of the run.
      echo: function that shows a line of text.

    Yields:
      What `runner.train_prepared` needs.

    Raises:
      ValueError, OSError: for flags, data or a run directory that do not fit, or if another process trains in it.
    """
    config = keep_defaults(config, echo)
    check_paths(config)
    with workers.own_folder(config, echo) as config:
        yield from _prepare_in(config, echo)


def _prepare_in(config: TrainConfig, echo: Callable[[str], None]) -> Iterator[Prepared]:
    run = run_directory.prepare(config)
    with run_directory.lock(run, echo):
        source = selection.open_data(config.data.source, config.data)
        echo_data_problems(source, echo, os.path.join(run.path, data_notes.FILE_NAME))
        source = dataclasses.replace(source, skeleton=run_directory.resumed_skeleton(run, source.skeleton))
        test_notes = os.path.join(run.path, data_notes.TEST_FILE_NAME)
        lines: list[str] = []
        split = selection.split_data(
            source, config.data, lambda other: echo_data_problems(other, echo, test_notes), lines.append
        )
        clips = [*split.train, *split.validation, *split.test]
        check_neighbours(clips, config.offsets)
        if config.model.kind.sees_window:
            lines += describe_windows(clips, config.window)
        lines += several_sources.describe_drawing(split.train, config.data)
        held_out = [*split.validation, *split.test]
        unlabelled = unlabelled_clips.open_frames(config, split.train, held_out, lines.append)
        for line in lines:
            echo(line)
        data_notes.add_lines(os.path.join(run.path, data_notes.FILE_NAME), lines)
        selection.note_unlabelled_joints(split.train, source.skeleton, echo)
        if config.model.init_from and not newest_step(run.checkpoints):
            check_start(config.model.init_from, config, source.skeleton)
        yield Prepared(run, config, source, split, tuple(unlabelled))


def keep_defaults(config: TrainConfig, echo: Callable[[str], None]) -> TrainConfig:
    """Returns the configuration of a run that is begun or resumed: as it began, if the flags leave that open.

    Args:
      config: configuration that the flags ask for.
      echo: function that shows a line of text.
    """
    run = RunDirectory(config.run_dir)
    resumed, kept = run_flags.resume(config, [run.flags, RunDirectory(run.frame_net).flags])
    kind = config.model.kind
    specs = several_sources.split_specs(config.data.source)
    matters = {
        "person_crop": any(importers.tells_places(spec) for spec in specs),
        "frame_stride": kind.sees_window,
        "pooling": kind.pools,
    }
    for former in kept:
        if matters.get(former.flag, True):
            echo(f"note: {run.path} began {former.note.format(value=former.value)}")
    return resumed


def check_paths(config: TrainConfig) -> None:
    """Checks that the paths of a configuration exist, before anything is read or written.

    Raises:
      ValueError, OSError: for a path that is not there; the message names it.
    """
    data = config.data
    specs = several_sources.split_specs(data.source)
    several_sources.parse_weights(data.source_weights, len(specs))
    several_sources.parse_shares(data.source_shares, dict.fromkeys(several_sources.name_sources(specs), 1))
    groups.check(data.group_by)
    for flag, spec in (*(("--data", spec) for spec in specs), ("--test_data", data.test_source)):
        if spec:
            check_exists(spec, flag)
    if data.test_clips:
        with name_flag("--test_clips"):
            splits.read_clip_names(data.test_clips)
    weights = config.model.backbone_weights
    if weights not in ("none", "imagenet") and not any(map(os.path.isfile, (weights, _saved_model(weights)))):
        backbone = BACKBONES.get(config.model.preset)
        name = f"{config.model.preset} without top ({backbone.file})" if backbone else "a backbone"
        raise OSError(f"--backbone_weights={weights}: no such file; expected the weights of {name}, imagenet, or none")
    unlabelled_clips.check_flags(config)
    if temporal_choice.is_open(config) and not (config.phases.net_steps or config.model.init_from):
        raise ValueError(
            f"--pooling={AUTO}: expected --net_steps or --init_from, because it is chosen on the maps of a trained "
            f"net; or name a kind ({', '.join(POOLINGS)}) to train everything from scratch"
        )
    if config.model.init_from and not newest_step(RunDirectory(config.run_dir).checkpoints):
        with name_flag("--init_from"):
            run_directory.open_run(config.model.init_from)


def _saved_model(folder):
    return os.path.join(folder, "saved_model.pb")


@contextlib.contextmanager
def name_flag(flag: str) -> Iterator[None]:
    """Puts the name of a flag in front of a ValueError of the block."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{flag}: {error}") from error


def describe_interruption(run_dir: str) -> str:
    """Returns what an interrupted training has kept, and how it goes on."""
    run = RunDirectory(run_dir)
    inner = RunDirectory(run.frame_net)
    for of_run, name in ((run, ""), (inner, " of the single-frame net")):
        step = newest_step(of_run.checkpoints)
        if step:
            return f"interrupted; the same command resumes from the last checkpoint{name}, step {step}"
    return "interrupted before the first checkpoint; the same command starts again"


def check_start(start: str, config: TrainConfig, run_skeleton: Skeleton) -> bool:
    """Checks by its flags that a run can start from the weights of another one.

    Args:
      start: folder of the other run, as `--init_from`.
      config: the configuration of this run.
      run_skeleton: the skeleton of this run.

    Returns:
      Whether the other net becomes the net for single frames inside a flowing net.

    Raises:
      ValueError: if that folder is no trained run, or a run of another net; the message names the flags that differ.
    """
    place = f"--init_from={start}"
    _, other, other_skeleton = run_directory.open_run(start)
    is_open = temporal_choice.is_open(config)
    if is_open and other_skeleton.joints != run_skeleton.joints:
        joints = ", ".join(run_skeleton.joints)
        others = ", ".join(other_skeleton.joints)
        raise ValueError(
            f"{place}: expected the joints {joints} with --pooling={AUTO}, which is chosen on the maps of that net, "
            f"received {others}; train a run of --model=heatmap from it first"
        )
    if config.model.kind.pools and other.model.kind.pools and other_skeleton.joints != run_skeleton.joints:
        joints = ", ".join(run_skeleton.joints)
        others = ", ".join(other_skeleton.joints)
        raise ValueError(
            f"{place}: expected the joints {joints}, or a run of --model=heatmap, received {others}: pooling is learnt "
            "for each joint"
        )
    inner = config.model.kind.pools and not other.model.kind.sees_window and other.model.kind.predicts_heatmaps
    if is_open and other.model.kind.pools:  # of the other flowing net, only its net for single frames is taken
        inner = True
        other = other.of_frame_net()
    differences = _differing_flags(other, config.of_frame_net() if inner else config)
    if differences:
        raise ValueError(f"{place}: expected a run of the same net, received {'; '.join(differences)}")
    return inner


def _differing_flags(there, here):
    """Returns a line for each flag that differs among those that decide which weights a net has."""
    names = here.model.kind.weight_flags
    if "input_size" in names and there.model.input_size_hw == here.model.input_size_hw:
        names = tuple(name for name in names if name != "input_size")
    old = options.values(there)
    new = options.values(here)
    return [f"--{name}={old[name]} there, {new[name]} here" for name in names if old[name] != new[name]]
