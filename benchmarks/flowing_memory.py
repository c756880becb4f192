"""Memory of a training step of the flowing net.

`python -m benchmarks.flowing_memory [--long] [--quick] [--json=<file>]`

All together, the gradient goes through every frame of the window, so what every layer of the single-frame net gives out
is kept for all of them; while the pooling alone is trained, only the warped heatmaps are.

- Measured: the peak resident set of a fresh process during its first step, less what it held before (interpreter,
  TensorFlow, weights, optimiser). Tracing and the buffers of oneDNN are in it: 0.2 GB even of a tiny net (`--quick`).
  Without `--long` the steps that take minutes on a CPU are not measured; a case that may not fit into free memory
  never is. The rows say so.
- Computed: "kept" is the output of every layer, 4 bytes a number, for all frames (in place or fused ones too, so it is
  somewhat high). "step" adds the largest input and output of a layer, which the backward pass holds once more as
  gradients (with the net frozen it is all that the net holds at a time), and the gradient of the weights. "Weights" are
  there before the step: with them the optimiser's memory and averaged weights, as the preset is trained (SGD with
  momentum; Adam and averages).

n counts neighbours on each side: a window has 2n + 1 frames. 1 GB is 10⁹ bytes.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import subprocess
import sys

from benchmarks.common import harness
from keras_pose.runs.config import TrainConfig

SIZE = 4  # bytes of a float32
RESERVE_BYTES = 2e9  # left free for others where a case is measured
LIMIT_S = 1800
_PAPER = {"preset": "paper", "input_size": "256", "batch_size": 1, "optimizer": "sgd", "ema": 0.0}
_LITE = {"preset": "lite", "input_size": "128", "batch_size": 8}


@dataclasses.dataclass(frozen=True)
class Case:
    """A training step.

    Args:
      flags: of `train.py`.
      frozen: whether only the pooling is trained.
      long: whether the step takes minutes on a CPU.
    """

    flags: dict
    frozen: bool = False
    long: bool = False

    @property
    def config(self) -> TrainConfig:
        return TrainConfig.from_flags(run_dir="none", model="flowing", warmup_steps=0, **self.flags)

    def __str__(self):
        config = self.config
        phase = "pooling alone" if self.frozen else "all together"
        return (
            f"{net_name(config)}, n = {config.window.num_neighbours}, batch {config.optimisation.batch_size}, {phase}"
        )


CASES = (
    Case({**_PAPER, "window": 5}, frozen=True),
    Case({**_PAPER, "window": 5}),
    Case({**_PAPER, "window": 15}, frozen=True, long=True),
    Case({**_PAPER, "window": 15}, long=True),
    Case({**_LITE, "window": 5}, frozen=True),
    Case({**_LITE, "window": 5}),
)
QUICK_CASES = (Case({"preset": "lite", "width": 0.25, "input_size": "64", "window": 1, "batch_size": 2}),)


@dataclasses.dataclass(frozen=True)
class Bytes:
    """What a training step is computed to need, in bytes.

    Args:
      kept: layer outputs that are kept for the gradient.
      working: the largest input and output of a layer of the single-frame net, for all frames.
      gradient: of all weights that are trained.
      weights: weights, the optimiser's memory and averaged weights, there before the step.
    """

    kept: float
    working: float
    gradient: float
    weights: float

    @property
    def step(self) -> float:
        return self.kept + self.working + self.gradient


def net_name(config) -> str:
    """Returns preset and size for a table."""
    return f"{config.model.preset}, {config.model.input_size} px"


def compute(case) -> Bytes:
    """Computes the memory of a case from the shapes of its net."""
    import keras

    from keras_pose.models import factory
    from keras_pose.models.pose_net import PoseNet

    keras.backend.clear_session()
    config = case.config
    model = factory.build_net(config.model, config.window, num_joints=7)
    net, windows = PoseNet(model).frame_net().model, config.optimisation.batch_size
    frames = windows * len(config.offsets)
    kept = windows * sum(output_bytes(model.get_layer(name)) for name in ("warp", "heatmaps"))
    if not case.frozen:
        kept += frames * sum(map(output_bytes, net.layers))
    trained = model.count_params() - (net.count_params() if case.frozen else 0)
    copies = {"sgd": 2, "adam": 3}[config.optimisation.optimizer] + (config.optimisation.ema > 0)
    working = frames * max(map(_input_and_output_bytes, net.layers))
    return Bytes(kept, working, trained * SIZE, model.count_params() * copies * SIZE)


def output_bytes(layer) -> int:
    """Returns the bytes of what a layer gives out for one example, float32."""
    return _size(layer.output)


def _input_and_output_bytes(layer):
    inputs = layer.input if isinstance(layer.input, (list, tuple)) else [layer.input]
    return sum(map(_size, inputs)) + output_bytes(layer)


def _size(tensor):
    return math.prod(int(side) for side in tensor.shape[1:]) * SIZE


def measure(case, limit_s=LIMIT_S) -> dict:
    """Measures a case in a process of its own.

    Returns:
      {"before", "peak"} in bytes, {"seconds"}.

    Raises:
      RuntimeError: where the process fails; subprocess.TimeoutExpired where the step takes longer than `limit_s`.
    """
    text = json.dumps({"flags": dataclasses.asdict(case.config), "frozen": case.frozen})
    command = [sys.executable, "-m", "benchmarks.common.flowing_memory_step", text]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=limit_s)
    if done.returncode:
        raise RuntimeError(f"{case}: the process ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def why_not_measured(case, needed, free, long=False) -> str:
    """Returns why a case is computed only, "" where it can be measured.

    Args:
      case: `Case`.
      needed: `Bytes`.
      free: bytes of memory that are free, None where it is not known.
      long: whether steps that take minutes are measured too.
    """
    if free is None:
        return "not measured: no /proc here"
    if 1.5 * needed.step + needed.weights + RESERVE_BYTES > free:
        return f"not measured: might not fit into {free / 1e9:.1f} GB of free memory"
    return "not measured without --long" if case.long and not long else ""


def free_bytes(path="/proc/meminfo"):
    """Returns the memory that is free for a new process, None where the system does not tell."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) * 1024


def case_rows(case, needed, measured, why_not="") -> list:
    """Returns the rows of a case; measured: what `measure` returned, or None with the reason in `why_not`."""
    note = f" ({why_not})" if why_not else ""
    rows = [
        harness.Row(f"{case}: kept for the gradient, computed", needed.kept / 1e9, "GB"),
        harness.Row(f"{case}: step, computed{note}", needed.step / 1e9, "GB"),
    ]
    if measured:
        rows.append(harness.Row(f"{case}: step, measured", (measured["peak"] - measured["before"]) / 1e9, "GB"))
    return rows


def main(argv=None):
    parser = harness.make_parser("Memory of a training step of the flowing net, measured and computed.")
    parser.add_argument("--long", action="store_true", help="also measure steps that take minutes on a CPU")
    arguments = parser.parse_args(argv)
    rows, weights = [], {}
    for case in QUICK_CASES if arguments.quick else CASES:
        needed = compute(case)
        name = net_name(case.config)
        weights[name] = max(needed.weights, weights.get(name, 0))
        why_not = why_not_measured(case, needed, free_bytes(), arguments.long)
        rows += case_rows(case, needed, None if why_not else measure(case), why_not)
    rows += [harness.Row(f"{name}: weights and optimiser, computed", w / 1e9, "GB") for name, w in weights.items()]
    harness.report("flowing_memory", rows, arguments)


if __name__ == "__main__":
    main()
