"""The parts "latency" and "start" of `serving`: the time of one answer, and of the first answer after a start."""

from __future__ import annotations

import pathlib
import shutil
import tempfile
import time

import cv2
import numpy as np
import tensorflow as tf

from benchmarks.common.rows import Row, Spread
from benchmarks.common.timing import time_in_turn
from benchmarks.server import processes, request_load
from keras_pose.inference import saved_models


def measure_latency(version: pathlib.Path, quick: bool) -> list[Row]:
    """Measures one client that sends an image as a JPEG, and as a JSON array of pixels, against a direct call.

    Args:
      version: a version of the served export.
      quick: whether to measure fewer turns.
    """
    jpeg = request_load.make_images(1)[0]
    jpeg_body = request_load.jpeg_body([jpeg])
    frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[None, ..., ::-1]
    pixel_body = {"signature_name": "predict_frames", "inputs": {"frames": frame.tolist()}}
    signatures = saved_models.load(version).signatures
    with processes.serve(version) as (url, _), request_load.open_session() as session:
        functions = {
            "direct": lambda: signatures["serving_default"](image_bytes=tf.constant([jpeg]))["keypoints"].numpy(),
            "JPEG": lambda: request_load.ask(session, url, jpeg_body),
            "pixels": lambda: request_load.ask(session, url, pixel_body),
        }
        timings = time_in_turn(functions, 20 if quick else 200, warmup=5)
    excess = Spread.from_samples(timings.samples["JPEG"] - 1.15 * timings.samples["direct"])
    size = f"{request_load.IMAGE_HW[1]}x{request_load.IMAGE_HW[0]} px"
    return [
        timings["direct"].to_row(f"direct call, JPEG of {size}", "ms", 1e3),
        timings["JPEG"].to_row(f"REST, JPEG of {size}", "ms", 1e3),
        timings["pixels"].to_row(f"REST, JSON array of pixels, {size}", "ms", 1e3),
        timings.ratio("JPEG", "direct").to_row("REST JPEG / direct call", "x"),
        excess.to_row("REST JPEG in excess of 1.15 direct calls", "ms", 1e3, target="<= 5"),
        timings.ratio("pixels", "JPEG").to_row("REST pixels / REST JPEG", "x"),
    ]


def measure_start(version: pathlib.Path, quick: bool) -> list[Row]:
    """Measures the start of the server and its first answer, with the export's warm-up requests and without.

    Args:
      version: a version of the served export.
      quick: whether to start each only once.
    """
    body = request_load.jpeg_body(request_load.make_images(1))
    first_s: dict[str, list[float]] = {"with": [], "without": []}
    ready_s: dict[str, list[float]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as folder:
        copies = {name: pathlib.Path(folder, name, "1") for name in first_s}
        for copy in copies.values():
            shutil.copytree(version, copy)
        shutil.rmtree(copies["without"] / "assets.extra", ignore_errors=True)
        for _ in range(1 if quick else 5):
            for name, copy in copies.items():
                start = time.perf_counter()
                with processes.serve(copy) as (url, _), request_load.open_session() as session:
                    ready_s[name].append(time.perf_counter() - start)
                    start = time.perf_counter()
                    request_load.ask(session, url, body)
                    first_s[name].append(time.perf_counter() - start)
    rows = []
    for name in first_s:
        rows.append(Spread.from_samples(first_s[name]).to_row(f"first answer, {name} warm-up requests", "ms", 1e3))
        rows.append(Spread.from_samples(ready_s[name]).to_row(f"start until ready, {name} warm-up requests", "s"))
    return rows
