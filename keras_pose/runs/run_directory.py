"""The folder of a training run. It holds one configuration, and every other command can read it.

flags.txt  skeleton.json  split.json  checkpoints/  model.weights.h5  logs/  eval/  frame_net/ (a run of its own)
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from keras_pose import files, options, skeleton
from keras_pose.runs.config import TrainConfig

# Flags that change where or how fast a run is computed, or what it logs, but not what it learns.
_MAY_DIFFER = ("run_dir", "cache", "devices", "metrics")
# What `begin` writes before the flags. If the process is killed in between, the run can start again in its folder.
_BEFORE_FLAGS = ("skeleton.json", "split.json", "data_notes.txt", "test_data_notes.txt", "frame_net")


@dataclasses.dataclass(frozen=True)
class RunDirectory:
    """Paths inside the folder of a run.

    Args:
      path: the folder.
    """

    path: str

    def _join(self, *parts):
        return os.path.join(self.path, *parts)

    @property
    def flags(self) -> str:
        """The flagfile."""
        return self._join("flags.txt")

    @property
    def skeleton(self) -> str:
        """The joints."""
        return self._join("skeleton.json")

    @property
    def split(self) -> str:
        """The frames for training, validation and testing."""
        return self._join("split.json")

    @property
    def checkpoints(self) -> str:
        """The folder of the checkpoints."""
        return self._join("checkpoints")

    @property
    def weights(self) -> str:
        """The best weights."""
        return self._join("model.weights.h5")

    @property
    def logs(self) -> str:
        """TensorBoard's folder."""
        return self._join("logs")

    @property
    def frame_net(self) -> str:
        """The run of the single-frame net of a flowing net."""
        return self._join("frame_net")

    @property
    def eval(self) -> str:
        """The folder of the evaluation."""
        return self._join("eval")


def prepare(config: TrainConfig) -> RunDirectory:
    """Opens the folder of a run: a new one, or one that the same configuration has started.

    Args:
      config: configuration of the run.

    Raises:
      ValueError: if the folder holds a run of another configuration (the message lists the flags that differ) or other
        files, or cannot be written. Nothing in it is changed then.
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
    elif any(not name.startswith(".") and name not in _BEFORE_FLAGS for name in os.listdir(run.path)):
        raise ValueError(f"--run_dir: expected a new folder or a run, received {run.path}, which holds other files")
    return run


def lock(run: RunDirectory) -> AbstractContextManager[None]:
    """Returns a context that keeps other processes from training in the folder; a killed process keeps no lock.

    Raises:
      ValueError: on entering the context, if another process trains in the folder.
    """
    return files.hold_folder(run.path, f"--run_dir: another process is training in {run.path}")


def begin(
    run: RunDirectory,
    config: TrainConfig,
    run_skeleton: skeleton.Skeleton,
    split: Mapping[str, Mapping[str, Sequence[int]]],
) -> None:
    """Writes what describes a run before it trains: skeleton, split and, last, its flags.

    If the run is resumed, skeleton and split must be the same as before.

    Args:
      run: folder of the run.
      config: configuration of the run.
      run_skeleton: the joints.
      split: what `selection.DataSplit.to_dict` returns.

    Raises:
      ValueError: if the data has changed since the run started.
    """
    if os.path.exists(run.flags):
        source = config.data.source
        if not skeleton.same_joints(skeleton.load(run.skeleton), run_skeleton):
            raise ValueError(f"{run.skeleton}: the joints of --data={source} have changed since this run started")
        if files.read_json(run.split) != split:
            raise ValueError(f"{run.split}: the labelled frames of --data={source} have changed since this run started")
        return
    run_skeleton.save(run.skeleton)
    files.write_json(run.split, split)
    options.write(config, run.flags)


def open_run(path: str) -> tuple[RunDirectory, TrainConfig, skeleton.Skeleton]:
    """Opens a trained run for reading.

    Args:
      path: folder of the run.

    Returns:
      Its paths, its configuration and its skeleton.

    Raises:
      ValueError: if the folder is not a run, or has no weights yet.
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
            "Choose another --run_dir, or use the flags in its flags.txt to resume it."
        )
