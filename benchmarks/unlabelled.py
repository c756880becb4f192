"""What unlabelled video gains beside few labels: `python -m benchmarks.unlabelled [--lips=<folder>] [--jhmdb=<folder>]
[--on=validation] [--steps=300] [--out=runs/unlabelled] [--set=<flag>=<value>] [--quick] [--json=<file>]`.

Trains `lite` from scratch on few labels, alone and with `--unlabelled=neighbours`: equal steps, equal frames per step,
one seed. lips: eight points of the lips of 20 speakers, every third labelled frame; unlabelled frames of the same
videos. jhmdb: seven joints of the upper body, one labelled frame of each clip of train_upper.txt; the other frames of
these clips count as unlabelled.

The averaged weights of the last step are scored. Those with the best validation may be of any step: from so few labels
few frames are left to validate on, and which step is best is mostly chance.

Scored on the test set (test_clips.txt, four speakers; test_upper.txt), or with --on=validation on speakers (films) cut
out of the training clips, to choose settings by: then no test clip is even opened. Intervals: paired bootstrap over
speakers or films.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.labelling import last_weights
from benchmarks.teacher_labels import film_of
from keras_pose import files, options
from keras_pose.evaluation import bootstrap
from keras_pose.runs.config import TrainConfig
from keras_pose.runs.unlabelled_flags import NEIGHBOURS

_ERROR = "mean_error_px"
_WITHIN = "pck/0.05"
_EVERY_CUT = 4  # each fourth speaker or film is validated on
_EVERY_LABEL = 3  # of a speaker
_TABLE = "CollectedData"  # of the labels of a clip, as DeepLabCut names it
_HEADER = 3  # lines of it
_COMMON: dict[str, Any] = {
    "batch_size": 16,
    "learning_rate": 2e-3,
    "ema": 0.97,
    "aug_scale": 0.3,
    "aug_color": 1.0,
    "aug_occlusion": 0.3,
    "input_size": "96,128",
}
TASKS: dict[str, dict[str, Any]] = {
    "lips": {"aug_stretch": 0.2},
    "jhmdb": {"every_label": 40, "split": "authors:upper", "joints": "upper_body", "outside": "unlabel"},
}


def cut(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Returns (names to train on, names to validate on); those of one film stay together."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(film_of(name) if "/" in name else name, []).append(name)
    ordered = sorted(groups)
    validated = set(ordered[_EVERY_CUT - 1 :: _EVERY_CUT])
    train = [name for group in ordered if group not in validated for name in groups[group]]
    return train, [name for group in ordered if group in validated for name in groups[group]]


def make_lips(folder: str, out: str, on: str) -> dict[str, Any]:
    """Returns flags of a project of links to the lips in which training clips keep every third label.

    For the validation, the test clips are not in it.
    """
    clips = sorted(os.listdir(os.path.join(folder, "labeled-data")))
    tested = _read_names(os.path.join(folder, "test_clips.txt"))
    if on == "validation":
        clips, tested = cut(name for name in clips if name not in tested)
        clips += tested
    _link(folder, out, ["config.yaml"])
    for clip in clips:
        labels = os.path.join("labeled-data", clip)
        _link(folder, out, [os.path.join("videos", f"{clip}.avi")])
        for name in os.listdir(os.path.join(folder, labels)):
            path = os.path.join(labels, name)
            if clip in tested or not name.startswith(_TABLE):
                _link(folder, out, [path])
            elif name.endswith(".csv"):
                lines = files.read_text(os.path.join(folder, path)).split("\n")
                rows = [line for line in lines[_HEADER:] if line.strip()]
                text = "\n".join([*lines[:_HEADER], *rows[::_EVERY_LABEL]]) + "\n"
                files.write_text(os.path.join(out, path), text)
    listed = os.path.join(out, "tested_clips.txt")
    files.write_text(listed, "\n".join(tested) + "\n")
    return {"data": out, "test_clips": listed}


def make_jhmdb(folder: str, out: str, on: str) -> dict[str, Any]:
    """Returns flags of a folder of links to clips of JHMDB, with lists for --split=authors:upper.

    Training clips of films that are tested on are not in it.
    """
    tests = _read_names(os.path.join(folder, "test_upper.txt"))
    films = {film_of(name) for name in tests}
    train = [name for name in _read_names(os.path.join(folder, "train_upper.txt")) if film_of(name) not in films]
    if on == "validation":
        train, tests = cut(train)
    for clip in [*train, *tests]:
        _link(folder, out, [f"videos/{clip}.avi", f"videos/{clip}.mp4", f"joint_positions/{clip}"])
    for name, clips in (("train_upper.txt", train), ("test_upper.txt", tests)):
        files.write_text(os.path.join(out, name), "\n".join(clips) + "\n")
    return {"data": out}


def configure(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Returns the flags of each task, by its name."""
    makers = {"lips": make_lips, "jhmdb": make_jhmdb}
    found: dict[str, dict[str, Any]] = {}
    for task, make in makers.items():
        folder = getattr(arguments, task)
        if folder:
            data = make(folder, os.path.join(arguments.out, arguments.on, f"{task}_data"), arguments.on)
            steps = {"steps": arguments.steps, "validate_every": max(arguments.steps // 6, 1)}
            found[task] = {**_COMMON, **TASKS[task], **data, **steps, "seed": arguments.seed}
    return found


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Trains and compares."""
    changes = options.parse_changes(TrainConfig, arguments.set, "--set")
    taught = {
        "unlabelled": NEIGHBOURS,
        "unlabelled_warmup": arguments.steps // 2,
        "unlabelled_frames": 20 if arguments.quick else 200,
        **changes,
    }
    with_unlabelled = "-".join(["unlabelled", *(f"{name}={value}" for name, value in changes.items())])
    rows = []
    for task, flags in configure(arguments).items():
        runs = []
        for name, more in (("labels", {}), (with_unlabelled, taught)):
            run_dir = os.path.join(arguments.out, arguments.on, f"{task}-{name.replace(os.sep, '_')}-{arguments.seed}")
            runs.append(last_weights.train(TrainConfig.from_flags(**flags, **more, run_dir=run_dir)))
            value, limits = runs[-1].score(_ERROR)
            rows.append(Row(f"{task}, {name}: mean error", value, "px of the frame", *(limits or ())))
        rows += _compare(task, *runs)
    return rows


def _compare(task, labels, taught):
    """Rows of what unlabelled frames gain: the error less, and accuracy more."""
    rows = []
    for metric, sign, unit, text in (
        (_ERROR, 1, "px of the frame", "error less"),
        (_WITHIN, -100, "points", "within 5 % of the frame more"),
    ):
        found = bootstrap.paired_difference(labels.predictions, taught.predictions, metric, labels.skeleton)
        low, high = sorted(sign * end for end in found["interval"])
        what = f"{task}: with unlabelled frames, {text} ({found['num_units']} groups)"
        rows.append(Row(what, sign * found["difference"], unit, low, high, target="> 0"))
    return rows


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Few labels alone, and with unlabelled frames of the same videos, at equal steps.")
    parser.add_argument("--lips", default="", help="Folder of the lips project.")
    parser.add_argument("--jhmdb", default="", help="Folder of JHMDB.")
    parser.add_argument("--on", default="test", choices=("test", "validation"), help="What to score on.")
    parser.add_argument("--steps", type=int, help="Steps of each training, a multiple of 6. Default: 300 (quick: 6).")
    parser.add_argument("--seed", type=int, default=0, help="Seed of both trainings.")
    parser.add_argument("--set", action="append", default=[], help="<flag>=<value> for the one with unlabelled frames.")
    parser.add_argument("--out", default="runs/unlabelled", help="Folder of the runs.")
    arguments = parser.parse_args(argv)
    arguments.steps = arguments.steps or (6 if arguments.quick else 300)
    if arguments.steps % 6 or arguments.steps < 0:
        parser.error(f"--steps: expected a multiple of 6, received {arguments.steps}")
    if not (arguments.lips or arguments.jhmdb):
        parser.error("--lips, --jhmdb: expected at least one of them")
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    harness.report("unlabelled", measure(arguments), arguments)


def _read_names(path):
    with open(path, encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


def _link(folder, out, paths):
    """Makes links to those of some files that exist."""
    for path in paths:
        link = os.path.join(out, path)
        target = os.path.abspath(os.path.join(folder, path))
        if os.path.exists(target) and not os.path.lexists(link):
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(target, link)


if __name__ == "__main__":
    main()
