"""A disk that is too small, then large enough: what a command says, what it leaves, and whether it goes on.

The disk is a tmpfs, which only root can mount. Its sizes are spread over what the command writes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import subprocess
from collections.abc import Iterator

from benchmarks.common.rows import Row
from benchmarks.fault_injection import groups, results
from benchmarks.fault_injection.commands import OUT, Command
from benchmarks.fault_injection.signals import Undisturbed

_PLENTY = 1 << 30
_REASONS = ("No space left on device", "Read-only file system")


@dataclasses.dataclass
class Failures:
    """The result of running a command on disks that are too small or read-only.

    Attributes:
      command: its name.
      small, read_only: disks that it was run on.
      named: errors of one line, with the reason and a path of the disk.
      equal: disks on which it went on, once there was room, and left what an undisturbed run leaves.
      faults: what should not have happened.
    """

    command: str
    small: int = 0
    read_only: int = 0
    named: int = 0
    equal: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)

    def rows(self) -> list[Row]:
        """Returns the rows of the benchmark."""
        count = self.small + self.read_only
        return [
            Row(f"{self.command}: full disks", self.small, ""),
            Row(f"{self.command}: read-only disks", self.read_only, ""),
            Row(f"{self.command}: errors that name path and reason", self.named, "", target=f"== {count}"),
            Row(f"{self.command}: goes on with room, equal", self.equal, "", target=f"== {count}"),
            Row(f"{self.command}: unfinished files left, other faults", len(self.faults), "", target="== 0"),
        ]


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, size: int) -> Iterator[None]:
    """Mounts a disk of so many bytes at a folder inside the block.

    Raises:
      ValueError: if this process may not mount disks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.name != "posix" or os.geteuid() != 0:
        raise ValueError("a disk can be mounted only by root")
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(command: Command, whole: Undisturbed, size: int, count: int, folder: pathlib.Path) -> Failures:
    """Runs a command on `count` disks that are too small, and on one that is read-only.

    Args:
      command: the command.
      whole: what an undisturbed run leaves.
      size: bytes that an undisturbed run writes.
      count: disks that are too small.
      folder: an empty folder to work in.
    """
    seen = Failures(command.name)
    for number in range(count):
        place = folder / f"full{number}"
        # The command runs beside the disk: its log is not on it.
        with small_disk(place / OUT, max(1, round(size * (number + 0.5) / count))):
            seen.small += 1
            _fail(command, place, seen)
            _mount("-o", f"remount,size={_PLENTY}", str(place / OUT))
            _go_on(command, whole, place, seen)
    place = folder / "read_only"
    with small_disk(place / OUT, _PLENTY):
        _mount("-o", "remount,ro", str(place / OUT))
        seen.read_only += 1
        _fail(command, place, seen)
        _mount("-o", "remount,rw", str(place / OUT))
        _go_on(command, whole, place, seen)
    for fault in seen.faults:
        print(f"fault: {fault}", flush=True)
    return seen


def bytes_of(folder: pathlib.Path) -> int:
    """Returns the size of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _fail(command, place, seen):
    group = groups.Group(command.arguments, place)
    code = group.wait()
    output = group.output()
    lines = output.strip().splitlines()
    print(f"{command.name}, {place.name}: {code}: {lines[-1] if lines else ''}", flush=True)
    named = [line for line in lines if OUT in line and any(reason in line for reason in _REASONS)]
    if code not in (0, None) and named and "Traceback" not in output:
        seen.named += 1
    else:
        seen.faults.append(f"{place.name}: ended with {code}: {output[-1500:]}")
    unfinished = [name for name in results.find_unfinished(place / OUT) if ".parts" not in name]
    seen.faults += [f"{place.name}: {name} is left over" for name in unfinished]


def _go_on(command, whole, place, seen):
    try:
        groups.run(command.arguments, place)
    except RuntimeError as error:
        seen.faults.append(f"{place.name}: with room: {error}")
        return
    faults = results.find_differences(whole.files, place / OUT) if command.resumes else []
    seen.equal += not faults
    seen.faults += [f"{place.name}: {fault}" for fault in faults]


def _mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)
