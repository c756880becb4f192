"""The phases of a training: of a flowing net the pooling alone, then all together; of other nets only one."""

from __future__ import annotations

import dataclasses

from keras_pose.runs.config import TrainConfig

POOLING_EMA = 0.9


@dataclasses.dataclass(frozen=True)
class Phase:
    """Steps `first` to `last` of a training, with an optimiser and a learning-rate schedule of their own.

    Args:
      name: what to call it, empty where a training has only one phase.
      first, last: steps.
      frozen: whether the single-frame net of a flowing net keeps its weights.
      config: `TrainConfig` of these steps, for the optimiser.
    """

    name: str
    first: int
    last: int
    frozen: bool
    config: TrainConfig


def plan_phases(config: TrainConfig) -> list[Phase]:
    """Returns the phases of a training, in order."""
    split = config.pooling_steps
    if not split:
        return [Phase("", 0, config.steps, False, config)]
    pooling = _steps_of(config, split, config.pooling_learning_rate)
    # Few weights learn fast: an average over hundreds of steps would hold them where they began.
    pooling = dataclasses.replace(pooling, ema=min(pooling.ema, POOLING_EMA))
    first = [Phase("the pooling alone", 0, split, True, pooling)]
    if split == config.steps:
        return first
    rest = _steps_of(config, config.steps - split, config.learning_rate)
    return [*first, Phase("all together", split, config.steps, False, rest)]


def _steps_of(config, steps, learning_rate):
    return dataclasses.replace(
        config,
        steps=steps,
        pooling_steps=0,
        learning_rate=learning_rate,
        warmup_steps=min(config.warmup_steps, steps),
    )
