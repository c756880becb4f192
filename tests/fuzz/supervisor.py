"""Starts the rounds in a process of its own, keeps the input of each fault, and starts again after a crash."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HANG_S = 20.0
_START_S = 120.0
_MEMORY = "/dev/shm"  # files in memory; thousands of small folders take half of the time on a disk
_ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Report:
    """What a target's run found.

    Args:
      target: its name.
      counts: numbers of cases: all, read, refused, faulty.
      rounds: number of rounds begun.
      faults: {signature: first line of its text}.
      seconds: how long it ran.
    """

    target: str
    counts: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    rounds: int = 0
    faults: dict[str, str] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0

    def describe(self) -> str:
        """Returns the report as one line."""
        c = self.counts
        return (
            f"{self.target}: {c['cases']} cases in {self.rounds} rounds, {self.seconds / 60:.1f} min: "
            f"{c['read']} read, {c['refused']} refused, {c['faulty']} showed one of {len(self.faults)} faults"
        )


class Supervisor:
    """Runs one target for a while.

    Args:
      target: its name, as `rounds.find_target` takes it.
      seed: seed of all rounds.
      failures: folder that takes a folder for each fault: the input, and `report.txt`.
    """

    def __init__(self, target: str, seed: int, failures: str) -> None:
        self._target = target
        self._seed = seed
        self._failures = failures
        self._round = 0
        self.report = Report(target)

    def run(self, seconds: float, first_round: int = 0, rounds: int | None = None) -> Report:
        """Runs until the time is over or the rounds are done; returns the report."""
        start = time.monotonic()
        self._round = first_round
        end = start + seconds
        last = None if rounds is None else first_round + rounds
        while time.monotonic() < end and (last is None or self._round < last):
            work = tempfile.mkdtemp(prefix="keras-pose-fuzz-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None)
            try:
                self._watch(work, end, last)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        self.report.seconds = time.monotonic() - start
        return self.report

    def _watch(self, work, end, last):
        """Follows one process until the end, its crash or a case that takes too long."""
        reading, writing = os.pipe()
        with open(os.path.join(work, "stderr"), "wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.fuzz.rounds", self._target, str(self._seed), str(self._round), work]
                + [str(writing), *self.report.faults],
                pass_fds=[writing],
                cwd=_ROOT,
                stdout=errors,
                stderr=errors,
            )
        os.close(writing)
        try:
            with open(reading, "rb", buffering=0) as channel:
                self._follow(process, channel, work, end, last)
        finally:
            process.kill()
            process.wait()

    def _follow(self, process, channel, work, end, last):
        selector = selectors.DefaultSelector()
        selector.register(channel, selectors.EVENT_READ)
        rest = b""
        running = False  # whether a case runs
        limit = time.monotonic() + _START_S
        while time.monotonic() < end or running:
            if not selector.select(max(0.0, min(limit, limit if running else end) - time.monotonic())):
                if time.monotonic() >= limit:
                    self._stopped(process, work, "hang" if running else "no answer")
                    return
                continue
            piece = channel.read(1 << 16)
            if not piece:
                self._stopped(process, work, "crash")
                return
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                message = json.loads(line)
                running = message["event"] in ("case", "fault") or (running and message["event"] != "done")
                self._take(message, work)
                if message["event"] == "round" and last is not None and self._round >= last:
                    return
            limit = time.monotonic() + (HANG_S if running else _START_S)

    def _take(self, message, work):
        event = message["event"]
        if event == "begin":
            self.report.rounds += 1
        elif event == "case":
            self.report.counts["cases"] += 1
        elif event == "round":
            self._round = message["round"] + 1
        elif event == "done":
            self.report.counts[message["how"]] += 1
        elif event == "fault":
            self._keep(message["folder"], message["signature"], message["text"], message["changes"])

    def _stopped(self, process, work, how):
        """Keeps the input of a case that crashed or hangs; the next process begins with the next round."""
        if how == "hang":
            process.send_signal(signal.SIGABRT)  # faulthandler writes where it is
            time.sleep(0.5)
        elif how == "crash":
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
        process.kill()
        code = process.wait()
        trace = pathlib.Path(work, "stderr").read_text(encoding="utf-8", errors="replace")
        # The list of loaded libraries, thousands of characters long, follows the place.
        trace = trace.partition("\nExtension modules:")[0][-6000:]
        changes = pathlib.Path(work, "case.txt")
        lines = changes.read_text(encoding="utf-8").splitlines() if changes.exists() else []
        places = [line.strip() for line in trace.splitlines() if "/keras_pose/" in line or "/serving/" in line]
        place = places[0].rpartition("/")[2] if places else "?"
        name = f"{how}-{''.join(c if c.isalnum() else '-' for c in place)[:60]}"
        self._keep(os.path.join(work, "case"), name, f"{how} (exit code {code}) at {place}\n{trace}", lines)
        self._round += 1

    def _keep(self, folder, signature, text, changes):
        if signature not in self.report.faults:
            print(f"{self._target}: {signature}: {shorten(text)}", flush=True)
        self.report.faults[signature] = shorten(text)
        place = os.path.join(self._failures, self._target.replace(":", "-"), signature)
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(folder, os.path.join(place, "input"), symlinks=True)
        lines = [f"target {self._target}, seed {self._seed}, round {self._round}", "changes:"]
        lines += [f"  {change}" for change in changes]
        with open(os.path.join(place, "report.txt"), "w", encoding="utf-8", errors="replace") as file:
            file.write("\n".join([*lines, "", text, ""]))


def shorten(text: str) -> str:
    """Returns the first line of a text and, if it ends with a traceback, the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    short = " … ".join([lines[0], lines[-1]] if len(lines) > 1 else lines)
    return short if len(short) <= 400 else f"{short[:400]}…"
