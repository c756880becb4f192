"""The commands that faults are tried on, with tiny data: training, prepare, annotate, predict, evaluate, export."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
from collections.abc import Callable, Sequence

from benchmarks.fault_injection import groups

OUT = "out"  # the folder that each command writes to, inside the folder that it runs in
_NET = {"input_size": 32, "width": 0.25, "batch_size": 4, "warmup_steps": 2, "seed": 5}
_SIGNERS = {"data": "signers:train:6", "signer_frames": 4, "signer_size": 64}
_VIDEO_FRAMES = 600  # two parts of an analysis


@dataclasses.dataclass(frozen=True)
class Command:
    """A command and what it leaves.

    Args:
      name: its name.
      arguments: the command line; `OUT` is the folder that it writes to.
      stage: tells from that folder and the output what the command was doing.
      resumes: whether the same command goes on where it was stopped.
    """

    name: str
    arguments: Sequence[str]
    stage: Callable[[pathlib.Path, str], str]
    resumes: bool = True


def make_inputs(folder: pathlib.Path) -> None:
    """Writes the run and the videos that the commands read, `net` and `videos`, unless they are there."""
    if (folder / "net" / "model.weights.h5").exists():
        return
    from benchmarks import long_video  # it loads TensorFlow, which the other processes need not wait for

    (folder / "videos").mkdir(parents=True, exist_ok=True)
    for name in ("one", "two"):
        long_video.write_loop(str(folder / "videos" / f"{name}.mp4"), _VIDEO_FRAMES, 25)
    long_video.write_run(str(folder / "net"))


def make_commands(inputs: pathlib.Path) -> dict[str, Command]:
    """Returns the commands by name.

    Args:
      inputs: the folder of `make_inputs`.
    """
    net, videos = inputs / "net", inputs / "videos"
    shards = {**_SIGNERS, "data": "signers:train:120", "frames_per_shard": 8, "out_dir": OUT}
    labels = {"min_confidence": 0.0, "agree_distance": 1.0, "min_agreeing": 0.0, "min_kept": 0.0, "out_dir": OUT}
    predicted = {"run_dir": net, "video": videos, "formats": "csv,npz,h5", "out_dir": OUT}
    scored = {"data": "signers:test:2"}  # as large as those that the run was trained on
    module = [sys.executable, "-m", "keras_pose"]
    made = [
        Command("train", [*_script("train.py"), *_flags(run_dir=OUT, **_train_flags())], _training_stage),
        Command("prepare", [*module, "prepare", *_flags(**shards)], _prepare_stage),
        Command("annotate", [*module, "annotate", *_flags(teacher=net, video=videos, **labels)], _annotate_stage),
        Command("predict", [*_script("predict.py"), *_flags(**predicted)], _predict_stage),
        Command("evaluate", [*_script("evaluate.py"), *_flags(run_dir=net, **scored)], _log_stage, resumes=False),
        Command("export", [*_script("export.py"), *_flags(run_dir=net, export_dir=OUT)], _export_stage, False),
    ]
    return {command.name: command for command in made}


def _train_flags():
    return {**_NET, **_SIGNERS, "steps": 6, "validate_every": 2, "snapshots": 2}


def _script(name):
    return [sys.executable, str(groups.ROOT / name)]


def _flags(**values):
    return [f"--{name}={value}" for name, value in values.items()]


def _has(folder, *names):
    return all((folder / name).exists() for name in names)


def _training_stage(folder, output):
    if "trained for" in output or _has(folder, "eval"):
        return "scoring"
    if _has(folder, "checkpoints"):
        return "steps, after a checkpoint"
    return "steps, before a checkpoint" if "training:" in output else "start"


def _prepare_stage(folder, output):
    if any(folder.glob("*.tfrecord")):
        return "writing shards"
    return "planning" if _has(folder, "plan.json") else "start"


def _annotate_stage(folder, output):
    if any(folder.glob("*.npz")):
        return "second video, end"
    return "first video" if any(folder.glob(".*.parts")) else "start"


def _predict_stage(folder, output):
    if any(folder.glob(".*.parts/labelled")):
        return "drawing"
    if any(folder.glob("*.npz")):
        return "second video, end"
    return "first video" if any(folder.glob(".*.parts")) else "start"


def _export_stage(folder, output):
    if any(folder.glob("[0-9]*")):
        return "published"
    return "writing" if any(folder.glob(".writing-*")) else "start"


def _log_stage(folder, output):
    return "scoring" if output.strip() else "start"
