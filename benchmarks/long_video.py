"""Hours of video, killed and resumed: `python -m benchmarks.long_video [--hours=3] [--fps=10] [--quick]`.

A short H.264 video is repeated, without encoding it again, until it is so many hours long. `predict.py` then predicts
it twice with an untrained flowing net: once without interruption, and once killed (SIGKILL) at three random moments and
started again each time. The rows compare the files byte for byte, and tell how the memory of the uninterrupted process
grows from a quarter of its frames on. The net is a narrow one (64×64 px), so that hours of video take minutes.
"""

from __future__ import annotations

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import keras

from benchmarks.common import harness
from benchmarks.common.rows import Row
from keras_pose.data.selection import DataSplit
from keras_pose.data.synthetic import signers
from keras_pose.media.mp4_writer import Mp4Writer
from keras_pose.models import factory
from keras_pose.runs import run_directory
from keras_pose.runs.config import TrainConfig

ROOT = pathlib.Path(__file__).resolve().parents[1]
SIZE_HW = (240, 320)
SHOWN_FRAMES = 100
KILLS = 3
FORMATS = ("csv", "npz")


def write_loop(path: str, num_frames: int, fps: float) -> None:
    """Writes a video that repeats 100 frames of a synthetic signer; they are encoded once.

    Args:
      path: file to write (.mp4).
      num_frames: its frames, rounded up to whole repeats.
      fps: frames per second.
    """
    once = f"{path}.once.mp4"
    with Mp4Writer(once, SIZE_HW) as writer:
        for number, frame in enumerate(signers.generate("test", 0, SHOWN_FRAMES, SIZE_HW).frames):
            writer.write(frame, number / fps)
    with av.open(once) as source, av.open(path, "w") as target:
        stream = source.streams.video[0]
        out = target.add_stream_from_template(stream)
        packets: list[Any] = [packet for packet in source.demux(stream) if packet.dts is not None]
        time_base: Any = stream.time_base
        length = round(Fraction(SHOWN_FRAMES) / Fraction(fps) / time_base)
        kept = [(bytes(packet), packet.pts, packet.dts, packet.is_keyframe) for packet in packets]
        for repeat in range(-(-num_frames // SHOWN_FRAMES)):
            for data, pts, dts, is_keyframe in kept:
                packet = av.Packet(data)
                packet.pts = pts + repeat * length
                packet.dts = dts + repeat * length
                packet.time_base = time_base
                packet.is_keyframe = is_keyframe
                packet.stream = out
                target.mux(packet)
    os.remove(once)


def write_run(folder: str) -> None:
    """Writes the run of an untrained, narrow flowing net with random heads."""
    config = TrainConfig.from_flags(
        run_dir=folder, model="flowing", pooling="parametric", window=2, input_size="64", width=0.25
    )
    keras.utils.set_random_seed(0)
    model = factory.build_net(config.model, config.window, signers.SKELETON.num_joints)
    for weight in model.trainable_weights:
        weight.assign_add(keras.initializers.RandomNormal(stddev=0.05, seed=1)(weight.shape))
    run = run_directory.RunDirectory(folder)
    os.makedirs(folder, exist_ok=True)
    run_directory.begin(run, config, signers.SKELETON, DataSplit([], [], []))
    model.save_weights(run.weights)


def start(run_dir: str, video: str, out_dir: str) -> subprocess.Popen:
    """Starts `predict.py` on a video."""
    command = [sys.executable, "predict.py", f"--run_dir={run_dir}", f"--video={video}", f"--out_dir={out_dir}"]
    command += [f"--formats={','.join(FORMATS)}", "--nolabelled"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def resident_mb(process: subprocess.Popen) -> float:
    """Returns the memory of a process in MB; 0 if it has ended or there is no /proc."""
    try:
        with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError):
        return 0.0


def watch(process: subprocess.Popen, interval_s: float = 0.5) -> tuple[float, list[float]]:
    """Waits for a process; returns its seconds and its memory in MB at regular moments.

    Raises:
      ValueError: if it fails.
    """
    began = time.perf_counter()
    memory = []
    while process.poll() is None:
        memory.append(resident_mb(process))
        time.sleep(interval_s)
    if process.returncode:
        raise ValueError(f"predict.py: expected success, ended with status {process.returncode}")
    return time.perf_counter() - began, memory


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    parser = harness.make_parser("Hours of video, killed and resumed.")
    parser.add_argument("--hours", type=float, default=3.0, help="Length of the video in hours.")
    parser.add_argument("--fps", type=float, default=10.0, help="Frames per second of the video; more take longer.")
    parser.add_argument("--seed", type=int, default=0, help="Of the moments at which it is killed.")
    arguments = parser.parse_args(argv)
    hours = 0.05 if arguments.quick else arguments.hours
    num_frames = round(hours * 3600 * arguments.fps)
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        video = os.path.join(folder, "hours.mp4")
        run_dir = os.path.join(folder, "run")
        write_loop(video, num_frames, arguments.fps)
        write_run(run_dir)
        seconds, memory = watch(start(run_dir, video, os.path.join(folder, "whole")))
        # Kill it at random moments of the time that the whole takes, each time further on.
        for turn in range(KILLS):
            process = start(run_dir, video, os.path.join(folder, "killed"))
            time.sleep(seconds * chance.uniform(0.15, 0.3) + 2.0 * (turn > 0))
            process.kill()
            process.wait()
        watch(start(run_dir, video, os.path.join(folder, "killed")))
        same = [
            pathlib.Path(folder, "whole", f"hours.{ending}").read_bytes()
            == pathlib.Path(folder, "killed", f"hours.{ending}").read_bytes()
            for ending in FORMATS
        ]
    settled = memory[len(memory) // 4 : len(memory) * 9 // 10]  # without the start, and the writing of files
    rows = [
        Row("length of the video", hours, "hours"),
        Row("its frames", num_frames, "frames"),
        Row("speed without interruption", num_frames / seconds, "frames/s"),
        Row(f"files equal after {KILLS} kills", sum(same), "files", target=f"== {len(FORMATS)}"),
        Row("memory at 9/10 of its time less that at 1/4", settled[-1] - settled[0], "MB", target="<= 50"),
        Row("largest memory", max(memory), "MB"),
    ]
    harness.report("long_video", rows, arguments)


if __name__ == "__main__":
    main()
