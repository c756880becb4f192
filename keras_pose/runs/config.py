"""The configuration of a training run, in parts. Every field is a flag of `train.py` (see `options`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_pose import options
from keras_pose.data.config import AugmentationConfig, DataConfig
from keras_pose.models import kinds
from keras_pose.models.config import ModelConfig
from keras_pose.options import option, part
from keras_pose.pooling.config import WindowConfig
from keras_pose.runs.parts import DeviceConfig, LossConfig, OptimisationConfig, PhasesConfig
from keras_pose.runs.unlabelled_flags import UnlabelledConfig


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run. Two runs of the same configuration on one CPU stack end with the same weights."""

    run_dir: str = option(
        None,
        "Folder to write the run to. If it holds a run of the same configuration and data, that run is resumed; paths "
        "and the length of the run may be others.",
        resume=options.FREE,
    )
    data: DataConfig = part(DataConfig)
    unlabelled: UnlabelledConfig = part(UnlabelledConfig)
    model: ModelConfig = part(ModelConfig)
    window: WindowConfig = part(WindowConfig)
    phases: PhasesConfig = part(PhasesConfig)
    loss: LossConfig = part(LossConfig)
    augmentation: AugmentationConfig = part(AugmentationConfig)
    optimisation: OptimisationConfig = part(OptimisationConfig)
    device: DeviceConfig = part(DeviceConfig)

    def __post_init__(self) -> None:
        options.check(self)
        kind = self.model.kind
        validate_every = self.optimisation.validate_every
        for name in ("net_steps", "pooling_steps", "choice_fold_steps"):
            steps = getattr(self.phases, name)
            if steps and not kind.pools and name != "choice_fold_steps":
                raise ValueError(f"--{name}: expected 0 with --model={kind.name}, received {steps}")
            if steps % validate_every:
                raise ValueError(
                    f"--{name}: expected a multiple of --validate_every={validate_every}, received {steps}"
                )
        if self.phases.net_steps and self.model.init_from:
            raise ValueError("--net_steps, --init_from: expected at most one of them")
        if self.phases.pooling_steps > self.optimisation.steps:
            raise ValueError(
                f"--pooling_steps: expected at most --steps={self.optimisation.steps}, received "
                f"{self.phases.pooling_steps}"
            )
        if kind.sees_window and not kind.pools and self.window.flow_in_graph:
            raise ValueError(f"--flow: expected flow of OpenCV with --model={kind.name}, received {self.window.flow}")

    @classmethod
    def from_flags(cls, **values: Any) -> TrainConfig:
        """Makes a configuration from values by name of the flag; missing flags have their defaults."""
        return options.build(cls, values)

    def replace(self, **changes: Any) -> TrainConfig:
        """Returns the configuration with other values for some flags, by name of the flag."""
        return options.replace(self, **changes)

    def of_frame_net(self) -> TrainConfig:
        """Returns the configuration of the net for single frames inside a pooling net; otherwise the same."""
        if not self.model.kind.pools:
            return self
        # What is chosen around it does not matter to it.
        choice = {name: value for name, value in options.values(PhasesConfig()).items() if name.startswith("choice_")}
        return self.replace(model=kinds.HEATMAP.name, net_steps=0, pooling_steps=0, **choice)

    @property
    def offsets(self) -> tuple[int, ...]:
        """The frames that the net sees, relative to the current one; (0,) for nets for single frames."""
        return self.window.offsets if self.model.kind.sees_window else (0,)

    @property
    def flow_estimator(self) -> str:
        """The name of the flow estimator, `auto` resolved."""
        return self.window.flow_estimator(self.model.input_size_hw)

    def open_flow(self) -> Callable[[np.ndarray, np.ndarray], np.ndarray] | None:
        """Opens the estimator whose flow is an input of the net.

        Returns:
          What `flow.estimators.open_estimator` returns; None if the net takes no flow or estimates it itself.
        """
        if not self.model.kind.sees_window or self.window.flow_in_graph:
            return None
        from keras_pose.flow import estimators

        return estimators.open_estimator(self.flow_estimator)
