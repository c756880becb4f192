"""Which flags may have other values when a run is resumed, and what is written about it.

Each flag declares its rule where it is declared (`options.RESUME_RULES`):
- same: it changes what is learnt, so it must be the same;
- data: the labels, pictures and split must be the same, wherever they are (`data_digest`);
- start: the file that it names must have the same content;
- length: the run may become longer, or shorter down to the step that it has reached. The learning rate of a step is
  then that of a run of the new length: it may jump once, and its rise at the start is not repeated;
- free: it changes nothing that is learnt.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from keras_pose import files, options, skeleton
from keras_pose.runs import checkpoint_files, data_digest, run_flags
from keras_pose.runs.config import TrainConfig
from keras_pose.skeleton import Skeleton

if TYPE_CHECKING:
    from keras_pose.runs.run_directory import RunDirectory


def find_changes(old: TrainConfig, new: TrainConfig) -> list[options.Flag]:
    """Returns the flags whose values differ."""
    there = options.values(old)
    here = options.values(new)
    return [flag for flag in options.flags_of(TrainConfig) if there[flag.name] != here[flag.name]]


def check_flags(run: RunDirectory, new: TrainConfig) -> None:
    """Checks that a run may be resumed with a configuration. Its data is checked later, when it is open.

    If the digests of the data are not known, because an earlier version began the run, then the data must be at the
    same place, or gone from there.

    Args:
      run: folder of the run.
      new: the configuration to resume it with.

    Raises:
      ValueError: names the flags that must not differ.
    """
    old = run_flags.read(run.flags)
    new, _ = run_flags.resume(new, [run.flags])
    known = read_data(run)
    there = options.values(old)
    here = options.values(new)
    refused = []
    for flag in find_changes(old, new):
        before = there[flag.name]
        now = here[flag.name]
        allowed = flag.resume in (options.FREE, options.LENGTH)
        if flag.resume == options.DATA:
            allowed = known is not None or _is_same_place(before, now) or not os.path.exists(before)
        if flag.resume == options.START:
            allowed = _is_same_place(before, now) or (
                known is not None and known["start"].get(flag.name) == _digest_start(flag.name, now)
            )
        if not allowed:
            refused.append(f"--{flag.name}={before} there, {now} now")
    if refused:
        raise ValueError(
            f"--run_dir: {run.path} holds a run of another configuration ({'; '.join(refused)}). "
            "Choose another --run_dir, or use the flags in its flags.txt to resume it."
        )
    _check_length(new, checkpoint_files.newest_step(run.checkpoints), run.path)


def _check_length(config, step, run_dir):
    optimisation = config.optimisation
    if optimisation.steps < step:
        raise ValueError(
            f"--steps: expected at least {step}, the step that the run in {run_dir} has reached, received "
            f"{optimisation.steps}"
        )
    if step % optimisation.validate_every:
        raise ValueError(
            f"--validate_every: expected a divisor of {step}, the step that the run in {run_dir} has reached, received "
            f"{optimisation.validate_every}"
        )


def check_data(run: RunDirectory, config: TrainConfig, now: Skeleton, digests: data_digest.Sets) -> None:
    """Compares the joints, flip pairs, labels and pictures of a run with those of now.

    Args:
      run: folder of the run.
      config: configuration to resume it with.
      now: skeleton of the data.
      digests: what `data_digest.describe` returns for the data.

    Raises:
      ValueError: names the first change.
    """
    place = f"of --data={config.data.source} have changed since this run started"
    way_on = "Choose another --run_dir (--init_from starts it from the weights of this run), or restore the data."
    then = skeleton.load(run.skeleton)
    if not skeleton.same_joints(then, now):
        joints = f"{', '.join(then.joints)} then, {', '.join(now.joints)} now"
        raise ValueError(f"{run.skeleton}: the joints {place}: {joints}. {way_on}")
    known = read_data(run)
    pair = _find_changed_pair(then.flip_pairs, now.flip_pairs) if known is not None else ""
    if pair:
        raise ValueError(f"{run.skeleton}: the flip pairs {place}: {pair}. {way_on}")
    sets = known["sets"] if known is not None else data_digest.from_split(files.read_json(run.split))
    change = data_digest.find_change(sets, digests)
    if change:
        crops = [run_flags.read(run.flags).data.person_crop, config.data.person_crop]
        if crops[0] != crops[1]:  # clips are people, or films and pictures
            change += f" (--person_crop={crops[0]} there, {crops[1]} now)"
        raise ValueError(f"{run.split}: the labelled frames {place}: {change}. {way_on}")


def _find_changed_pair(then, now):
    before = {frozenset(pair) for pair in then}
    after = {frozenset(pair) for pair in now}
    for left, right in (*then, *now):
        if (frozenset((left, right)) in before) != (frozenset((left, right)) in after):
            return f"{left} and {right} are {'now' if frozenset((left, right)) in after else 'no longer'} a pair"
    return ""


def record_changes(run: RunDirectory, inner: RunDirectory, new: TrainConfig) -> list[str]:
    """Writes which flags have changed, and where the data of the net for single frames is now.

    Args:
      run: folder of the run, whose flags are still the old ones.
      inner: folder of the run of its net for single frames; it may not exist.
      new: configuration to resume the run with, of which `check_flags` approves.

    Returns:
      Lines for the user.
    """
    old = run_flags.read(run.flags)
    new, _ = run_flags.resume(new, [run.flags])
    there = options.values(old)
    here = options.values(new)
    step = checkpoint_files.newest_step(run.checkpoints)
    names = [flag.name for flag in find_changes(old, new) if flag.resume != options.FREE]
    lines = [f"--{name}: {there[name]} before, {here[name]} from step {step} on" for name in names]
    if names:
        before = files.read_json(run.changes) if os.path.exists(run.changes) else []
        record = {"step": step, "before": {n: there[n] for n in names}, "after": {n: here[n] for n in names}}
        files.write_json(run.changes, [*before, record])
    if "steps" in names:
        lines.append(f"the learning rate is from now on that of a run of {here['steps']} steps")
    if os.path.exists(inner.flags):
        alone = options.load(TrainConfig, inner.flags)
        moved = {flag.name: here[flag.name] for flag in find_changes(alone, new) if flag.resume == options.DATA}
        if moved:
            options.write(alone.replace(**moved), inner.flags)
    return lines


def read_data(run: RunDirectory) -> dict[str, Any] | None:
    """Returns what `describe_data` returned when the run began; None for a run of an earlier version.

    Raises:
      ValueError: if the file is damaged; the message names it.
    """
    if not os.path.exists(run.data):
        return None
    known = files.read_json(run.data)
    if not _describes_data(known):
        raise ValueError(
            f"{run.data}: expected the digests of a run's data, found something else; the file is damaged: copy it "
            "from a backup, or remove it to resume without a check of the data"
        )
    return known


def _describes_data(known):
    """Whether JSON has the form of `describe_data`."""
    try:
        clips = [clip for clips in known["sets"].values() for clip in clips.values()]
        texts = [clip["video"] for clip in clips]
        texts += [digest for clip in clips for digest in clip["frames"].values()]
        numbers = [position for clip in clips for position in clip["frames"]]
        good = all(isinstance(text, str) for text in texts) and all(map(str.isdigit, numbers))
        return good and isinstance(known["keeps_pairs"], bool) and isinstance(known["start"], dict)
    except (KeyError, TypeError, AttributeError):
        return False


def describe_data(config: TrainConfig, digests: data_digest.Sets, keeps_pairs: bool) -> dict[str, Any]:
    """Describes what a run must find again when it is resumed, for JSON.

    Args:
      config: configuration of the run.
      digests: what `data_digest.describe` returned.
      keeps_pairs: whether the flip pairs of its skeleton.json stay, because an earlier version began the run.

    Returns:
      {"start": digests of the files to start from by flag, "keeps_pairs": as given, "sets": the digests}.
    """
    values = options.values(config)
    names = [flag.name for flag in options.flags_of(TrainConfig) if flag.resume == options.START]
    start = {name: _digest_start(name, values[name]) for name in names}
    return {"start": start, "keeps_pairs": keeps_pairs, "sets": digests}


def _digest_start(name, value):
    """The digest of a file or of the weights of a run; for any other value the value itself."""
    path = os.path.join(value, "model.weights.h5") if name == "init_from" and value else value
    return data_digest.digest_file(path) if os.path.isfile(path) else value


def _is_same_place(a, b):
    return bool(a) and bool(b) and os.path.realpath(a) == os.path.realpath(b)
