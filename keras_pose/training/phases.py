"""The phases of a training: for a flowing net the pooling alone, then all together; for other nets a single phase.

A pooling that --pooling=auto fitted to unseen frames learns in no phase: on frames that the net knows by heart it
would learn to ignore its neighbours.
"""

from __future__ import annotations

import dataclasses

from keras_pose.runs.parts import OptimisationConfig, PhasesConfig

POOLING_EMA = 0.9  # longest average of the weights while only the pooling learns


@dataclasses.dataclass(frozen=True)
class Phase:
    """A part of a training that has its own optimiser and learning-rate schedule.

    Args:
      name: name for the reader; empty if a training has only one phase.
      first, last: the steps that are done when it starts and when it ends.
      frozen: whether the single-frame net of a flowing net keeps its weights.
      keeps_pooling: whether its pooling keeps its weights.
      optimisation: the number of steps and the learning rate of this phase.
    """

    name: str
    first: int
    last: int
    frozen: bool
    optimisation: OptimisationConfig
    keeps_pooling: bool = False


def plan_phases(optimisation: OptimisationConfig, phases: PhasesConfig, pooling_is_fitted: bool = False) -> list[Phase]:
    """Returns the phases of a training, in order.

    Args:
      optimisation: steps and learning rate of the whole training.
      phases: the steps that train the pooling alone.
      pooling_is_fitted: whether the pooling was fitted to unseen frames and keeps its weights.
    """
    planned = _plan(optimisation, phases)
    return [dataclasses.replace(phase, keeps_pooling=pooling_is_fitted) for phase in planned]


def _plan(optimisation, phases):
    split = phases.pooling_steps
    steps = optimisation.steps
    if not split:
        return [Phase("", 0, steps, False, optimisation)]
    pooling = _with_steps(optimisation, split, phases.pooling_learning_rate)
    # A few weights learn fast: an average over hundreds of steps would keep them near their initial values.
    pooling = dataclasses.replace(pooling, ema=min(pooling.ema, POOLING_EMA))
    first = [Phase("the pooling alone", 0, split, True, pooling)]
    if split == steps:
        return first
    rest = _with_steps(optimisation, steps - split, optimisation.learning_rate)
    return [*first, Phase("all together", split, steps, False, rest)]


def _with_steps(optimisation, steps, learning_rate):
    return dataclasses.replace(
        optimisation,
        steps=steps,
        learning_rate=learning_rate,
        warmup_steps=min(optimisation.warmup_steps, steps),
    )
