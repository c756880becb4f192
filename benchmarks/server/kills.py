"""What a killed export leaves: the command is killed at random moments, and each time the folder is looked through.

A version that is visible must be complete: the files of an export that nobody disturbed, and the same answers. All else
that lies there must be hidden, and gone after the next export that is left alone.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pathlib
import signal
import subprocess
import tempfile
import time

import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.server import processes

LIMIT_S = 300
_TOLERANCE_PX = 1e-3


@dataclasses.dataclass
class Kills:
    """What was seen.

    Attributes:
      whole_s: float, seconds of an export that nobody disturbs.
      kills: int, how many exports a kill ended.
      finished: int, how many ended before the kill came.
      with_remains: int, kills that left a hidden folder.
      published: int, versions that came of exports that were to be killed.
      faults: list of str, what should not be.
    """

    whole_s: float
    kills: int = 0
    finished: int = 0
    with_remains: int = 0
    published: int = 0
    faults: list[str] = dataclasses.field(default_factory=list)

    def rows(self) -> list:
        """Returns the benchmark's rows."""
        planned = self.kills + self.finished
        return [
            harness.Row("export that nobody disturbs", self.whole_s, "s"),
            harness.Row(f"of {planned} exports, killed while they ran", self.kills, ""),
            harness.Row("of these, in the midst of writing", self.with_remains, ""),
            harness.Row("exports to be killed that published first", self.published, ""),
            harness.Row(
                "incomplete versions, other visible remains, failed exports after it",
                len(self.faults),
                "",
                target="== 0",
            ),
        ]


def kill_exports(command, model_dir, image, count, chooser) -> Kills:
    """Runs an export to its end, then kills it at moments between 0 and 1.1 times that long, then runs it again.

    Each of `count` equal parts of that time has one kill, at a random moment; the parts come in random order.

    Args:
      command: list of str, what publishes one more version in `model_dir`.
      model_dir: pathlib.Path, the folder of the versions; empty or missing.
      image: bytes, a JPEG that every version is asked about.
      count: int, exports to kill.
      chooser: `random.Random`, draws the moments.
    """
    seen = Kills(whole_s=_run(command))
    watch = _Watch(model_dir, image)
    for part in chooser.sample(range(count), count):
        moment_s = 1.1 * seen.whole_s * (part + chooser.random()) / count
        before = set(model_dir.iterdir())
        was_killed = _run(command, moment_s) is None
        seen.kills += was_killed
        seen.finished += not was_killed
        new = {path.name for path in set(model_dir.iterdir()) - before}
        seen.published += any(name.isdigit() for name in new)
        seen.with_remains += any(name.startswith(".") for name in new)
        seen.faults += watch.find_faults()
        end = "killed at" if was_killed else "ended before"
        print(f"{end} {moment_s:.2f} s: {', '.join(sorted(new)) or 'nothing new'}")
    newest = max(watch.versions())
    _run(command)
    seen.faults += watch.find_faults()
    left = sorted(path.name for path in model_dir.iterdir() if not path.name.isdigit())
    if left:
        seen.faults.append(f"the export after them left {', '.join(left)}")
    if max(watch.versions()) != newest + 1:
        seen.faults.append(f"the export after version {newest} became {max(watch.versions())}")
    for fault in seen.faults:
        print(f"fault: {fault}")
    return seen


class _Watch:
    """Compares versions with the first one, which is taken to be complete; each is loaded once and hashed each time."""

    def __init__(self, model_dir, image):
        self._model_dir, self._image = model_dir, image
        (first,) = self.versions()
        self._files, self._answer = _list_files(model_dir / str(first)), self._ask(first)
        self._digests = {first: _digest(model_dir / str(first))}

    def versions(self) -> list[int]:
        return sorted(int(path.name) for path in self._model_dir.iterdir() if path.name.isdigit())

    def find_faults(self) -> list[str]:
        names = [path.name for path in self._model_dir.iterdir()]
        faults = [f"{name} can be seen" for name in names if not name.isdigit() and not name.startswith(".")]
        for version in self.versions():
            fault = self._find_fault(version)
            if fault:
                faults.append(f"version {version}: {fault}")
        return faults

    def _find_fault(self, version):
        folder = self._model_dir / str(version)
        if version in self._digests:
            return None if _digest(folder) == self._digests[version] else "its files have changed"
        self._digests[version] = _digest(folder)
        other = _list_files(folder) ^ self._files
        if other:
            return f"lacks, or has beyond the first version: {', '.join(sorted(other))}"
        try:
            answer = self._ask(version)
        except Exception as error:  # noqa: BLE001  whatever TensorFlow raises for half a model
            return f"cannot be loaded and asked: {error!r}"
        same = all(np.allclose(answer[name], self._answer[name], atol=_TOLERANCE_PX) for name in self._answer)
        return None if same else "answers otherwise than the first version"

    def _ask(self, version):
        call = tf.saved_model.load(str(self._model_dir / str(version))).signatures["serving_default"]
        return {name: value.numpy() for name, value in call(image_bytes=tf.constant([self._image])).items()}


def _run(command, kill_after_s=None):
    """Returns the seconds a command took, or None where it was killed.

    Raises:
      RuntimeError: where it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "log.txt")
        start, was_killed = time.perf_counter(), False
        with processes.start(command, log) as process:
            try:
                process.wait(LIMIT_S if kill_after_s is None else kill_after_s)
            except subprocess.TimeoutExpired:
                was_killed = kill_after_s is not None
                process.kill()
                process.wait(process.STOP_S)
        seconds = time.perf_counter() - start
        if process.returncode == 0:
            return seconds
        if was_killed and process.returncode == -signal.SIGKILL:
            return None
        raise RuntimeError(f"{command} ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")


def _list_files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _digest(folder):
    whole = hashlib.sha256()
    for name in sorted(_list_files(folder)):
        whole.update(f"{name}\0{hashlib.sha256((folder / name).read_bytes()).hexdigest()}".encode())
    return whole.hexdigest()
