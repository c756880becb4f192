"""Faults with counts: `python -m benchmarks.faults [--parts=kills,…] [--commands=train,…] [--count=20] [--quick]`.

Each part breaks something on purpose and counts what happens. docs/faults.md says what should happen, and holds the
counts. Nets and data are tiny, so that each command takes seconds. The commands are stopped in turn, four times each,
so that all have about as many stops if --minutes ends the benchmark early.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import random
import signal
import tempfile
import time
from collections.abc import Sequence

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.fault_injection import commands, signals

SIGNALS = {"kills": signal.SIGKILL, "interrupts": signal.SIGINT, "terminations": signal.SIGTERM}
PARTS = ("kills", "interrupts")
COMMANDS = ("train", "prepare", "annotate", "predict", "evaluate", "export")


@dataclasses.dataclass(frozen=True)
class _Series:
    command: commands.Command
    whole: signals.Undisturbed
    folder: pathlib.Path
    chance: random.Random
    seen: signals.Stops


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Faults with counts.")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"Faults to try, of {', '.join(SIGNALS)}.")
    parser.add_argument("--commands", default=",".join(COMMANDS), help="Commands to try them on.")
    parser.add_argument("--count", type=int, default=20, help="How often each command is stopped; more take longer.")
    parser.add_argument("--minutes", type=float, default=120.0, help="Time after which no new folder is begun.")
    parser.add_argument("--seed", type=int, default=0, help="Seed of the moments.")
    arguments = parser.parse_args(argv)
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        rows = measure_stops(pathlib.Path(folder), arguments)
    harness.report("faults", rows, arguments)


def measure_stops(folder: pathlib.Path, arguments) -> list[Row]:
    """Stops the commands at random moments.

    Args:
      folder: an empty folder to work in.
      arguments: as parsed by `main`.

    Returns:
      The rows of all commands and signals.
    """
    began = time.monotonic()
    count = 2 if arguments.quick else arguments.count
    series = _begin(folder, arguments)
    while any(one.seen.count < count for one in series):
        for one in series:
            if one.seen.count < count and (time.monotonic() - began < 60 * arguments.minutes or not one.seen.chains):
                signals.run_chain(one.command, one.seen, count, one.whole, one.folder, one.chance)
                print("\n".join(map(str, one.seen.rows())), flush=True)
        if time.monotonic() - began > 60 * arguments.minutes:
            break
    return [row for one in series for row in one.seen.rows()]


def _begin(folder, arguments):
    """Runs the commands without faults; returns what is to be done, the kills of all commands first."""
    inputs = folder / "inputs"
    commands.make_inputs(inputs)
    known = commands.make_commands(inputs)
    chosen = [known[name] for name in COMMANDS if name in arguments.commands.split(",")]
    wholes = {}
    for command in chosen:
        wholes[command.name] = whole = signals.run_undisturbed(command, folder / command.name)
        print(f"{command.name}: {whole.seconds:.1f} s; {len(whole.files)} files, others: {whole.others}", flush=True)
    return [
        _Series(
            command,
            wholes[command.name],
            folder / command.name / part,
            random.Random(f"{arguments.seed} {part} {command.name}"),
            signals.Stops(command.name, SIGNALS[part]),
        )
        for part in arguments.parts.split(",")
        for command in chosen
        if command.resumes or part == "interrupts"
    ]


if __name__ == "__main__":
    main()
