"""Two processes of train.py on this machine that train together, as two machines would."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import Any

from tests.helpers import tiny


def tf_config(index: int, addresses: list[str]) -> str:
    """Returns TF_CONFIG of the worker `index`."""
    return json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}})


def free_addresses(count: int) -> list[str]:
    """Returns addresses of this machine that nobody uses."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def start(run_dir: str, **changes: Any) -> list[subprocess.Popen]:
    """Starts both workers of a tiny run; the first of them writes its folder."""
    addresses = free_addresses(2)
    command = tiny.arguments(run_dir, **changes)
    return [tiny.start(command, TF_CONFIG=tf_config(index, addresses)) for index in range(2)]


def finish(workers: list[subprocess.Popen]) -> list[tuple[int, str]]:
    """Waits until both workers end; returns exit code and output of each."""
    outputs = []
    for worker in workers:
        output, _ = worker.communicate(timeout=tiny.LIMIT_S)
        outputs.append((worker.returncode, output))
    return outputs
