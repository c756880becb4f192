"""Runs rounds of cases of one target with Hypothesis, in a process that `supervisor.py` watches.

Every random choice of a case is a choice of Hypothesis, so the seed and the number of a round repeat it, and a failing
case is shrunk to a smaller one. A round looks for one fault; faults that were seen before are counted and passed over.
Messages to the supervisor are lines of JSON: the beginning of each case, faults, and what a round did.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import pathlib
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable

import hypothesis
from hypothesis import strategies

from tests.fuzz.oracle import Fault

CASES_PER_ROUND = 100
_LONGEST_SHRINKING_S = 15.0
_MEMORY_BYTES = 6 << 30

# A function of the random choices, an empty folder for the input, and a list that takes what was done; returns
# whether the input was read (True) or refused (False). It raises a `Fault` if a reader breaks a rule.
Target = Callable[[random.Random, str, list], bool]


class _Enough(BaseException):
    """Ends a round out of Hypothesis, which catches every Exception."""


class Round:
    """One round of cases.

    Args:
      target: what to run.
      work: folder for the inputs, one at a time in `case/`; `case.txt` beside it says what was done to it.
      known: signatures of faults to pass over.
      send: takes each message for the supervisor.
    """

    def __init__(self, target: Target, work: str, known: set[str], send: Callable[[dict], None]) -> None:
        self._target = target
        self._folder = os.path.join(work, "case")
        self._known = known
        self._send = send
        self._found: str | None = None
        self._stop_at = 0.0

    def run(self, seed: int, number: int, cases: int = CASES_PER_ROUND) -> None:
        """Runs the cases of round `number`."""

        @hypothesis.seed(seed * 1_000_003 + number)
        @hypothesis.settings(
            max_examples=cases,
            database=None,
            deadline=None,
            derandomize=False,
            report_multiple_bugs=False,
            suppress_health_check=list(hypothesis.HealthCheck),
            phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
            verbosity=hypothesis.Verbosity.quiet,
        )
        @hypothesis.given(strategies.randoms(use_true_random=False))
        def all_cases(rng):
            self._case(rng)

        with contextlib.suppress(Fault, _Enough, hypothesis.errors.Flaky):  # sent already
            all_cases()
        if self._found:
            self._known.add(self._found)

    def _case(self, rng):
        if self._found and time.monotonic() > self._stop_at:
            raise _Enough
        shutil.rmtree(self._folder, ignore_errors=True)
        os.makedirs(self._folder)
        log = _Log(os.path.join(os.path.dirname(self._folder), "case.txt"))
        self._send({"event": "case"})
        how = "stopped"
        try:
            how = "read" if self._target(rng, self._folder, log) else "refused"
        except Fault as fault:
            how = "faulty"
            if fault.signature in self._known or self._found not in (None, fault.signature):
                return
            if self._found is None:
                self._stop_at = time.monotonic() + _LONGEST_SHRINKING_S
                self._found = fault.signature
            kept = tempfile.mkdtemp(prefix="fault-", dir=os.path.dirname(self._folder))
            shutil.copytree(self._folder, kept, dirs_exist_ok=True)  # the next case replaces its folder
            message = {"event": "fault", "signature": fault.signature, "text": str(fault)}
            self._send({**message, "changes": list(log), "folder": kept})
            raise
        finally:
            self._send({"event": "done", "how": how})


class _Log(list):
    """A list that is also on disk as it grows, for the supervisor of a process that crashes."""

    def __init__(self, path):
        super().__init__()
        self._path = path
        pathlib.Path(path).write_text("", encoding="utf-8")

    def append(self, item):
        super().append(item)
        with open(self._path, "a", encoding="utf-8", errors="replace") as file:
            file.write(f"{item}\n")


def find_target(name: str) -> Target:
    """Returns a target by its name in `targets.TARGETS`, or by `module:function`."""
    from tests.fuzz.targets import TARGETS

    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function) if function else TARGETS[name]


def main() -> None:
    """Runs rounds without end; arguments: target, seed, first round, work folder, channel, known signatures."""
    name, seed, number, work, channel, *known = sys.argv[1:]
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(int(channel), "w", encoding="utf-8") as file:

        def send(message):
            file.write(json.dumps(message) + "\n")
            file.flush()

        signatures = set(known)
        for count in range(int(number), sys.maxsize):
            send({"event": "begin", "round": count})
            Round(find_target(name), work, signatures, send).run(int(seed), count)
            send({"event": "round", "round": count})


if __name__ == "__main__":
    main()
