"""What this machine has for a training: cores, memory, GPUs. Loads no TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess

_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
_TIMEOUT_S = 10


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine.

    Args:
      cores: number of cores that this process may use.
      memory_bytes: memory of the machine, or of its container if that is less.
      gpus: names of the NVIDIA GPUs that the driver sees.
    """

    cores: int
    memory_bytes: int
    gpus: tuple[str, ...] = ()

    def describe(self) -> str:
        """Returns the machine in a few words."""
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        gpus = f", {', '.join(self.gpus)}" if self.gpus else ", no GPU"
        return f"{cores}, {self.memory_bytes / 1e9:.0f} GB of memory{gpus}"


def look_around() -> Machine:
    """Returns what this machine has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(cores, min([memory, *_read_limits()]), _list_gpus())


def _read_limits():
    for path in _LIMITS:
        try:
            with open(path, encoding="ascii") as file:
                text = file.read().strip()
        except OSError:
            continue
        if text.isdecimal():
            yield int(text)


def _list_gpus():
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    command = [program, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(line.strip() for line in done.stdout.splitlines() if line.strip()) if done.returncode == 0 else ()
