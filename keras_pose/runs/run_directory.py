"""The folder of a training run: one configuration each, readable by every other command.

options.txt  skeleton.json  split.json  checkpoints/  model.weights.h5  logs/  eval/  frame_net/ (a run of its own)
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from contextlib import AbstractContextManager

from keras_pose import files, options, skeleton
from keras_pose.runs.config import TrainConfig

# What changes where or how fast a run is computed, and not what it learns.
_MAY_DIFFER = ("run_dir", "cache", "devices")
# What `begin` writes before the flags: a process killed in between leaves a folder that may be begun again.
_BEGUN = ("skeleton.json", "split.json", "frame_net")


@dataclasses.dataclass(frozen=True)
class RunDirectory:
    """Paths inside a run directory."""

    path: str

    def _join(self, *parts):
        return os.path.join(self.path, *parts)

    @property
    def flags(self):
        return self._join("flags.txt")

    @property
    def skeleton(self):
        return self._join("skeleton.json")

    @property
    def split(self):
        return self._join("split.json")

    @property
    def checkpoints(self):
        return self._join("checkpoints")

    @property
    def weights(self):
        return self._join("model.weights.h5")

    @property
    def logs(self):
        return self._join("logs")

    @property
    def frame_net(self):
        return self._join("frame_net")

    @property
    def eval(self):
        return self._join("eval")


def prepare(config: TrainConfig) -> RunDirectory:
    """Opens the folder of a run, new or begun earlier with the same configuration.

    Raises:
      ValueError: where the folder holds a run of another configuration (the message lists the flags that differ), or
        other files, or cannot be written. Nothing in it is changed then.
    """
    run = RunDirectory(config.run_dir)
    try:
        os.makedirs(run.path, exist_ok=True)
        with tempfile.TemporaryFile(dir=run.path):
            pass
    except OSError as error:
        raise ValueError(f"--run_dir: expected a folder that can be written, received {run.path}: {error}") from error
    if os.path.exists(run.flags):
        _check_same(options.load(TrainConfig, run.flags), config, run)
    elif any(not name.startswith(".") and name not in _BEGUN for name in os.listdir(run.path)):
        raise ValueError(f"--run_dir: expected a new folder or a run, received {run.path}, which holds other files")
    return run


def lock(run: RunDirectory) -> AbstractContextManager[None]:
    """Returns a context that keeps other processes from training in the folder; a killed process keeps no lock.

    Raises:
      ValueError: on entering it, where another process trains in the folder.
    """
    return files.hold_folder(run.path, f"--run_dir: another process is training in {run.path}")


def begin(run: RunDirectory, config: TrainConfig, run_skeleton, split):
    """Writes what describes a run before it trains: skeleton, split and, last, its flags.

    A run that is resumed must find the same skeleton and split again.

    Raises:
      ValueError: where the data has changed since the run began.
    """
    if os.path.exists(run.flags):
        source = config.data.source
        if not skeleton.same_joints(skeleton.load(run.skeleton), run_skeleton):
            raise ValueError(f"{run.skeleton}: the joints of --data={source} have changed since this run began")
        if files.read_json(run.split) != split:
            raise ValueError(f"{run.split}: the labelled frames of --data={source} have changed since this run began")
        return
    run_skeleton.save(run.skeleton)
    files.write_json(run.split, split)
    options.write(config, run.flags)


def open_run(path) -> tuple[RunDirectory, TrainConfig, skeleton.Skeleton]:
    """Opens a trained run for reading.

    Raises:
      ValueError: where the folder is no run, or has no weights yet.
    """
    run = RunDirectory(path)
    for needed, meaning in ((run.flags, "a run of train.py"), (run.weights, "a run with weights (not validated yet?)")):
        if not os.path.exists(needed):
            raise ValueError(f"{path}: expected {meaning}, but {needed} does not exist")
    return run, options.load(TrainConfig, run.flags), skeleton.load(run.skeleton)


def _check_same(old, new, run):
    there = options.values(old)
    here = options.values(new)
    differences = [
        f"--{name}={there[name]} there, {here[name]} now"
        for name in there
        if name not in _MAY_DIFFER and there[name] != here[name]
    ]
    if differences:
        raise ValueError(
            f"--run_dir: {run.path} holds a run of another configuration ({'; '.join(differences)}). "
            "Choose another --run_dir, or the flags in its flags.txt to go on with it."
        )
