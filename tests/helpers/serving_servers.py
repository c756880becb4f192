"""Servers for tests: the local one, TensorFlow Serving if it is installed, or a server that is already running.

TF_SERVING_URL is the address of a running server with an export of this project, named TF_SERVING_MODEL (default
"pose"); TF_SERVING_RELEASE is its release (default 2.15.1), TF_SERVING_GRPC the address of its gRPC port. Tests that
change model files are skipped for it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from unittest import mock

import pytest
import requests

from benchmarks.server import processes
from tests.helpers import warm_process

# Servers that tests start, with any flags and files.
OWN_KINDS = ("local_server", "tensorflow_model_server")
KINDS = ("local_server", "local_server --strict", "tensorflow_model_server", "TF_SERVING_URL")
LOCAL_RELEASE = (2, 15, 1)  # the release that the local server follows
START_S = 120
REQUEST_S = 60


@dataclasses.dataclass
class Server:
    """A server under test.

    Attributes:
      url: address of the REST API.
      model: name of the served model.
      base_path: folder of the versions, or None if the test does not own them.
      process: the server's process, or None if the test did not start it.
      release: of TensorFlow Serving, such as (2, 15, 1): some behaviour depends on it.
      is_real: whether it is TensorFlow Serving, or behaves as it in everything (`--strict`).
      grpc: address of the gRPC API, or None.
    """

    url: str
    model: str = "pose"
    base_path: pathlib.Path | None = None
    process: subprocess.Popen | None = None
    release: tuple[int, ...] = LOCAL_RELEASE
    is_real: bool = False
    grpc: str | None = None

    def ask(self, method, path, body=None, timeout_s=REQUEST_S, headers=None):
        """Sends a request; returns its `requests.Response`. A body other than bytes is sent as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = requests.Request(method, self.url, data=body, headers=headers).prepare()
        request.url = self.url + path  # as it is: `requests` changes escapes
        with requests.Session() as session:
            session.trust_env = False
            return session.send(request, timeout=timeout_s)

    def predict(self, body, which="", **options):
        """Returns the response of `:predict`; `which` is "", "/versions/1" or "/labels/stable"."""
        return self.ask("POST", f"/v1/models/{self.model}{which}:predict", body, **options)

    def states(self):
        """Returns {version: state}, empty if the server does not answer yet."""
        try:
            answer = self.ask("GET", f"/v1/models/{self.model}", timeout_s=10).json()
        except (requests.RequestException, ValueError):
            return {}
        return {int(v["version"]): v["state"] for v in answer.get("model_version_status", [])}

    def wait_for(self, version, state="AVAILABLE", limit_s=START_S):
        """Waits until a version has a state. None: until it is not listed or has the state END."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            now = self.states()
            if now.get(version) == state or (state is None and now and now.get(version, "END") == "END"):
                return
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            time.sleep(0.05)
        raise TimeoutError(f"version {version} was not {state} within {limit_s} s, but {self.states()}")

    def skip_without_files(self):
        """Skips the test if it cannot change the model's files."""
        if self.base_path is None:
            pytest.skip("the test cannot change the model of TF_SERVING_URL")


@contextlib.contextmanager
def open_server(kind, base_path, labels=None):
    """Starts a server and stops it at the end. If the kind is not available, the test is skipped.

    Args:
      kind: one of KINDS.
      base_path: pathlib.Path that holds the versions.
      labels: dict from label to version. If given, all versions are served, else only the latest.

    Yields:
      The `Server`.
    """
    if kind == "TF_SERVING_URL":
        if not os.environ.get(kind):
            pytest.skip("TF_SERVING_URL is not set")
        release = _parse_release(os.environ.get("TF_SERVING_RELEASE", "2.15.1"))
        model = os.environ.get("TF_SERVING_MODEL", "pose")
        grpc = os.environ.get("TF_SERVING_GRPC")
        yield Server(os.environ[kind].rstrip("/"), model, release=release, is_real=True, grpc=grpc)
        return
    flags = ["--file_system_poll_wait_seconds=1", "--model_name=pose", f"--model_base_path={base_path}"]
    with tempfile.TemporaryDirectory() as folder:
        if labels:
            config = write_config(pathlib.Path(folder, "models.config"), base_path, labels)
            flags[1:] = [f"--model_config_file={config}", "--allow_version_labels_for_unavailable_models=true"]
        with run(kind, flags, pathlib.Path(folder, "log.txt")) as server:
            server.base_path = pathlib.Path(base_path)
            server.wait_for(max(int(p.name) for p in server.base_path.iterdir() if p.name.isdigit()))
            yield server


@contextlib.contextmanager
def run(kind, flags, log):
    """Starts a server with flags of its own; its output goes to a file. If the kind is not available, skips the test.

    Yields:
      The `Server`. The local server is ready or has ended then; its url is "" in the latter case.
    """
    with contextlib.ExitStack() as opened:
        grpc_port = opened.enter_context(hold_port())
        grpc = f"127.0.0.1:{grpc_port}"
        flags = [f"--port={grpc_port}", *flags]
        if kind != "tensorflow_model_server":
            command = [sys.executable, "-m", "serving.local_server", "--rest_api_port=0", *kind.split()[1:], *flags]
            process = opened.enter_context(start(command, log))
            try:
                url = processes.wait_for_url(process, log)
            except RuntimeError:
                url = ""
            yield Server(url, process=process, is_real="--strict" in kind, grpc=grpc)
            return
        program = shutil.which("tensorflow_model_server")
        if program is None:
            pytest.skip("tensorflow_model_server is not installed")
        version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=START_S)
        rest_port = opened.enter_context(hold_port())
        process = opened.enter_context(processes.start([program, f"--rest_api_port={rest_port}", *flags], log))
        release = _parse_release(version.stdout)
        yield Server(f"http://127.0.0.1:{rest_port}", process=process, release=release, is_real=True, grpc=grpc)


@contextlib.contextmanager
def start(command, log):
    """As `processes.start`, without the seconds that loading TensorFlow takes."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1", "CUDA_VISIBLE_DEVICES": "-1"}
    with open(log, "wb") as output:
        process = warm_process.start(command, {**os.environ, **quiet}, output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=processes.STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=processes.STOP_S)


def _parse_release(text):
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    if found is None:
        raise ValueError(f"expected the release of TensorFlow Serving, such as 2.15.1, received {text!r}")
    return tuple(map(int, found.groups()))


@contextlib.contextmanager
def hold_port():
    """Yields a free port of this machine and reserves it: the port is bound, but nothing listens on it.

    Servers that set SO_REUSEADDR, as gRPC's do, can listen on it meanwhile, one after another (Linux).
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def record_pauses():
    """Yields a list that receives the durations in s of all `time.sleep` calls except those of 0."""
    pauses_s = []
    sleep = time.sleep

    def record(pause_s):
        if pause_s:
            pauses_s.append(pause_s)
        sleep(pause_s)

    with mock.patch.object(time, "sleep", record):
        yield pauses_s


def write_config(path, base_path, labels):
    """Writes a configuration file that serves all versions of `base_path` with labels; returns its path."""
    lines = "".join(f'    version_labels {{ key: "{label}" value: {version} }}\n' for label, version in labels.items())
    path.write_text(
        "model_config_list {\n  config {\n"
        f'    name: "pose"\n    base_path: "{base_path}"\n    model_platform: "tensorflow"\n'
        f"    model_version_policy {{ all {{}} }}\n{lines}  }}\n}}\n",
        encoding="utf-8",
    )
    return path
