"""Who holds a folder: the process that has locked the file `.lock` in it writes there who it is.

The lock is the kernel's, not the file: it ends with the process. What is written only serves messages, and file systems
without locks.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import platform
import sys

_LONGEST = 1000  # bytes that are read of a lock file


@dataclasses.dataclass(frozen=True)
class Owner:
    """A process that holds a folder.

    Args:
      pid: number of the process.
      host: name of its machine.
      since: when it took the folder, local time with the offset from UTC (ISO 8601).
      program: name of the program.
    """

    pid: int
    host: str
    since: str
    program: str

    def is_alive(self) -> bool | None:
        """Whether the process runs; None if it is on another machine, or this system does not say."""
        if self.host != platform.node() or os.name != "posix":
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:  # it belongs to another user
            return True
        return True

    def text(self) -> str:
        """Returns the process in words."""
        return f"process {self.pid} ({self.program}) on {self.host}, since {self.since}"


def this_process() -> Owner:
    """Returns this process, as the owner of a folder from now on."""
    since = datetime.datetime.now().astimezone().isoformat(" ", timespec="seconds")
    return Owner(os.getpid(), platform.node(), since, os.path.basename(sys.argv[0]) or "python")


def write(handle: int, owner: Owner) -> None:
    """Writes an owner to an open lock file, as far as there is room: the lock holds without it."""
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(dataclasses.asdict(owner)).encode(), 0)
    except OSError:  # a full disk
        return


def read(handle: int) -> Owner | None:
    """Returns the owner that an open lock file names; None if it names none (yet)."""
    try:
        found = json.loads(os.pread(handle, _LONGEST, 0))
        return Owner(int(found["pid"]), str(found["host"]), str(found["since"]), str(found["program"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def describe_refusal(message: str, owner: Owner | None) -> str:
    """Returns what to say to a process that finds a folder locked: who has it, and what to do.

    Args:
      message: what is refused.
      owner: the process that holds the folder, if it is known.
    """
    if owner is None:
        return f"{message}, which has written no name yet; wait until it ends, or choose another folder"
    stop = f"stop it (kill {owner.pid})" if owner.host == platform.node() else f"stop it on {owner.host}"
    return f"{message}: {owner.text()}; wait until it ends, or {stop}, then run this command again"
