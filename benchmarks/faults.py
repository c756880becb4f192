"""Faults with counts: `python -m benchmarks.faults [--parts=kills,…] [--commands=train,…] [--count=20] [--quick]`.

Each part breaks something on purpose and counts what happens. docs/faults.md says what should happen, and holds the
counts. Nets and data are tiny, so that each command takes seconds. The commands are stopped in turn, four times each,
so that all have about as many stops if --minutes ends the benchmark early.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Sequence

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.fault_injection import clocks, commands, damage, disks, signals

SIGNALS = {"kills": signal.SIGKILL, "interrupts": signal.SIGINT, "terminations": signal.SIGTERM}
DISKS = "disks"
DAMAGE = "damage"
CLOCKS = "clocks"
PARTS = (*SIGNALS, DISKS, DAMAGE, CLOCKS)
COMMANDS = ("train", "prepare", "annotate", "predict", "evaluate", "export")


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Faults with counts.")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"Of {', '.join(PARTS)}.")
    parser.add_argument("--commands", default=",".join(COMMANDS), help="Commands to try them on.")
    parser.add_argument("--count", type=int, default=20, help="How often each command is stopped; more take longer.")
    parser.add_argument("--minutes", type=float, default=120.0, help="Time after which no new folder is begun.")
    parser.add_argument("--seed", type=int, default=0, help="Seed of the moments.")
    parser.add_argument("--work", help="Folder whose inputs and undisturbed runs are kept for the next call.")
    arguments = parser.parse_args(argv)
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(arguments.work or folder).resolve()
        rows = measure_stops(kept, arguments)
        if DISKS in arguments.parts.split(","):
            rows += measure_disks(kept, arguments)
        if DAMAGE in arguments.parts.split(","):
            rows += measure_damage(kept, pathlib.Path(folder, DAMAGE), arguments)
        if CLOCKS in arguments.parts.split(","):
            rows += measure_clocks(kept, arguments)
    harness.report("faults", rows, arguments)


def measure_stops(kept: pathlib.Path, arguments: argparse.Namespace) -> list[Row]:
    """Stops the commands at random moments.

    Args:
      kept: folder of the inputs and all runs.
      arguments: as parsed by `main`; the rows so far are written to `--json` after each chain.

    Returns:
      The rows of all commands and signals.
    """
    began = time.monotonic()
    count = 2 if arguments.quick else arguments.count
    commands.make_inputs(kept / "inputs")
    known = commands.make_commands(kept / "inputs")
    pairs = [
        (known[name], part)
        for part in arguments.parts.split(",")
        if part in SIGNALS
        for name in arguments.commands.split(",")
        if known[name].resumes or SIGNALS[part] in signals.INTERRUPTIONS
    ]
    seen = {(command.name, part): signals.Stops(command.name, SIGNALS[part]) for command, part in pairs}
    chances = {key: random.Random(f"{arguments.seed} {key}") for key in seen}
    folders = {key: work_folder(kept, *key) for key in seen}

    def is_wanted(command: commands.Command, part: str) -> bool:
        stops = seen[command.name, part]
        is_late = time.monotonic() - began > 60 * arguments.minutes
        return stops.count < count and not is_late

    while any(is_wanted(*pair) for pair in pairs):
        for command, part in pairs:
            if is_wanted(command, part):
                whole = signals.run_undisturbed(command, kept / command.name)
                key = (command.name, part)
                signals.run_chain(command, seen[key], count, whole, folders[key], chances[key])
                rows = list_rows(seen.values())
                if arguments.json:
                    harness.write_rows(arguments.json, "faults", rows)
    return list_rows(seen.values())


def list_rows(seen: Iterable[signals.Stops]) -> list[Row]:
    """Returns the rows of commands that were stopped at least once: nothing holds for the others."""
    return [row for stops in seen if stops.count for row in stops.rows()]


def work_folder(kept: pathlib.Path, command: str, part: str) -> pathlib.Path:
    """Returns a folder for runs of a command, without what an earlier benchmark has left there.

    It is as far from the inputs as the folder of the undisturbed runs: some files hold relative paths.
    """
    folder = kept / f"{command}-{part}"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def measure_disks(kept: pathlib.Path, arguments: argparse.Namespace) -> list[Row]:
    """Runs the commands on full and read-only disks; needs root. Args as for `measure_stops`."""
    commands.make_inputs(kept / "inputs")
    known = commands.make_commands(kept / "inputs")
    rows: list[Row] = []
    for name in arguments.commands.split(","):
        whole = signals.run_undisturbed(known[name], kept / name)
        size = disks.bytes_of(kept / name / "first" / commands.OUT)
        if size:  # else it writes elsewhere
            place = work_folder(kept, name, DISKS)
            rows += disks.fill(known[name], whole, size, 1 if arguments.quick else 4, place).rows()
    return rows


def measure_damage(kept: pathlib.Path, folder: pathlib.Path, arguments: argparse.Namespace) -> list[Row]:
    """Damages the files of a run and of shards. Args as for `measure_stops`."""
    commands.make_inputs(kept / "inputs")
    known = commands.make_commands(kept / "inputs")
    for name in ("train", "prepare"):
        signals.run_undisturbed(known[name], kept / name)
    trained, shards = (kept / name / "first" / commands.OUT for name in ("train", "prepare"))
    return damage.measure(trained, shards, 20 if arguments.quick else 200, arguments.seed, folder)


def measure_clocks(kept: pathlib.Path, arguments: argparse.Namespace) -> list[Row]:
    """Runs the commands under a clock that jumps. Args as for `measure_stops`."""
    commands.make_inputs(kept / "inputs")
    known = commands.make_commands(kept / "inputs")
    seen = clocks.Jumps()
    for name in arguments.commands.split(","):
        whole = signals.run_undisturbed(known[name], kept / name)
        clocks.run(known[name], whole, work_folder(kept, name, CLOCKS) / "run", arguments.seed, seen)
    return seen.rows()


if __name__ == "__main__":
    main()
