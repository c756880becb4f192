"""A clock that somebody sets while a command runs: it jumps hours forwards and backwards every few readings.

A module `sitecustomize`, which Python loads at its start, replaces `time.time`. The clocks that durations should come
from, `time.monotonic` and `time.perf_counter`, stay as they are, as they do if a real clock is set.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import re

from benchmarks.common.rows import Row
from benchmarks.fault_injection import groups, results
from benchmarks.fault_injection.commands import OUT, Command
from benchmarks.fault_injection.signals import Undisturbed

_NEGATIVE = re.compile(r"(?<!\S)-\d")  # a number, not a flag such as --data
_CLOCK = """
import random
import time

_true = time.time
_chance = random.Random({seed})
_state = [0, 0.0]


def _jumping():
    _state[0] += 1
    if _state[0] % 20 == 0:
        _state[1] = _chance.uniform(-12, 12) * 3600
    return _true() + _state[1]


time.time = _jumping
"""


@dataclasses.dataclass
class Jumps:
    """The result of running commands under a clock that jumps.

    Attributes:
      commands: how many were run.
      equal: how many left what an undisturbed run leaves.
      faults: errors, and negative times or rates in what they show.
    """

    commands: int = 0
    equal: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)

    def rows(self) -> list[Row]:
        """Returns the rows of the benchmark."""
        return [
            Row("clock that jumps: commands", self.commands, ""),
            Row("clock that jumps: results equal", self.equal, "", target=f"== {self.commands}"),
            Row("clock that jumps: errors, negative times", len(self.faults), "", target="== 0"),
        ]


def run(command: Command, whole: Undisturbed, folder: pathlib.Path, seed: int, seen: Jumps) -> None:
    """Runs a command to its end under a clock that jumps.

    Args:
      command: the command.
      whole: what an undisturbed run leaves.
      folder: an empty folder to work in.
      seed: of the jumps.
      seen: what was seen so far, to which this is added.
    """
    clock = folder / "clock"
    clock.mkdir(parents=True)
    (clock / "sitecustomize.py").write_text(_CLOCK.format(seed=seed), encoding="utf-8")
    environment = {"PYTHONPATH": os.pathsep.join((str(clock), str(groups.ROOT)))}
    seen.commands += 1
    group = groups.Group(command.arguments, folder, environment)
    code = group.wait()
    group.end()
    output = group.output()
    negative = [line for line in output.splitlines() if shows_negative_time(line)]
    faults = [f"ended with {code}: {output[-1500:]}"] if code else negative
    if command.resumes:
        faults += results.find_differences(whole.files, folder / OUT)
    seen.equal += not faults
    seen.faults += [f"{command.name}: {fault}" for fault in faults]
    for fault in faults:
        print(f"fault: {command.name}: {fault}", flush=True)


def shows_negative_time(line: str) -> bool:
    """Returns whether a line of a command shows a negative time left or rate."""
    return bool(_NEGATIVE.search(line)) and (" left" in line or "/s" in line)
