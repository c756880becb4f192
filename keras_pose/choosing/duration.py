"""How long a choice takes, roughly: nets of the folds, maps and flow, and fits of the kinds that learn.

The times of the fits were measured on one core, on which a net of `--preset=lite` trains on `_CORE_PX_PER_S` px of its
input a second; they are scaled by how fast the net trains here.
"""

from __future__ import annotations

from keras_pose.choosing import candidates, unseen
from keras_pose.choosing.candidates import Window
from keras_pose.data.selection import DataSplit
from keras_pose.geometry import HEATMAP_STRIDE
from keras_pose.runs.config import TrainConfig

_CORE_PX_PER_S = 1.45e6  # as `inspection.proposal`
# Seconds of all fits of a kind for a window of 11 frames of 32×32 heatmap px and 7 joints.
_FIT_S = {"parametric": 9.0, "data_dependent": 15.0, "chain": 57.0, "track": 30.0}
_OTHER_FIT_S = 57.0
_FIT_VALUES = 11 * 32 * 32 * 7
_FORWARD_SHARE = 0.5  # time of a frame's maps, flow and warps, as a part of its time in a step


def fold_steps(config: TrainConfig) -> int:
    """Returns the steps of the net of each fold, 0 if there is none.

    Args:
      config: configuration of the run.
    """
    validate_every = config.optimisation.validate_every
    part = -(-2 * config.phases.net_steps // (3 * validate_every)) * validate_every
    return config.phases.choice_fold_steps or part


def count_folds(config: TrainConfig, split: DataSplit) -> int:
    """Returns the number of nets that a choice trains; 0 if there are enough unseen groups without them.

    Args:
      config: configuration of the run.
      split: its clips.
    """
    phases = config.phases
    if phases.net_steps:
        groups = set(unseen.groups_of(split.validation))
    else:
        parts = unseen.unseen_of_start(config.model.init_from, split)
        groups = {clip.group for part in parts for clip in part.clips}
    others = unseen.groups_to_fold(groups, split, phases)
    return min(phases.choice_folds, len(others)) if fold_steps(config) else 0


def estimate_seconds(
    config: TrainConfig, split: DataSplit, num_joints: int, start_s: float, step_s: float, batch_size: int
) -> float:
    """Returns the seconds that a choice takes.

    Args:
      config: configuration of the run, with --pooling=auto.
      split: its clips.
      num_joints: number of joints.
      start_s: seconds until the first step of the single-frame net is done.
      step_s: seconds of a further step.
      batch_size: frames of such a step.
    """
    folds = count_folds(config, split)
    labelled = sum(clip.num_labelled for clip in [*split.validation, *(split.train if folds else [])])
    windows = candidates.windows_of(config)
    frames = min(labelled, config.phases.choice_frames) * len({place for of in windows for place in of.offsets})
    height, width = config.model.input_size_hw
    slowness = step_s / (batch_size * height * width) * _CORE_PX_PER_S
    values = height * width * num_joints / HEATMAP_STRIDE**2
    fits = slowness * values / _FIT_VALUES * _fit_frames(config, windows)
    return folds * (start_s + fold_steps(config) * step_s) + frames * step_s / batch_size * _FORWARD_SHARE + fits


def _fit_frames(config: TrainConfig, windows: list[Window]) -> float:
    """Seconds of all fits for one joint in one heatmap px, times the frames of their windows."""
    learned = [name for name, learns in candidates.list_poolings(config.phases.choice_poolings) if learns]
    if not learned:
        return 0.0
    times = [_FIT_S.get(name, _OTHER_FIT_S) for name in learned]
    own = windows[0]
    others = [w for w in windows[1:] if w.flow == own.flow or w.size == own.size]
    frames = sum(len(window.offsets) for window in others)
    # The best kind is tried with the other windows, and fitted to all groups once more: the slowest is assumed.
    return sum(times) * len(own.offsets) + max(times) * (frames + len(own.offsets) / 3)
