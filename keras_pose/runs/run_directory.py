"""The folder of a training run. It holds one configuration, and every other command can read it.

flags.txt  skeleton.json  split.json  data.json  checkpoints/  snapshots/  model.weights.h5  logs/  eval/
changes.json (if flags have changed)  frame_net/ (a run of its own)
With --pooling=auto: temporal_choice.json  choosing/  folds/ (runs of their own)
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Callable, Iterator

from keras_pose import console, files, locks, options, shipped, skeleton
from keras_pose.data.selection import DataSplit
from keras_pose.runs import checkpoint_files, data_digest, resuming, run_flags, temporal_choice
from keras_pose.runs.config import TrainConfig

# What `begin` writes before the flags. If the process is killed in between, the run can start again in its folder.
_BEFORE_FLAGS = (
    "skeleton.json",
    "split.json",
    "data.json",
    "data_notes.txt",
    "test_data_notes.txt",
    "frame_net",
    "folds",
    "choosing",
    "temporal_choice.json",
)


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
    def data(self) -> str:
        """The digests of labels and pictures, and of the files that the run started from."""
        return self._join("data.json")

    @property
    def changes(self) -> str:
        """The flags that have changed since the run began: a list of step, values before, values after."""
        return self._join("changes.json")

    @property
    def checkpoints(self) -> str:
        """The folder of the checkpoints."""
        return self._join("checkpoints")

    @property
    def snapshots(self) -> str:
        """The folder of the copies of the weights from early to late in training."""
        return self._join("snapshots")

    @property
    def weights(self) -> str:
        """The weights that training kept (`training.kept_weights`)."""
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
    def folds(self) -> str:
        """The folder of the runs whose nets leave out a part of the training groups."""
        return self._join("folds")

    @property
    def eval(self) -> str:
        """The folder of the evaluation; that of a shipped net is outside the package."""
        return os.path.join(shipped.results_folder(self.path), "eval")


def prepare(config: TrainConfig) -> RunDirectory:
    """Opens the folder of a run: a new one, or one that the same configuration has started (see `resuming`).

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
        resuming.check_flags(run, config)
    elif any(not name.startswith(".") and name not in _BEFORE_FLAGS for name in os.listdir(run.path)):
        raise ValueError(f"--run_dir: expected a new folder or a run, received {run.path}, which holds other files")
    return run


@contextlib.contextmanager
def lock(run: RunDirectory, echo: Callable[[str], None] = console.show) -> Iterator[None]:
    """Keeps other processes from training in the folder inside the block; a killed process keeps no lock.

    Only the process that writes the run enters it. If its newest checkpoint is damaged, the run goes on from the one
    before (`checkpoint_files.set_damaged_aside`).

    Args:
      run: folder of the run.
      echo: function that shows a line of text.

    Raises:
      ValueError: if another process trains in the folder, or all checkpoints are damaged.
    """
    with locks.hold_folder(run.path, f"--run_dir: another process is training in {run.path}"):
        for line in checkpoint_files.set_damaged_aside(run.checkpoints):
            echo(line)
        yield


def begin(
    run: RunDirectory,
    config: TrainConfig,
    run_skeleton: skeleton.Skeleton,
    split: DataSplit,
) -> list[str]:
    """Writes what describes a run before it trains: skeleton, split, digests of the data and, last, its flags.

    If the run is resumed, its data must be the same as before. Its flags are then those of now.

    Args:
      run: folder of the run.
      config: configuration of the run.
      run_skeleton: the joints; of a resumed run what `resumed_skeleton` returned.
      split: the clips; their labels and pictures are read for the digests.

    Returns:
      Lines for the user: flags that have changed, and what cannot be checked.

    Raises:
      ValueError: if the data has changed since the run started; the message names the first change.
    """
    now = data_digest.describe(vars(split))
    notes: list[str] = []
    # The net for single frames may have begun with other data, before its flowing net.
    inner = RunDirectory(run.frame_net)
    for begun in [folder for folder in (inner, run) if os.path.exists(folder.flags)]:
        resuming.check_data(begun, config, run_skeleton, now)
    resumed = os.path.exists(run.flags)
    known = resuming.read_data(run) if resumed else None
    if resumed:
        notes += resuming.record_changes(run, inner, config)
    else:
        run_skeleton.save(run.skeleton)
        files.write_json(run.split, split.to_dict())
    if resumed and known is None:
        notes.append(
            f"note: an earlier version began {run.path} without digests of its data; changes of labels and pictures "
            "until now are not noticed"
        )
    elif resumed:
        notes += _mend_split(run, split)
    if known is None:
        files.write_json(run.data, resuming.describe_data(config, now, keeps_pairs=resumed))
    if not resumed or options.load(TrainConfig, run.flags) != config:
        options.write(config, run.flags)
    return notes


def _mend_split(run, split):
    """Writes the split of a resumed run again if the file is damaged: its data is the same, so its split is too."""
    with contextlib.suppress(OSError, ValueError):
        if files.read_json(run.split) == split.to_dict():
            return []
    files.write_json(run.split, split.to_dict())
    return [f"warning: {run.split} was damaged or missing; it was written again from the data"]


def read_split(run: RunDirectory) -> dict[str, dict[str, list[int]]]:
    """Returns the split of a run: {"train", "validation", "test": {session: positions of frames}}.

    Raises:
      OSError: if the file cannot be read.
      ValueError: if it is damaged; the message names it.
    """
    split = files.read_json(run.split)
    names = {field.name for field in dataclasses.fields(DataSplit)}
    sets = list(split.values()) if isinstance(split, dict) else [None]
    positions = [found for clips in sets if isinstance(clips, dict) for found in clips.values()]
    good = all(isinstance(clips, dict) for clips in sets) and names <= set(split)
    if not good or not all(isinstance(found, list) and all(type(i) is int for i in found) for found in positions):
        raise ValueError(
            f"{run.split}: expected the frames of {', '.join(sorted(names))}, found something else; the file is "
            "damaged: train.py with the flags of the run writes it again"
        )
    return split


def resumed_skeleton(run: RunDirectory, found: skeleton.Skeleton) -> skeleton.Skeleton:
    """Returns the skeleton to train with: that of the data, with the flip pairs that an earlier version began with.

    Earlier versions recognised fewer pairs by their names, and kept no digests. A run of theirs keeps its pairs.

    Args:
      run: folder of the run.
      found: the skeleton of the data.
    """
    if not os.path.exists(run.flags):
        return found
    known = resuming.read_data(run)
    if known is not None and not known["keeps_pairs"]:
        return found
    begun = skeleton.load(run.skeleton)
    return dataclasses.replace(found, flip_pairs=begun.flip_pairs) if skeleton.same_joints(begun, found) else found


def open_run(path: str) -> tuple[RunDirectory, TrainConfig, skeleton.Skeleton]:
    """Opens a trained run for reading.

    Args:
      path: folder of the run, or the name of a shipped net.

    Returns:
      Its paths, its configuration and its skeleton. With --pooling=auto, the configuration has the pooling, window and
      flow that were chosen.

    Raises:
      ValueError: if the folder is not a run, has no weights yet, or lacks what it chose.
    """
    run = RunDirectory(shipped.find(path))
    for needed, meaning in ((run.flags, "a run of train.py"), (run.weights, "a run with weights (not validated yet?)")):
        if not os.path.exists(needed):
            shadow = shipped.explain_shadow(path)
            raise ValueError(f"{path}: expected {meaning}, but {needed} does not exist{shadow}")
    config = temporal_choice.resolve(run_flags.read(run.flags), run.path)
    return run, config, skeleton.load(run.skeleton)
