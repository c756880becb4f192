"""The files of checkpoints: `step-<step>.npz` in a folder, found by their exact names. Loads no TensorFlow."""

from __future__ import annotations

import os
import re

# At least eight digits, as `path_of` writes them.
_NAME = re.compile(r"step-([0-9]{8,})\.npz")
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
