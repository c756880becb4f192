"""The unlabelled frames of a run: which clips they may come from, which frames of them, and the record of both.

No frame of a validation or test clip teaches, nor one of a clip that shares a group with them: their figures would
be too good. Loads no TensorFlow.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from keras_pose import files
from keras_pose.data import groups
from keras_pose.data.clip import Clip
from keras_pose.data.several_sources import original_session
from keras_pose.runs import data_digest
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.run_directory import RunDirectory
from keras_pose.runs.unlabelled_flags import NEIGHBOURS
from keras_pose.training import unlabelled_sources
from keras_pose.training.unlabelled_sources import FLAG
from keras_pose.words import count

FILE_NAME = "unlabelled.json"


def check_flags(config: TrainConfig) -> None:
    """Checks the flags of unlabelled video before anything is read.

    Raises:
      ValueError: if the net or the number of steps does not fit, or a path does not exist; the message names the flag.
    """
    source = config.unlabelled.source
    if not source:
        return
    kind = config.model.kind
    steps = config.phases.net_steps if kind.pools else config.optimisation.steps
    fits = kind.predicts_heatmaps and (not kind.sees_window or (kind.pools and steps > 0))
    if not fits:
        raise ValueError(
            f"{FLAG}={source}: expected --model=heatmap, or --model=flowing with --net_steps, because the maps of a "
            f"net for single frames teach it; received --model={kind.name}"
        )
    if config.unlabelled.warmup_steps >= steps:
        flag = "--net_steps" if kind.pools else "--steps"
        raise ValueError(
            f"--unlabelled_warmup: expected less than {flag}={steps}, received {config.unlabelled.warmup_steps}: "
            "unlabelled frames would never count"
        )
    unlabelled_sources.check_exists(source)


def open_frames(
    config: TrainConfig, train: Sequence[Clip], held_out: Sequence[Clip], tell: Callable[[str], None]
) -> list[Clip]:
    """Opens the unlabelled frames of a run.

    Args:
      config: configuration of the run.
      train: its training clips.
      held_out: its validation and test clips.
      tell: function that takes lines about the frames that there are and the clips that were left out.

    Returns:
      Clips whose `labelled` are the unlabelled frames, without any labelled joint; empty without `--unlabelled`.

    Raises:
      ValueError: if there is nothing to learn from, or a video cannot be read.
    """
    source = config.unlabelled.source
    if not source:
        return []
    found = unlabelled_sources.open_clips(source, train, config.data)
    kept = leave_out(found, held_out, tell)
    free = [unlabelled_sources.free_positions(clip, train) for clip in kept]
    quotas = share_out([len(positions) for positions in free], config.unlabelled.num_frames, [c.name for c in kept])
    clips = [_with_frames(clip, spread(places, n)) for clip, places, n in zip(kept, free, quotas) if n]
    if not clips:
        hint = " (separate pictures and shards have no other frames)" if source == NEIGHBOURS else ""
        raise ValueError(
            f"{FLAG}={source}: expected frames without labels, outside the {count(len(held_out), 'clip')} held out for "
            f"validation and test; found none in {count(len(found), 'video')}{hint}"
        )
    number = sum(clip.num_labelled for clip in clips)
    tell(
        f"{FLAG}={source}: {number} of {sum(map(len, free))} frames without labels, from {count(len(clips), 'clip')}; "
        f"they are {100 * config.unlabelled.share:g} % of each step from step {config.unlabelled.warmup_steps} on"
    )
    return clips


def leave_out(clips: Sequence[Clip], held_out: Sequence[Clip], tell: Callable[[str], None]) -> list[Clip]:
    """Leaves out clips that are held out, by name, file or group.

    A video has no group of its own. It counts as one of a group if the group's name is the beginning of its name.

    Args:
      clips: clips of `unlabelled_sources.open_clips`.
      held_out: the validation and test clips.
      tell: function that is told what was left out.
    """
    group_names = {clip.group for clip in held_out}
    sessions = {_plain(name) for clip in held_out for name in (original_session(clip), clip.name)}
    paths = {unlabelled_sources.file_of(clip) for clip in held_out} - {""}
    titles = tuple(f"{_plain(clip.group.removeprefix('group:'))}_" for clip in held_out if groups.is_named(clip))
    kept: list[Clip] = []
    left_out: list[Clip] = []
    for clip in clips:
        name = _plain(original_session(clip))
        same_file = unlabelled_sources.file_of(clip) in paths
        shared = clip.group in group_names or name in sessions or same_file or name.startswith(titles)
        (left_out if shared else kept).append(clip)
    if left_out:
        names = groups.list_names([original_session(clip) for clip in left_out])
        tell(
            f"note: {count(len(left_out), 'unlabelled clip')} left out, which belong to the validation or test set or "
            f"share a group with it: {names}"
        )
    return kept


def share_out(available: Sequence[int], total: int, names: Sequence[str]) -> list[int]:
    """Returns how many frames each clip gives: equally many, as far as it has them.

    Args:
      available: frames of each clip.
      total: frames of all clips together, at most.
      names: names of the clips. If there are more clips than frames, some of them give one each, by a hash of the name.
    """
    given = [0] * len(available)
    order = sorted(range(len(available)), key=lambda i: (available[i], _hash(names[i])))
    usable = [i for i in order if available[i]]
    if len(usable) > total:
        usable = sorted(usable, key=lambda i: _hash(names[i]))[:total]
        return [int(i in usable) for i in range(len(available))]
    left = total
    for place, i in enumerate(usable):
        given[i] = min(available[i], left // (len(usable) - place))
        left -= given[i]
    return given


def spread(positions: np.ndarray, number: int) -> np.ndarray:
    """Returns int64 [number], positions from the middles of equally long parts of those given, int64 [N]."""
    return positions[((np.arange(number) + 0.5) * len(positions) / max(number, 1)).astype(int)]


def keep_record(run: RunDirectory, source: str, clips: Sequence[Clip]) -> None:
    """Writes which frames are learnt from to the folder of a new run, or compares them with those of a resumed one.

    Args:
      run: folder of the run.
      source: value of `--unlabelled`.
      clips: what `open_frames` returned.

    Raises:
      ValueError: if the frames or their videos have changed since the run started.
    """
    path = os.path.join(run.path, FILE_NAME)
    now = data_digest.describe({unlabelled_sources.NAME: clips})
    if not os.path.exists(path):
        files.write_json(path, now)
        return
    place = f"{path}: the unlabelled frames of {FLAG}={source} have changed since this run started"
    way_on = "Choose another --run_dir, or restore the videos."
    before, after = (_positions(sets) for sets in (files.read_json(path), now))
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if changed:
        raise ValueError(f"{place}: other frames of {groups.list_names(changed)}. {way_on}")
    change = data_digest.find_change(files.read_json(path), now)
    if change:
        raise ValueError(f"{place}: {change}. {way_on}")


def _positions(sets):
    return {clip: sorted(entry["frames"]) for clip, entry in sets[unlabelled_sources.NAME].items()}


def _with_frames(clip, positions):
    num_joints = clip.joints.shape[1]
    shape = (len(positions), num_joints)
    return dataclasses.replace(
        clip,
        labelled=positions,
        joints=np.full((*shape, 2), np.nan),
        visibility=np.zeros(shape),
        weights=np.ones(shape),
        origins=(),
    )


def _plain(name):
    """The last part of a name as file systems may write it: `wave/clip_1` and `Clip_1` are one clip."""
    return unicodedata.normalize("NFC", name).casefold().replace("\\", "/").rsplit("/", 1)[-1]


def _hash(name):
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
