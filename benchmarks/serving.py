"""What a served answer costs, and what the local server bears:
`python -m benchmarks.serving [--quick] [--json=<file>] [--base_path=runs/quickstart/export/pose]`.

The export is served by `serving.local_server` in a process of its own, on this machine; the client is in this one.
Direct calls are those of the same SavedModel, loaded here. `--only=<part>,…` runs some parts: latency, throughput,
mutated, versions, start, kills.
"""

from __future__ import annotations

import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

import cv2
import numpy as np
import tensorflow as tf

from benchmarks.common import harness
from benchmarks.server import kills, mutations, processes, publishing, request_load, throughput


def main(argv=None):
    """Runs the benchmark."""
    parser = harness.make_parser(__doc__)
    parser.add_argument("--base_path", default="runs/quickstart/export/pose", help="folder of the versions")
    parser.add_argument("--run_dir", help="run for the part kills; default: the one that --base_path lies in")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    arguments = parser.parse_args(argv)
    parts = arguments.only.split(",")
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"--only: expected some of {', '.join(PARTS)}, received {', '.join(sorted(unknown))}")
    versions = [int(name) for name in _listed(arguments.base_path) if name.isdigit()]
    if not versions:
        parser.error(f"--base_path={arguments.base_path}: no version lies there; export one with export.py")
    version = pathlib.Path(arguments.base_path, str(max(versions)))
    if "kills" in parts:
        try:
            find_run(version, arguments.run_dir)
        except ValueError as error:
            parser.error(str(error))
    options = {"kills": {"run_dir": arguments.run_dir}}
    rows = []
    for name in parts:
        rows += PARTS[name](version, arguments.quick, **options.get(name, {}))
    harness.report("serving", rows, arguments)


def measure_latency(version, quick) -> list:
    """One client: an image as a JPEG, and as an array of pixels in JSON, beside a direct call."""
    jpeg, frame = request_load.make_images(1)[0], np.zeros((1, *request_load.IMAGE_HW, 3), np.uint8)
    frame[:] = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    signatures = tf.saved_model.load(str(version)).signatures
    with processes.serve(version) as (url, _), request_load.open_session() as session:
        functions = {
            "direct": lambda: signatures["serving_default"](image_bytes=tf.constant([jpeg]))["keypoints"].numpy(),
            "JPEG": lambda: request_load.ask(session, url, request_load.jpeg_body([jpeg])),
            "pixels": lambda: request_load.ask(
                session, url, {"signature_name": "predict_frames", "inputs": {"frames": frame.tolist()}}
            ),
        }
        timings = harness.time_in_turn(functions, 20 if quick else 200, warmup=5)
    over = harness.Spread.of(timings.samples["JPEG"] - 1.15 * timings.samples["direct"])
    size = f"{request_load.IMAGE_HW[1]}x{request_load.IMAGE_HW[0]} px"
    return [
        timings["direct"].row(f"direct call, JPEG of {size}", "ms", 1e3),
        timings["JPEG"].row(f"REST, JPEG of {size}", "ms", 1e3),
        timings["pixels"].row(f"REST, JSON array of pixels, {size}", "ms", 1e3),
        timings.ratio("JPEG", "direct").row("REST JPEG / direct call", "x"),
        over.row("REST JPEG beyond 1.15 direct calls", "ms", 1e3, target="<= 5"),
        timings.ratio("pixels", "JPEG").row("REST pixels / REST JPEG", "x"),
    ]


def measure_mutated(version, quick) -> list:
    """Requests with random changes: how many are not answered as they should be."""
    count, chooser = 300 if quick else 10_000, random.Random(request_load.SEED)
    jpeg, png = (cv2.imencode(kind, np.full((24, 32, 3), 90, np.uint8))[1].tobytes() for kind in (".jpg", ".png"))
    seeds, good, slowest_s = mutations.valid_requests(jpeg, png), 0, 0.0
    with processes.serve(version) as (url, process), request_load.open_session() as session:
        for _ in range(count):
            path, body = mutations.mutate(chooser, seeds, "pose")
            start = time.perf_counter()
            fault = mutations.find_fault(session, url, path, body)
            slowest_s = max(slowest_s, time.perf_counter() - start)
            good += fault is None
            if fault:
                print(f"fault: {fault[:300]} {path} {body[:300]!r}")
        alive = process.poll() is None
    return [
        harness.Row(f"of {count} mutated requests, answered or refused as is right", good, "", target=f"== {count}"),
        harness.Row("server alive after them", alive, "", target="== 1"),
        harness.Row("slowest of them", slowest_s, "s"),
    ]


