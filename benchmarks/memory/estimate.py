"""The memory of a training step, computed from the shapes of its net.

- "kept" is the output of every layer, 4 bytes a number, for all frames. Layers that work in place or are fused count
  too, so it is somewhat too high.
- "step" adds the largest input and output of a layer, which the backward pass holds once more as gradients (if the net
  is frozen, this is all that the net holds at a time), and the gradient of the weights.
- "weights" exist before the step: the weights, the optimiser's memory and averaged weights, as the preset is trained
  (SGD with momentum; Adam and averages).
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras

from keras_pose.models import factory
from keras_pose.models.pose_net import PoseNet
from keras_pose.runs.config import TrainConfig

_NUMBER_BYTES = 4  # float32


@dataclasses.dataclass(frozen=True)
class Case:
    """A training step.

    Args:
      flags: flags of `train.py`, besides --model and --run_dir.
      frozen: whether only the pooling is trained.
      long: whether the step takes minutes on a CPU.
    """

    flags: dict[str, Any]
    frozen: bool = False
    long: bool = False

    @property
    def all_flags(self) -> dict[str, Any]:
        """All flags of the training that the step belongs to."""
        return {"run_dir": "none", "model": "flowing", "pooling": "parametric", "warmup_steps": 0, **self.flags}

    @property
    def config(self) -> TrainConfig:
        """The configuration of the training."""
        return TrainConfig.from_flags(**self.all_flags)

    @property
    def net_name(self) -> str:
        """Preset and size of the input, for a table."""
        model = self.config.model
        return f"{model.preset}, {model.input_size} px"

    def __str__(self) -> str:
        config = self.config
        phase = "pooling alone" if self.frozen else "all together"
        n = config.window.num_neighbours
        return f"{self.net_name}, n = {n}, batch {config.optimisation.batch_size}, {phase}"


@dataclasses.dataclass(frozen=True)
class StepBytes:
    """The memory that a training step needs, in bytes.

    Args:
      kept: layer outputs that are kept for the gradient.
      working: the largest input and output of a layer of the single-frame net, for all frames.
      gradient: gradients of all weights that are trained.
      weights: weights, the optimiser's memory and averaged weights, which exist before the step.
    """

    kept: float
    working: float
    gradient: float
    weights: float

    @property
    def step(self) -> float:
        """What the step adds to the weights."""
        return self.kept + self.working + self.gradient


def compute_memory(case: Case) -> StepBytes:
    """Computes the memory of a case from the shapes of its net."""
    keras.backend.clear_session()
    config = case.config
    model = factory.build_net(config.model, config.window, num_joints=7)
    net = PoseNet(model).frame_net().model
    windows = config.optimisation.batch_size
    frames = windows * len(config.offsets)
    kept = windows * sum(output_bytes(model.get_layer(name)) for name in ("warp", "heatmaps"))
    if not case.frozen:
        kept += frames * sum(map(output_bytes, net.layers))
    trained = model.count_params() - (net.count_params() if case.frozen else 0)
    copies = {"sgd": 2, "adam": 3}[config.optimisation.optimizer] + (config.optimisation.ema > 0)
    working = frames * max(map(_input_and_output_bytes, net.layers))
    return StepBytes(kept, working, trained * _NUMBER_BYTES, model.count_params() * copies * _NUMBER_BYTES)


def output_bytes(layer: keras.layers.Layer) -> int:
    """Returns the bytes of a layer's output for one example, float32."""
    return _tensor_bytes(layer.output)


def _input_and_output_bytes(layer):
    inputs = layer.input if isinstance(layer.input, (list, tuple)) else [layer.input]
    return sum(map(_tensor_bytes, inputs)) + output_bytes(layer)


def _tensor_bytes(tensor):
    return math.prod(int(side) for side in tensor.shape[1:]) * _NUMBER_BYTES
