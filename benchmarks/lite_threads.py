"""Where the time of `lite` for a frame goes: `python -m benchmarks.lite_threads [--run=<run>] [--input_size=160,224]
[--repeats=60] [--rounds=2] [--quick] [--json=<file>]`.

Parts of predicting a frame of 320×240 px at batch 1, with one and two threads inside of an operation (intra-op) and
between operations (inter-op), each setting in a process of its own, in turn:

- whole: `predict` of the frame, to joints in its px;
- fit: bringing the frame to the size of the input;
- net: the graph of the net alone; also of an input of 32×32 px, where there is hardly anything to compute: what remains
  is what TensorFlow spends on its operations; and of a batch of 16;
- decode: from maps to joints;
- tflite: the net in TensorFlow Lite, in one thread.

Beside the wall time stands the CPU time of the process: if both are equal, only one thread worked at a time. `--run`
takes the weights of a run; speed does not depend on them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row, Spread

SETTINGS = ((1, 1), (2, 1), (1, 2), (2, 2))  # threads within operations, and between them
FRAME_HW = (240, 320)
SMALL_HW = (32, 32)
BATCH = 16
JOINTS = 8
_WORKER = "--worker"


def make_parts(run: str, size_hw: tuple[int, int]) -> tuple[dict[str, tuple[Callable[[], Any], int]], int]:
    """Returns {part: (function, frames that it handles)}, and the number of operations in the graph of the net."""
    import tensorflow as tf

    from keras_pose import geometry
    from keras_pose.inference.lite_net import LiteNet
    from keras_pose.inference.predictor import Predictor
    from keras_pose.models import factory
    from keras_pose.models.pose_net import PoseNet
    from keras_pose.runs.trained import load_model
    from keras_pose.skeleton import Skeleton

    if run:
        model, config, skeleton = load_model(run)
        size_hw = config.model.input_size_hw
    else:
        model = factory.build_model("heatmap", "lite", JOINTS, size_hw)
        skeleton = Skeleton("points", tuple(f"point{i}" for i in range(JOINTS)))
    small = factory.build_model("heatmap", "lite", skeleton.num_joints, SMALL_HW)
    frame = np.random.default_rng(0).integers(0, 256, (1, *FRAME_HW, 3)).astype(np.uint8)
    predictor = Predictor(model, skeleton, size_hw)
    net = PoseNet(model)
    crop = geometry.CropTransform.fit(FRAME_HW, size_hw)
    fitted = crop.warp(frame[0])[None].astype(np.float32)
    maps = tf.constant(model(fitted, training=False)[net.main_output()])
    codec = net.codec()
    lite = LiteNet(net)

    def trace(of, shape):
        output = PoseNet(of).main_output()
        spec = [tf.TensorSpec(shape, tf.float32)]
        return tf.function(lambda x: of(x, training=False)[output], input_signature=spec).get_concrete_function()

    run_net = trace(model, (1, *size_hw, 3))
    run_small = trace(small, (1, *SMALL_HW, 3))
    run_batch = trace(model, (BATCH, *size_hw, 3))
    decode = tf.function(codec.decode, input_signature=[tf.TensorSpec(maps.shape, tf.float32)])
    one = tf.constant(fitted)
    many = tf.constant(np.repeat(fitted, BATCH, 0))
    least = tf.zeros((1, *SMALL_HW, 3))
    parts: dict[str, tuple[Callable[[], Any], int]] = {
        "whole": (lambda: predictor.predict(frame), 1),
        "fit": (lambda: crop.warp(frame[0]), 1),
        "net": (lambda: run_net(one).numpy(), 1),
        "net, 32×32 px": (lambda: run_small(least).numpy(), 1),
        "net, batch 16": (lambda: run_batch(many).numpy(), BATCH),
        "decode": (lambda: decode(maps)[0].numpy(), 1),
        "tflite": (lambda: lite.run_net(fitted), 1),
    }
    idle = ("Const", "Placeholder", "Identity", "ReadVariableOp", "NoOp")
    return parts, sum(op.type not in idle for op in run_net.graph.get_operations())


def time_parts(parts: dict[str, tuple[Callable[[], Any], int]], repeats: int) -> dict[str, list[list[float]]]:
    """Returns {part: [wall ms of a frame [repeats], CPU ms of a frame [repeats]]}."""
    found = {}
    for name, (function, frames) in parts.items():
        for _ in range(5):
            function()
        wall = []
        cpu = []
        for _ in range(repeats):
            began = time.perf_counter()
            began_cpu = time.process_time()
            function()
            wall.append(1e3 * (time.perf_counter() - began) / frames)
            cpu.append(1e3 * (time.process_time() - began_cpu) / frames)
        found[name] = [wall, cpu]
    return found


def work(run: str, size_hw: tuple[int, int], repeats: int) -> None:
    """Measures in this process and prints the result as JSON, on the last line."""
    parts, operations = make_parts(run, size_hw)
    print(json.dumps({"parts": time_parts(parts, repeats), "operations": operations}))


def measure_setting(arguments: argparse.Namespace, threads: tuple[int, int]) -> dict[str, Any]:
    """Measures with numbers of threads, in a process of its own.

    Raises:
      ValueError: if it fails; the message has its last lines.
    """
    intra, inter = (str(count) for count in threads)
    limits = {"TF_NUM_INTRAOP_THREADS": intra, "TF_NUM_INTEROP_THREADS": inter, "OMP_NUM_THREADS": intra}
    environment = {**os.environ, **limits, "TF_CPP_MIN_LOG_LEVEL": "3"}
    repeats = str(arguments.repeats)
    command = [sys.executable, "-m", "benchmarks.lite_threads", _WORKER, arguments.run, arguments.input_size, repeats]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{intra} and {inter} threads: failed: {done.stderr[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Runs the benchmark."""
    wall: dict[tuple[str, str], list[float]] = {}
    cpu: dict[tuple[str, str], list[float]] = {}
    operations = 0
    for _ in range(arguments.rounds):
        for intra, inter in SETTINGS:
            found = measure_setting(arguments, (intra, inter))
            operations = found["operations"]
            for part, (of_wall, of_cpu) in found["parts"].items():
                wall.setdefault((part, f"{intra}+{inter}"), []).extend(of_wall)
                cpu.setdefault((part, f"{intra}+{inter}"), []).extend(of_cpu)
    rows = [Row("operations of the net's graph", operations, "operations")]
    for key in sorted(wall):
        part, threads = key
        rows.append(Spread.from_samples(wall[key]).to_row(f"{part}, {threads} threads", "ms a frame"))
        rows.append(Row(f"{part}, {threads} threads, CPU time", float(np.mean(cpu[key])), "ms a frame"))
    return rows


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Where the time of lite for a frame goes.")
    parser.add_argument("--run", default="", metavar="FOLDER", help="Run of lite; empty: an untrained net.")
    parser.add_argument("--input_size", default="160,224", help="Input of the untrained net in px: height,width.")
    parser.add_argument("--repeats", type=int, help="Timed frames of each part. Default: 60 (quick: 5).")
    parser.add_argument("--rounds", type=int, help="Processes of each setting. Default: 2 (quick: 1).")
    arguments = parser.parse_args(argv)
    arguments.repeats = arguments.repeats or (5 if arguments.quick else 60)
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 2)
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == [_WORKER]:
        height, width = (int(side) for side in words[2].split(","))
        work(words[1], (height, width), int(words[3]))
        return
    arguments = parse_arguments(words)
    harness.report("lite_threads", measure(arguments), arguments)


if __name__ == "__main__":
    main()