def measure_versions(version, quick) -> list:
    """Publishing a version and rolling back, under load."""
    turns, body = 3 if quick else 20, request_load.jpeg_body(request_load.make_images(1))
    with tempfile.TemporaryDirectory() as folder:
        base_path = pathlib.Path(folder, "pose")
        shutil.copytree(version, base_path / "1")
        with processes.serve(base_path / "1") as (url, _), _load(url, body) as load:
            times_s = [_turn(url, version, base_path) for _ in range(turns)]
    answers_s = np.array(load.answers_s)
    return [
        harness.Row(
            f"failed requests of {len(answers_s)} during {turns} publications and roll-backs",
            len(load.faults),
            "",
            target="== 0",
        ),
        harness.Spread.of(answers_s).row("answers meanwhile, 4 clients", "ms", 1e3),
        harness.Row("slowest answer meanwhile", answers_s.max() * 1e3, "ms"),
        harness.Spread.of(times_s).row("from publication until it alone is served", "s"),
    ]


def measure_start(version, quick) -> list:
    """The first answer after a start, with the export's warm-up requests and without."""
    rows, jpeg = [], request_load.make_images(1)[0]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("with", "without"):
            shutil.copytree(version, pathlib.Path(folder, name, "1"))
        shutil.rmtree(pathlib.Path(folder, "without", "1", "assets.extra"), ignore_errors=True)
        first_s = {"with": [], "without": []}
        ready_s = {"with": [], "without": []}
        for _ in range(1 if quick else 5):
            for name in first_s:
                start = time.perf_counter()
                with (
                    processes.serve(pathlib.Path(folder, name, "1")) as (url, _),
                    request_load.open_session() as session,
                ):
                    ready_s[name].append(time.perf_counter() - start)
                    start = time.perf_counter()
                    request_load.ask(session, url, request_load.jpeg_body([jpeg]))
                    first_s[name].append(time.perf_counter() - start)
        for name in first_s:
            rows.append(harness.Spread.of(first_s[name]).row(f"first answer, {name} warm-up requests", "ms", 1e3))
            rows.append(harness.Spread.of(ready_s[name]).row(f"start until ready, {name} warm-up requests", "s"))
    return rows


def measure_kills(version, quick, run_dir=None) -> list:
    """`export.py`, killed at random moments."""
    run_dir = find_run(version, run_dir)
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "export.py",
            f"--run_dir={run_dir}",
            f"--export_dir={folder}",
        ]
        image, chooser = request_load.make_images(1)[0], random.Random(request_load.SEED)
        seen = kills.kill_exports(command, pathlib.Path(folder, "pose"), image, 2 if quick else 20, chooser)
    return seen.rows()


def find_run(version, run_dir=None) -> pathlib.Path:
    """Returns the folder of the run to export: `run_dir`, by default the one that a version lies in.

    Raises:
      ValueError: where that is none.
    """
    folders = [pathlib.Path(run_dir).resolve()] if run_dir else version.resolve().parents
    for folder in folders:
        if (folder / "flags.txt").exists():
            return folder
    raise ValueError(
        f"--run_dir: expected a run to export, received {run_dir}"
        if run_dir
        else f"--run_dir: expected a run to export, and {version} lies in none"
    )


PARTS = {
    "latency": measure_latency,
    "throughput": throughput.measure_throughput,
    "mutated": measure_mutated,
    "versions": measure_versions,
    "start": measure_start,
    "kills": measure_kills,
}


def _load(url, body):
    return request_load.Load(lambda session: bool(request_load.ask(session, url, body)), threads=4)


def _turn(url, version, base_path):
    """Publishes version 2, rolls back to 1; returns the seconds from the renaming until 2 alone was served."""
    publishing.publish(version, base_path, 2)
    start = time.perf_counter()
    _wait(url, 2)
    seconds = time.perf_counter() - start
    publishing.withdraw(base_path, 2)
    _wait(url, 1)
    return seconds


def _wait(url, version, limit_s=120):
    """Waits until this version is the only one that is available."""
    deadline = time.monotonic() + limit_s
    with request_load.open_session() as session:
        while time.monotonic() < deadline:
            states = session.get(f"{url}/v1/models/pose", timeout=10).json()["model_version_status"]
            if [int(s["version"]) for s in states if s["state"] == "AVAILABLE"] == [version]:
                return
            time.sleep(0.05)
    raise TimeoutError(f"version {version} was not the one that is served after {limit_s} s")


def _listed(path):
    return os.listdir(path) if os.path.isdir(path) else []


if __name__ == "__main__":
    main()
