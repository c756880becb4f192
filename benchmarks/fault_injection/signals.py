"""Signals at random moments: SIGKILL, Ctrl-C (SIGINT) and SIGTERM to the process group, then the same command again.

A chain is a folder in which a command is stopped up to four times, at moments of the first, second, third and fourth
quarter of the processor time that it needs, and then runs to its end. What it leaves must equal what an undisturbed run
leaves.
"""

from __future__ import annotations

import collections
import dataclasses
import pathlib
import random
import shutil
import signal
import time

from benchmarks.common.rows import Row
from benchmarks.fault_injection import groups, results
from benchmarks.fault_injection.commands import OUT, Command
from keras_pose import files

CHAIN = 4
INTERRUPTIONS = {signal.SIGINT: 130, signal.SIGTERM: 143}  # exit codes after the signals that a command answers
_SLACK = 1.1  # moments are drawn from so many times the time of an undisturbed run
_STOP_S = 120  # how long a command may take to end after a signal


@dataclasses.dataclass
class Stops:
    """The result of stopping a command.

    Attributes:
      command: its name.
      number: the signal.
      hits: times that it was stopped, by what it was doing.
      while_writing: stops that left an unfinished file.
      ended: runs that ended before the signal.
      chains: folders in which it then ran to its end.
      equal: those of them that hold what an undisturbed run leaves.
      longest_s: longest time from Ctrl-C or SIGTERM to the end.
      faults: what should not have happened.
    """

    command: str
    number: int
    hits: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    while_writing: int = 0
    ended: int = 0
    chains: int = 0
    equal: int = 0
    longest_s: float = 0.0
    faults: list[str] = dataclasses.field(default_factory=list)

    @property
    def count(self) -> int:
        """How often the command was stopped."""
        return sum(self.hits.values())

    def rows(self) -> list[Row]:
        """Returns the rows of the benchmark."""
        name = f"{self.command}, {signal.Signals(self.number).name}"
        stages = ", ".join(f"{stage} {count}" for stage, count in sorted(self.hits.items()))
        rows = [
            Row(f"{name}: stopped ({stages})", self.count, ""),
            Row(f"{name}: of these while a file was written", self.while_writing, ""),
            Row(f"{name}: folders finished afterwards and equal", self.equal, "", target=f"== {self.chains}"),
            Row(f"{name}: faults", len(self.faults), "", target="== 0"),
        ]
        if self.number in INTERRUPTIONS:
            rows.append(Row(f"{name}: longest time to the end", self.longest_s, "s"))
        return rows


@dataclasses.dataclass(frozen=True)
class Undisturbed:
    """What a command leaves if nothing stops it.

    Args:
      seconds: the processor time that it takes.
      files: the files that two runs write alike, with their digests.
      others: names of the files that differ, such as those with times in them.
    """

    seconds: float
    files: dict[str, str]
    others: list[str]


def run_undisturbed(command: Command, folder: pathlib.Path) -> Undisturbed:
    """Runs a command twice, without a fault; once if it is not resumed, so that nothing is to be compared.

    Args:
      command: the command.
      folder: folder for its runs; if it holds the result of an earlier call, that is returned.
    """
    kept = folder / "undisturbed.json"
    if kept.exists():
        return Undisturbed(**files.read_json(kept))
    found = _run_undisturbed(command, folder)
    files.write_json(kept, dataclasses.asdict(found))
    return found


def _run_undisturbed(command, folder):
    seconds = groups.run(command.arguments, folder / "first")
    if not command.resumes:
        return Undisturbed(seconds, {}, [])
    groups.run(command.arguments, folder / "second")
    first = results.read_files(folder / "first" / OUT)
    equal = results.keep_equal(first, results.read_files(folder / "second" / OUT))
    return Undisturbed(seconds, equal, sorted(set(first) - set(equal)))


def run_chain(
    command: Command, seen: Stops, count: int, whole: Undisturbed, folder: pathlib.Path, chance: random.Random
) -> None:
    """Stops a command up to four times, then lets it end and compares what it leaves.

    Args:
      command: the command.
      seen: what was seen so far, to which this is added.
      count: how often it is to be stopped in all chains together.
      whole: what an undisturbed run leaves.
      folder: folder for the chains; what a faultless chain leaves is removed.
      chance: draws the moments.
    """
    place = folder / f"chain{seen.chains}"
    before = len(seen.faults)
    for quarter in range(CHAIN):
        if seen.count < count:
            moment = _SLACK * whole.seconds * (quarter + chance.random()) / CHAIN
            _stop_once(command, seen.number, moment, place, seen)
    _finish(command, whole, place, seen)
    if len(seen.faults) == before:
        shutil.rmtree(place)
    for fault in seen.faults[before:]:
        print(f"fault: {fault}", flush=True)


def _stop_once(command, number, moment_s, place, seen):
    group = groups.Group(command.arguments, place)
    try:
        if group.wait_until(moment_s) is not None:
            seen.ended += 1
            if group.wait() != 0:
                seen.faults.append(f"{place}: ended with {group.wait()} before the signal: {group.output()[-500:]}")
            return
        stage = command.stage(place / OUT, group.output())
        writing = any(".writing-" in name for name in results.find_unfinished(place / OUT))
        sent = time.perf_counter()
        group.send(number)
        code = group.wait(_STOP_S)
        seconds = time.perf_counter() - sent
        if code == 0:  # it ended by itself at this moment
            seen.ended += 1
            return
        seen.hits[stage] += 1
        seen.while_writing += writing
        name = signal.Signals(number).name
        print(f"{command.name}: {name} after {moment_s:.1f} s of work ({stage}): {code} in {seconds:.2f} s", flush=True)
        seen.faults += [f"{place}, {stage}, {moment_s:.2f} s: {fault}" for fault in _find_faults(group, number, code)]
        if number in INTERRUPTIONS:
            seen.longest_s = max(seen.longest_s, seconds)
    finally:
        group.end()


def _find_faults(group, number, code):
    """What is wrong with the end of a stopped command."""
    faults = [f"child {pid} still runs" for pid in group.children_left()]
    output = group.output()
    if code not in (INTERRUPTIONS.get(number), -number):
        faults.append(f"ended with {code}: {output[-500:]}")
    is_answered = number in INTERRUPTIONS and not _ends_at_start(number, code, output)
    if is_answered and "Traceback" in output:
        faults.append(f"a traceback: {output[-1500:]}")
    elif is_answered and "interrupted" not in output:
        faults.append(f"no line about the interruption: {output[-500:]}")
    return faults


def _ends_at_start(number, code, output):
    """Whether SIGTERM came while Python loaded the command, which had shown nothing. Ctrl-C gives a line then, too."""
    return number == signal.SIGTERM and code == -number and not output.strip()


def _finish(command, whole, place, seen):
    seen.chains += 1
    try:
        groups.run(command.arguments, place)
    except RuntimeError as error:
        seen.faults.append(f"{place}: {error}")
        return
    faults = results.find_differences(whole.files, place / OUT) if command.resumes else []
    seen.equal += not faults
    seen.faults += [f"{place}: {fault}" for fault in faults]
