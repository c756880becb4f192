"""The part "kills" of `serving`: kills `export.py` at random moments and checks each time what it left in the folder.

A version that is visible must be complete: it must have the files of an undisturbed export and return the same answers.
Everything else in the folder must be hidden, and gone after the next undisturbed export.
"""

from __future__ import annotations

import dataclasses
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from benchmarks.common.rows import Row
from benchmarks.server import processes, request_load
from benchmarks.server.version_watch import VersionWatch

LIMIT_S = 300


@dataclasses.dataclass
class Kills:
    """The result of killing exports.

    Attributes:
      whole_s: seconds of an undisturbed export.
      kills: exports that were killed.
      finished: exports that ended before the kill.
      with_remains: kills that left a hidden folder.
      published: versions that were published by exports that were to be killed.
      faults: descriptions of what should not have happened.
    """

    whole_s: float
    kills: int = 0
    finished: int = 0
    with_remains: int = 0
    published: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)

    def rows(self) -> list[Row]:
        """Returns the rows of the benchmark."""
        planned = self.kills + self.finished
        faults = "incomplete versions, other visible remains, failed next exports"
        return [
            Row("undisturbed export", self.whole_s, "s"),
            Row(f"of {planned} exports, killed while they ran", self.kills, ""),
            Row("of these, killed while writing", self.with_remains, ""),
            Row("exports that published before the kill", self.published, ""),
            Row(faults, len(self.faults), "", target="== 0"),
        ]


def measure_kills(version: pathlib.Path, quick: bool, run_dir: str | None = None) -> list[Row]:
    """Kills `export.py` at random moments.

    Args:
      version: a version of the served export.
      quick: whether to kill 2 exports instead of 20.
      run_dir: the run to export; by default the one that contains the version.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = find_run(version, run_dir)
        command = [sys.executable, "export.py", f"--run_dir={run}", f"--export_dir={folder}"]
        image = request_load.make_images(1)[0]
        chooser = random.Random(request_load.SEED)
        return kill_exports(command, pathlib.Path(folder, "pose"), image, 2 if quick else 20, chooser).rows()


def find_run(version: pathlib.Path, run_dir: str | None = None) -> pathlib.Path:
    """Returns the folder of the run to export: `run_dir`, by default the run that contains a version.

    Raises:
      ValueError: if there is no such run.
    """
    folders = [pathlib.Path(run_dir).resolve()] if run_dir else version.resolve().parents
    for folder in folders:
        if (folder / "flags.txt").exists():
            return folder
    raise ValueError(
        f"--run_dir: expected a run to export, received {run_dir}"
        if run_dir
        else f"--run_dir: expected a run to export, but {version} is not inside one"
    )


def kill_exports(
    command: Sequence[str], model_dir: pathlib.Path, image: bytes, count: int, chooser: random.Random
) -> Kills:
    """Runs an export to its end, then kills it at moments between 0 and 1.1 times that long, then runs it again.

    That time is divided into `count` equal parts, in random order. Each part has one kill, at a random moment.

    Args:
      command: publishes one more version in `model_dir`.
      model_dir: folder of the versions; empty or missing.
      image: a JPEG that every version must predict.
      count: exports to kill.
      chooser: draws the moments.
    """
    seen = Kills(whole_s=_run(command))
    watch = VersionWatch(model_dir, image)
    for part in chooser.sample(range(count), count):
        moment_s = 1.1 * seen.whole_s * (part + chooser.random()) / count
        before = set(model_dir.iterdir())
        was_killed = _run(command, moment_s) is None
        seen.kills += was_killed
        seen.finished += not was_killed
        new = {path.name for path in set(model_dir.iterdir()) - before}
        seen.published += any(name.isdigit() for name in new)
        seen.with_remains += any(name.startswith(".writing-") for name in new)
        seen.faults += watch.find_faults()
        end = "killed at" if was_killed else "ended before"
        print(f"{end} {moment_s:.2f} s: {', '.join(sorted(new)) or 'nothing new'}")
    # The next export must succeed, get the next number and remove all remains.
    newest = max(watch.versions())
    _run(command)
    seen.faults += watch.find_faults()
    left = sorted(path.name for path in model_dir.iterdir() if not path.name.isdigit())
    if left:
        seen.faults.append(f"the next export left {', '.join(left)}")
    if max(watch.versions()) != newest + 1:
        seen.faults.append(f"the export after version {newest} became {max(watch.versions())}")
    for fault in seen.faults:
        print(f"fault: {fault}")
    return seen


def _run(command, kill_after_s=None):
    """Returns the seconds that a command took; None if it was killed.

    Raises:
      RuntimeError: if it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log.txt")
        start = time.perf_counter()
        was_killed = False
        with processes.start(command, log) as process:
            try:
                process.wait(LIMIT_S if kill_after_s is None else kill_after_s)
            except subprocess.TimeoutExpired:
                was_killed = kill_after_s is not None
                process.kill()
                process.wait(processes.STOP_S)
        seconds = time.perf_counter() - start
        if process.returncode == 0:
            return seconds
        if was_killed and process.returncode == -signal.SIGKILL:
            return None
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
