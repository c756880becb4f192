"""`predict.py` in a process of its own, which can be killed or interrupted while it works on a video."""

from __future__ import annotations

import os
import pathlib
import signal
import sys
import time
from collections.abc import Callable, Sequence

from tests import conftest
from tests.helpers import tiny


def command(model: str, video: str | os.PathLike[str], out_dir: str | os.PathLike[str], *flags: str) -> list[str]:
    """Returns the command line of predict.py; `model`: folder of a run or an export."""
    script = str(conftest.ROOT / "predict.py")
    return [sys.executable, script, f"--model={model}", f"--video={video}", f"--out_dir={out_dir}", *flags]


def stop_when(
    arguments: Sequence[str], ready: Callable[[], bool], number: int = signal.SIGKILL, seconds: float = 300
) -> tuple[int, str]:
    """Starts a command and sends it a signal as soon as `ready` holds; returns (exit code, output)."""
    process = tiny.start(arguments)
    deadline = time.monotonic() + seconds
    while process.poll() is None and not ready() and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def is_writing(folder: pathlib.Path, ending: str) -> bool:
    """Whether a file with this ending is being written in a folder, or has just been."""
    names = os.listdir(folder) if folder.is_dir() else []
    return any(name.endswith(ending) for name in names)


def read_files(folder: pathlib.Path) -> dict[str, bytes]:
    """Returns the content of the files of poses and labelled videos in a folder, by name."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name != "summary.json" and not path.name.startswith(".")
    }
