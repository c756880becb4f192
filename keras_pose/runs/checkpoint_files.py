"""The files of checkpoints: `step-<step>.npz` in a folder, found by their exact names. Loads no TensorFlow.

The newest two are kept. If the newest is damaged, it gets another name, and the one before becomes the newest.
"""

from __future__ import annotations

import os
import re

from keras_pose import files

# At least eight digits, as `path_of` writes them.
_NAME = re.compile(r"step-([0-9]{8,})\.npz")
DAMAGED = ".damaged"  # ending of the name of a damaged checkpoint
_UNFINISHED = ".writing-"  # how the temporary names of `files.replace_atomically` begin


def path_of(folder: str, step: int) -> str:
    """Returns the path of the checkpoint of a step."""
    return os.path.join(folder, f"step-{step:08d}.npz")


def newest_first(folder: str) -> list[str]:
    """Returns the paths of the checkpoints, the newest first; an empty list if the folder does not exist."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    found = [(int(match[1]), name) for name, match in ((name, _NAME.fullmatch(name)) for name in names) if match]
    return [os.path.join(folder, name) for _, name in sorted(found, reverse=True)]


def newest_step(folder: str) -> int:
    """Returns the step of the newest checkpoint, 0 if there is none."""
    paths = newest_first(folder)
    return step_of(paths[0]) if paths else 0


def step_of(path: str) -> int:
    """Returns the step of a checkpoint that `newest_first` found."""
    return int(os.path.basename(path)[len("step-") : -len(".npz")])


def remove_older(folder: str, kept: int) -> None:
    """Removes all but the newest checkpoints, and the unfinished file of a process that was killed while it wrote.

    Args:
      folder: folder of the checkpoints.
      kept: number of checkpoints to keep.
    """
    unfinished = [name for name in os.listdir(folder) if name.startswith(_UNFINISHED)]
    for path in [*newest_first(folder)[kept:], *(os.path.join(folder, name) for name in unfinished)]:
        os.remove(path)


def set_damaged_aside(folder: str) -> list[str]:
    """Gives a damaged newest checkpoint another name, if there is an older one that is whole.

    Args:
      folder: folder of the checkpoints, to which no other process writes; it may not exist.

    Returns:
      Lines for the user, which say what is damaged and from which step the run goes on.

    Raises:
      ValueError: if there are checkpoints, but none is whole. Nothing is changed then.
    """
    damaged: list[tuple[str, str]] = []
    for path in newest_first(folder):
        fault = find_damage(path)
        if not fault:
            return [_rename(*found, step_of(path)) for found in damaged]
        damaged.append((path, fault))
    if damaged:
        names = ", ".join(os.path.basename(path) for path, _ in damaged)
        raise ValueError(
            f"{folder}: all checkpoints are damaged ({names}; {damaged[0][1]}); restore one from a copy, or remove "
            "them to train again from the start"
        )
    return []


def find_damage(path: str) -> str:
    """Returns what is wrong with a checkpoint; empty if it is whole. Each array has a checksum."""
    try:
        arrays = files.read_arrays(path, "a checkpoint")
        if not {"step", "memory"} <= set(arrays):
            return "it has no step or memory"
        step = int(arrays["step"])
        return "" if step == step_of(path) else f"it is of step {step}"
    except (OSError, ValueError) as error:
        return str(error.__cause__ or error)


def _rename(path, fault, step):
    os.replace(path, path + DAMAGED)
    return (
        f"warning: {path} is damaged ({fault}); going on from the checkpoint before, step {step}. The damaged file is "
        f"now {os.path.basename(path)}{DAMAGED}; you can remove it"
    )
