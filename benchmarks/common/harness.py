"""What all benchmarks share: arguments, fair timing, the table and the JSON file.

Alternatives are timed in turn (A B A B …) in one process, so that a change of the machine's speed meets all of them,
and a ratio is taken pair by pair. Spreads are the 2.5 and 97.5 percentiles of the repeats.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import operator
import os
import platform
import re
import sys
import time

import numpy as np

from keras_pose import files

_COMPARISONS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq}
_PACKAGES = ("tensorflow", "keras", "tensorflow-addons", "numpy", "opencv-python", "opencv-python-headless")


def make_parser(description) -> argparse.ArgumentParser:
    """Returns a parser of `--quick` (fewer repeats, smaller cases) and `--json=<file>` (where to write the rows).

    A benchmark with arguments of its own adds them to it.

    Args:
      description: str, what the benchmark measures; shown by `--help`.
    """
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="fewer repeats and smaller cases")
    parser.add_argument("--json", metavar="FILE", help="also write the rows to this file")
    return parser


def parse_arguments(description, argv=None) -> argparse.Namespace:
    """Reads `--quick` and `--json=<file>`, for a benchmark that has no other arguments.

    Args:
      description: str, what the benchmark measures; shown by `--help`.
      argv: list of str; the command line by default.
    """
    return make_parser(description).parse_args(argv)


def meets_target(value, target) -> bool:
    """Whether a number meets a target such as ">= 10".

    Raises:
      ValueError: for a target that is not a comparison (>=, <=, >, <, ==) and a number.
    """
    match = re.fullmatch(r"\s*(>=|<=|==|>|<)\s*([-+]?[0-9.]+(?:e[-+]?\d+)?)\s*", target)
    if not match:
        raise ValueError(f'target: expected a comparison and a number such as ">= 10", received {target!r}')
    return bool(_COMPARISONS[match[1]](value, float(match[2])))


@dataclasses.dataclass(frozen=True)
class Row:
    """One measured value.

    Args:
      what: str, what was measured.
      value: the value, a median where there are repeats.
      unit: str.
      low, high: its spread, or None.
      target: str such as ">= 10", or "low > 0" and "high < 5" for one that an end of the spread is to meet; or None.

    Attributes:
      holds: whether the value (or that end) meets the target; None without a target.
    """

    what: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    target: str | None = None
    holds: bool | None = dataclasses.field(init=False, default=None)

    def __post_init__(self):
        for field in ("value", "low", "high"):
            number = getattr(self, field)
            object.__setattr__(self, field, None if number is None else float(number))
        if self.target is not None:
            object.__setattr__(self, "holds", self._meets(self.target))

    def _meets(self, target):
        field, comparison = re.fullmatch(r"\s*(low |high )?(.*)", target).groups()
        number = getattr(self, (field or "value").strip())
        return number is not None and meets_target(number, comparison)


@dataclasses.dataclass(frozen=True)
class Spread:
    """A median with its 2.5 and 97.5 percentiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples) -> Spread:
        low, median, high = np.percentile(samples, (2.5, 50, 97.5))
        return cls(float(median), float(low), float(high))

    def row(self, what, unit, scale=1.0, target=None) -> Row:
        """Returns a `Row` of this spread times `scale` (1e3 turns seconds into ms)."""
        return Row(what, self.median * scale, unit, self.low * scale, self.high * scale, target)


@dataclasses.dataclass(frozen=True)
class Timings:
    """Seconds of each alternative: `samples[name]` float64 [repeats], in the order of the repeats."""

    samples: dict[str, np.ndarray]

    def __getitem__(self, name) -> Spread:
        return Spread.of(self.samples[name])

    def ratio(self, slower, faster) -> Spread:
        """How many times the time of `faster` the other one takes, pair by pair."""
        return Spread.of(self.samples[slower] / self.samples[faster])


def time_in_turn(functions, repeats, warmup=2, calls=1) -> Timings:
    """Times functions in turn: A B A B …, so that all meet the same state of the machine.

    Args:
      functions: dict of name to a function without arguments, which returns when its work is DONE (a result on an
        accelerator must be read back).
      repeats: turns of each that are timed.
      warmup: calls of each before, for tracing and caches.
      calls: calls of a function in its turn; above 1 for short functions, whose caches and threads the others cool.

    Returns:
      `Timings` with wall time in seconds per call.
    """
    for function in functions.values():
        for _ in range(warmup):
            function()
    samples = {name: np.empty(repeats) for name in functions}
    for i in range(repeats):
        for name, function in functions.items():
            start = time.perf_counter()
            for _ in range(calls):
                function()
            samples[name][i] = (time.perf_counter() - start) / calls
    return Timings(samples)


def describe_machine() -> dict:
    """Returns {"cpu", "cores"} and, where TensorFlow is loaded and sees any, {"gpus"}."""
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        cpu = names[0] if names else cpu
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    machine = {"cpu": cpu, "cores": cores}
    if "tensorflow" in sys.modules:
        config = sys.modules["tensorflow"].config
        gpus = config.list_physical_devices("GPU")
        if gpus:
            machine["gpus"] = [config.experimental.get_device_details(g).get("device_name", g.name) for g in gpus]
    return machine


def describe_stack() -> dict:
    """Returns the versions of Python and of the packages that are installed."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def report(name, rows, arguments) -> None:
    """Prints the rows as a table and, where `--json` was given, writes them whole or not at all.

    Args:
      name: str, the benchmark's name.
      rows: list of `Row`.
      arguments: what `parse_arguments` returned.

    Raises:
      ValueError: where a value is NaN or infinite and a file is to be written.
    """
    print(f"{name} on {', '.join(f'{k} {v}' for k, v in describe_machine().items())}")
    print(", ".join(f"{package} {version}" for package, version in describe_stack().items()))
    print(format_table(rows))
    if arguments.json:
        write_rows(arguments.json, name, rows)


def write_rows(path, name, rows) -> None:
    """Writes a benchmark's rows as JSON, with the machine and the versions they were measured on.

    Args:
      path: str or path-like.
      name: str, the benchmark's name.
      rows: list of `Row`.

    Raises:
      ValueError: where a value is NaN or infinite.
    """
    rows = [dataclasses.asdict(row) for row in rows]
    files.write_json(path, {"name": name, "machine": describe_machine(), "stack": describe_stack(), "rows": rows})


def format_table(rows) -> str:
    """Returns the rows as aligned text."""
    lines = [("what", "value", "unit", "low", "high", "target", "holds")]
    for row in rows:
        holds = {None: "", True: "yes", False: "NO"}[row.holds]
        numbers = ["" if v is None else f"{v:.4g}" for v in (row.value, row.low, row.high)]
        lines.append((row.what, numbers[0], row.unit, numbers[1], numbers[2], row.target or "", holds))
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    right = (1, 3, 4)  # numbers
    cells = [[c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths))] for line in lines]
    return "\n".join("  ".join(line).rstrip() for line in cells)
