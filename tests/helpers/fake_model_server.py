"""A server that lists the versions of a folder and gives made-up answers, in place of the local server."""

from __future__ import annotations

import contextlib
import pathlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.server import processes
from keras_pose.exporting import publish
from tests.helpers.fake_server import answering


class FakeModelServer:
    """Stands in for `processes.serve`.

    Args:
      answer: function of a request's number, from 1, to (status, JSON or bytes).
      pause_s: how long each answer takes.
    """

    def __init__(self, answer: Callable[[int], tuple[int, Any]], pause_s: float = 0.0) -> None:
        self.answer = answer
        self.pause_s = pause_s

    @contextlib.contextmanager
    def serve(self, version: pathlib.Path) -> Iterator[tuple]:
        """Serves versions as `processes.serve` does."""

        def answer(request):
            if request.method == "GET":
                newest = max(publish.versions(version.parent))
                return 200, {"model_version_status": [{"version": str(newest), "state": "AVAILABLE"}]}
            time.sleep(self.pause_s)
            return self.answer(request.number)

        # A process that can be asked whether it lives, and how much memory it holds.
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        with answering(answer) as (url, _), processes.start(command, "/dev/null") as process:
            yield url, process
