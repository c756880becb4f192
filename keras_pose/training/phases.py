"""The phases of a training: for a flowing net the pooling alone, then all together; for other nets only one."""

from __future__ import annotations

import dataclasses

from keras_pose.runs.parts import OptimisationConfig, PhasesConfig

POOLING_EMA = 0.9


@dataclasses.dataclass(frozen=True)
class Phase:
    """Steps `first` to `last` of a training, with an optimiser and a learning-rate schedule of their own.

    Args:
      name: what to call it; empty if a training has only one phase.
      first, last: steps.
      frozen: whether the single-frame net of a flowing net keeps its weights.
      optimisation: steps and learning rate of this phase.
    """

    name: str
    first: int
    last: int
    frozen: bool
    optimisation: OptimisationConfig


def plan_phases(optimisation: OptimisationConfig, phases: PhasesConfig) -> list[Phase]:
    """Returns the phases of a training, in order."""
    split = phases.pooling_steps
    steps = optimisation.steps
    if not split:
        return [Phase("", 0, steps, False, optimisation)]
    pooling = _take_steps(optimisation, split, phases.pooling_learning_rate)
    # Few weights learn fast: an average over hundreds of steps would hold them where they began.
    pooling = dataclasses.replace(pooling, ema=min(pooling.ema, POOLING_EMA))
    first = [Phase("the pooling alone", 0, split, True, pooling)]
    if split == steps:
        return first
    rest = _take_steps(optimisation, steps - split, optimisation.learning_rate)
    return [*first, Phase("all together", split, steps, False, rest)]


def _take_steps(optimisation, steps, learning_rate):
    return dataclasses.replace(
        optimisation,
        steps=steps,
        learning_rate=learning_rate,
        warmup_steps=min(optimisation.warmup_steps, steps),
    )
