"""The part "versions" of `serving`: publishes a version and rolls back, repeatedly, while clients send requests."""

from __future__ import annotations

import pathlib
import shutil
import tempfile
import time

import numpy as np

from benchmarks.common.rows import Row, Spread
from benchmarks.server import processes, publishing, request_load

_CLIENTS = 4


def measure_versions(version: pathlib.Path, quick: bool) -> list[Row]:
    """Measures failed requests and slow answers while versions change, and how long a change takes.

    Args:
      version: a version of the served export.
      quick: whether to publish 3 times instead of 20.
    """
    turns = 3 if quick else 20
    body = request_load.jpeg_body(request_load.make_images(1))
    with tempfile.TemporaryDirectory() as folder:
        base_path = pathlib.Path(folder, "pose")
        shutil.copytree(version, base_path / "1")
        with processes.serve(base_path / "1") as (url, _), _send_requests(url, body) as load:
            times_s = [_publish_and_roll_back(url, version, base_path) for _ in range(turns)]
    answers_s = np.array(load.answers_s)
    failed = f"failed requests of {len(answers_s)} during {turns} publications and roll-backs"
    return [
        Row(failed, len(load.faults), "", target="== 0"),
        Spread.from_samples(answers_s).to_row(f"answers meanwhile, {_CLIENTS} clients", "ms", 1e3),
        Row("slowest answer meanwhile", answers_s.max() * 1e3, "ms"),
        Spread.from_samples(times_s).to_row("from publication until only that version is served", "s"),
    ]


def _send_requests(url, body):
    return request_load.Load(lambda session: bool(request_load.ask(session, url, body)), _CLIENTS)


def _publish_and_roll_back(url, version, base_path):
    """Publishes version 2, rolls back to 1; returns the seconds from the renaming until only 2 was served."""
    publishing.publish(version, base_path, 2)
    start = time.perf_counter()
    _wait_for(url, 2)
    seconds = time.perf_counter() - start
    publishing.withdraw(base_path, 2)
    _wait_for(url, 1)
    return seconds


def _wait_for(url, version, limit_s=120):
    """Waits until this version is the only one that is available."""
    deadline = time.monotonic() + limit_s
    with request_load.open_session() as session:
        while time.monotonic() < deadline:
            states = session.get(f"{url}/v1/models/pose", timeout=10).json()["model_version_status"]
            if [int(s["version"]) for s in states if s["state"] == "AVAILABLE"] == [version]:
                return
            time.sleep(0.05)
    raise TimeoutError(f"version {version} was not the only one served after {limit_s} s")
