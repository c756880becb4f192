"""Memory of a training step of the flowing net.

`python -m benchmarks.flowing_memory [--long] [--quick] [--json=<file>]`

If net and pooling are trained together, the gradient passes through every frame of the window, so the output of every
layer of the single-frame net is kept for all of them. If only the pooling is trained, only the warped heatmaps are
kept.

- Measured: the peak resident set of a fresh process during its first step, less what it held before (interpreter,
  TensorFlow, weights, optimiser). It includes tracing and the buffers of oneDNN: 0.2 GB even for a tiny net
  (`--quick`). Steps that take minutes on a CPU are measured only with `--long`, and a case that may not fit into free
  memory is never measured. The rows say so.
- Computed: from the shapes of the net, see `memory.estimate`.

n counts neighbours on each side: a window has 2n + 1 frames. 1 GB is 10⁹ bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.memory.estimate import Case, StepBytes, compute_memory

RESERVE_BYTES = 2e9  # left free for other programs while a case is measured
LIMIT_S = 1800
_PAPER = {"preset": "paper", "input_size": "256", "batch_size": 1, "optimizer": "sgd", "ema": 0.0}
_LITE = {"preset": "lite", "input_size": "128", "batch_size": 8}
CASES = (
    Case({**_PAPER, "window": 5}, frozen=True),
    Case({**_PAPER, "window": 5}),
    Case({**_PAPER, "window": 15}, frozen=True, long=True),
    Case({**_PAPER, "window": 15}, long=True),
    Case({**_LITE, "window": 5}, frozen=True),
    Case({**_LITE, "window": 5}),
)
QUICK_CASES = (Case({"preset": "lite", "width": 0.25, "input_size": "64", "window": 1, "batch_size": 2}),)


def measure_memory(case: Case, limit_s: float = LIMIT_S) -> dict[str, float]:
    """Measures a case in a process of its own.

    Returns:
      {"before", "peak"} in bytes, {"seconds"}.

    Raises:
      RuntimeError: if the process fails.
      subprocess.TimeoutExpired: if the step takes longer than `limit_s`.
    """
    text = json.dumps({"flags": case.all_flags, "frozen": case.frozen})
    command = [sys.executable, "-m", "benchmarks.memory.training_step", text]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=limit_s)
    if done.returncode:
        raise RuntimeError(f"{case}: the process ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def why_not_measured(case: Case, needed: StepBytes, free: float | None, long: bool = False) -> str:
    """Returns why a case is only computed; "" if it can be measured.

    Args:
      case: the training step.
      needed: its computed memory.
      free: bytes of free memory; None if unknown.
      long: whether to measure steps that take minutes, too.
    """
    if free is None:
        return "not measured: no /proc here"
    if 1.5 * needed.step + needed.weights + RESERVE_BYTES > free:
        return f"not measured: might not fit into {free / 1e9:.1f} GB of free memory"
    return "not measured without --long" if case.long and not long else ""


def free_bytes(path: str | os.PathLike[str] = "/proc/meminfo") -> int | None:
    """Returns the memory that is free for a new process; None if the system does not tell."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")) * 1024


def case_rows(case: Case | str, needed: StepBytes, measured: Mapping[str, Any] | None, why_not: str = "") -> list[Row]:
    """Returns the rows of a case.

    Args:
      case: the training step, or its name.
      needed: its computed memory.
      measured: as `measure_memory` returns it; None if the case was not measured.
      why_not: the reason in that case.
    """
    note = f" ({why_not})" if why_not else ""
    rows = [
        Row(f"{case}: kept for the gradient, computed", needed.kept / 1e9, "GB"),
        Row(f"{case}: step, computed{note}", needed.step / 1e9, "GB"),
    ]
    if measured:
        rows.append(Row(f"{case}: step, measured", (measured["peak"] - measured["before"]) / 1e9, "GB"))
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Memory of a training step of the flowing net, measured and computed.")
    parser.add_argument("--long", action="store_true", help="Also measure steps that take minutes on a CPU.")
    arguments = parser.parse_args(argv)
    rows: list[Row] = []
    weights: dict[str, float] = {}
    for case in QUICK_CASES if arguments.quick else CASES:
        needed = compute_memory(case)
        weights[case.net_name] = max(needed.weights, weights.get(case.net_name, 0))
        why_not = why_not_measured(case, needed, free_bytes(), arguments.long)
        rows += case_rows(case, needed, None if why_not else measure_memory(case), why_not)
    rows += [Row(f"{name}: weights and optimiser, computed", w / 1e9, "GB") for name, w in weights.items()]
    harness.report("flowing_memory", rows, arguments)


if __name__ == "__main__":
    main()
