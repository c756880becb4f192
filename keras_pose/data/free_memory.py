"""Whether there is memory left for a cache. Linux says; elsewhere the answer is always yes."""

from __future__ import annotations

import os

LEAST_FREE = 0.1  # of the memory: what training itself needs, and the system's cache of files
_MACHINE = "/proc/meminfo"
_CONTAINER = "/sys/fs/cgroup"


def has_room(machine: str = _MACHINE, container: str = _CONTAINER) -> bool:
    """Whether at least a tenth of the memory is free, of the machine and of the container that the process is in.

    Args:
      machine: file that says how much memory the machine has.
      container: folder of the limits of the container (cgroup, version 2).
    """
    return _free_of_machine(machine) >= LEAST_FREE and _free_of_container(container) >= LEAST_FREE


def _free_of_machine(path):
    found = _read_numbers(path)
    if "MemTotal:" not in found or "MemAvailable:" not in found:
        return 1.0
    return found["MemAvailable:"] / found["MemTotal:"]


def _free_of_container(folder):
    limit = _read_number(os.path.join(folder, "memory.max"))
    used = _read_number(os.path.join(folder, "memory.current"))
    if not limit or used is None:
        return 1.0
    files = _read_numbers(os.path.join(folder, "memory.stat")).get("inactive_file", 0)  # the system can drop them
    return 1 - (used - files) / limit


def _read_number(path):
    text = _read(path).strip()
    return int(text) if text.isdecimal() else None


def _read_numbers(path):
    """Returns {name: number} of lines of a name, a number and perhaps a unit."""
    rows = [line.split() for line in _read(path).splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdecimal()}


def _read(path):
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
