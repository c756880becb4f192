"""Counts the changes that tests notice: `python -m tests.mutants --room=geometry --sample=40`."""

from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from cosmic_ray import plugins
from cosmic_ray.mutating import use_mutation

from tests import conftest
from tests.mutants import forked_tests, rooms, sample


def main() -> None:
    """Reads the flags, changes the rooms one after the other and prints the changes that no test noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--room", default="all", help=f"one of {', '.join(rooms.ROOMS)}, several with commas, or all")
    parser.add_argument("--sample", type=int, default=40, help="number of changes of each room; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    parser.add_argument("--minutes", type=float, default=60, help="time for each room; the rest of its sample is left")
    flags = parser.parse_args()
    names = list(rooms.ROOMS) if flags.room == "all" else flags.room.split(",")
    unknown = sorted(set(names) - set(rooms.ROOMS))
    if unknown:
        parser.error(f"--room: expected {', '.join(rooms.ROOMS)}, received {', '.join(unknown)}")
    forked_tests.load_libraries()
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy_project(pathlib.Path(folder, "project"))
        for name in names:
            _change_room(copy, name, flags)


def _copy_project(folder: pathlib.Path) -> pathlib.Path:
    """Copies the files of the project that git knows or does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=conftest.ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        source = conftest.ROOT / name
        if name and source.is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(source.read_bytes())
    return folder


def _change_room(folder: pathlib.Path, room: str, flags: argparse.Namespace) -> None:
    """Changes a room, prints what survives, and the score with its standard error."""
    modules = rooms.find_modules(folder, room)
    mutants = [mutant for module in modules for mutant in sample.find_mutants(folder, module)]
    chosen = sample.draw(mutants, flags.sample or len(mutants), flags.seed)
    log = folder.with_name("log.txt")
    end = time.monotonic() + 60 * flags.minutes
    limits_s: dict[pathlib.Path, int] = {}
    noticed: list[bool] = []
    for mutant in chosen:
        if time.monotonic() > end:
            break
        tests = rooms.tests_of(mutant.module)
        if mutant.module not in limits_s:
            passed, seconds = forked_tests.run(folder, tests, log, 3600)
            if not passed:
                sys.exit(f"{tests} fails without a change:\n{log.read_text(encoding='utf-8')[-3000:]}")
            limits_s[mutant.module] = int(20 + 3 * seconds)
        operator = plugins.get_operator(mutant.operator)()
        with use_mutation(folder / mutant.module, operator, mutant.occurrence) as (before, after):
            passed, _ = forked_tests.run(folder, tests, log, limits_s[mutant.module])
        noticed.append(not passed)
        if passed:
            print(f"survived: {mutant.module}:{mutant.line} {mutant.operator.partition('/')[2]}")
            print(_show_change(before, after), flush=True)
    count = max(len(noticed), 1)
    score = sum(noticed) / count
    error = (score * (1 - score) / count) ** 0.5
    print(
        f"{room}: tests noticed {sum(noticed)} of {len(noticed)} changes ({100 * score:.0f} %, standard error "
        f"{100 * error:.0f} points) out of {len(mutants)} possible ones",
        flush=True,
    )


def _show_change(before: str, after: str) -> str:
    """Returns the lines that differ."""
    pairs = zip(before.splitlines(), after.splitlines())
    return os.linesep.join(f"  - {old.strip()}\n  + {new.strip()}" for old, new in pairs if old != new)


if __name__ == "__main__":
    main()
