"""Runs drivers (`peer_job`) in processes of their own: trainings once, predictions, and timing in turn."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.peers.peer_job import ANSWER
from keras_pose import files

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_LAST_LINES = 3  # of a log, in a message


@dataclasses.dataclass(frozen=True)
class Entrant:
    """A net that is trained and compared.

    Args:
      name: name in tables and of its folder.
      python: interpreter that has what it needs.
      driver: module that runs it.
      job: what its jobs hold besides task, data, run_dir and threads.
      run_dir: folder of its training; empty: `<out>/<name>/run`.
    """

    name: str
    python: str
    driver: str
    job: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    run_dir: str = ""


class DriverError(ValueError):
    """A driver failed; the message names its log."""


@dataclasses.dataclass(frozen=True)
class Runner:
    """Runs the jobs of entrants.

    Args:
      out: folder with a folder for each entrant.
      data: folder of the data files.
      threads: threads of each process.
    """

    out: str
    data: str
    threads: int = 1

    def folder(self, entrant: Entrant) -> str:
        """Returns the folder of an entrant."""
        return os.path.join(self.out, entrant.name.replace(" ", "_"))

    def train(self, entrant: Entrant, cpu_minutes: float) -> dict[str, Any]:
        """Trains an entrant, unless it is trained already, and returns its result (`peer_job`).

        Raises:
          DriverError: if it fails.
        """
        result = os.path.join(self.folder(entrant), "training.json")
        if not os.path.exists(result):
            self._call(entrant, "train", cpu_minutes=cpu_minutes, result=result)
        return files.read_json(result)

    def predict(self, entrant: Entrant, part: str) -> str:
        """Predicts a part and returns the folder of the tables.

        Raises:
          DriverError: if it fails.
        """
        folder = os.path.join(self.folder(entrant), part)
        done = os.path.join(folder, "done.json")
        if not os.path.exists(done):
            self._call(entrant, "predict", part=part, predictions=folder)
            files.write_json(done, {"part": part})
        return folder

    def _call(self, entrant, task, **more):
        path = self._write_job(entrant, task, **more)
        log = os.path.join(self.folder(entrant), f"{task}.log")
        with open(log, "wb") as file:
            done = subprocess.run(
                _command(entrant, path), cwd=_ROOT, env=self.environment(), stdout=file, stderr=file, check=False
            )
        if done.returncode:
            raise DriverError(_describe_failure(entrant.name, task, done.returncode, log))

    def _write_job(self, entrant, task, **more):
        folder = self.folder(entrant)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"{task}.job.json")
        run_dir = entrant.run_dir or os.path.join(folder, "run")
        places = {"data": os.path.abspath(self.data), "run_dir": os.path.abspath(run_dir), "threads": self.threads}
        absolute = {name: os.path.abspath(more[name]) for name in ("result", "predictions") if name in more}
        files.write_json(path, {"task": task, **places, **entrant.job, **more, **absolute})
        return os.path.abspath(path)

    def environment(self) -> dict[str, str]:
        """Returns the environment of a driver: threads limited, this repository importable, nothing downloaded."""
        limits = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
        tensorflow = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
        threads = dict.fromkeys((*limits, *tensorflow), str(self.threads))
        offline = {"HF_HUB_OFFLINE": "1", "WANDB_MODE": "disabled", "NO_ALBUMENTATIONS_UPDATE": "1"}
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "2", "DLClight": "True"}
        return {**os.environ, **threads, **offline, **quiet, "PYTHONPATH": _ROOT}

    def time_in_turn(
        self, entrants: Sequence[Entrant], batches: Sequence[int], repeats: int, calls: int = 3
    ) -> dict[str, dict[int, np.ndarray]]:
        """Times entrants in turn, each in a process that stays.

        Args:
          entrants: whom to time.
          batches: numbers of frames in a batch.
          repeats: turns of each.
          calls: batches in a turn, of which the first is left out: the turns of the others cool the caches.

        Returns:
          {name: {batch: float64 [repeats], milliseconds a frame, the median of a turn}}.

        Raises:
          DriverError: if one fails.
        """
        found: dict[str, dict[int, list[float]]] = {e.name: {b: [] for b in batches} for e in entrants}
        with contextlib.ExitStack() as stack:
            served = {e.name: stack.enter_context(self._serve(e)) for e in entrants}
            for batch in batches:
                for repeat in range(repeats + 1):
                    for name, ask in served.items():
                        ms = ask({"batch": batch, "calls": calls})
                        if repeat:  # the first one compiles and fills caches
                            found[name][batch].append(float(np.median(ms[1:])))
        return {name: {b: np.array(each) for b, each in of.items()} for name, of in found.items()}

    @contextlib.contextmanager
    def _serve(self, entrant: Entrant) -> Iterator[Any]:
        log = os.path.join(self.folder(entrant), "serve.log")
        path = self._write_job(entrant, "serve")
        with open(log, "wb") as file:
            process: Any = subprocess.Popen(
                _command(entrant, path),
                cwd=_ROOT,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        try:
            _read_answer(process, entrant.name, log)

            def ask(request):
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
                return _read_answer(process, entrant.name, log)["ms"]

            yield ask
            process.stdin.write("\n")
            process.stdin.close()
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()


def _command(entrant, path):
    return [entrant.python, "-m", f"benchmarks.peers.{entrant.driver}", path]


def _read_answer(process, name, log):
    for line in process.stdout:
        if line.startswith(ANSWER):
            return json.loads(line[len(ANSWER) :])
    raise DriverError(_describe_failure(name, "serve", process.wait(), log))


def _describe_failure(name, task, code, log):
    with open(log, encoding="utf-8", errors="replace") as file:
        last = " | ".join(line.strip() for line in file.read().strip().splitlines()[-_LAST_LINES:])
    return f"{name}: {task} failed with status {code}; its log is {log}: {last}"
