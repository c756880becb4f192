"""What starting from the shipped net gains: `python -m benchmarks.fine_tuning [--lips=<folder>] [--jhmdb=<folder>]
[--steps=200] [--out=runs/fine_tuning] [--quick] [--json=<file>]`.

Trains a net on few labels for equally many steps: fine-tuned from upper_body (`--init_from=upper_body`), and from
scratch with the same trunk (`--preset=movenet`). The `lite` preset, which learns faster from nothing, is
trained from scratch too.

lips: eight points of the lips (`--lips`, test clips in test_clips.txt). jhmdb: about 50 labelled frames of two films
of train_upper.txt, tested on the clips of test_upper.txt. The gain is the difference of the mean error; its interval is
the paired bootstrap over clips (lips) or films (jhmdb).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import Any

from benchmarks.common import harness, trainings
from benchmarks.common.rows import Row
from benchmarks.teacher_labels import film_of
from keras_pose.evaluation import bootstrap
from keras_pose.runs.config import TrainConfig

_METRIC = "mean_error_px"
_FRAMES = 50
_CLIP_FRAMES = 30  # labelled frames of a clip, roughly
PARTS = ("shoulder", "elbow", "wrist")
_COMMON = {"batch_size": 16, "learning_rate": 1e-3, "warmup_steps": 20, "ema": 0.95, "aug_color": 1.0, "aug_scale": 0.3}
# Joints that the net knows, in frames that look alike: at 1e-3 it forgets all other films.
_GENTLE: dict[str, dict[str, Any]] = {"jhmdb": {"learning_rate": 1e-4}}
STARTS: dict[str, dict[str, Any]] = {
    "fine-tuned": {"preset": "movenet", "fusion": False, "init_from": "upper_body"},
    "scratch": {"preset": "movenet", "fusion": False},
    "scratch, lite": {"preset": "lite"},
}


def choose_films(folder: str) -> list[str]:
    """Returns the clips of the two films of train_upper.txt that have most clips, without films that are tested on."""
    tested = {film_of(name) for name in read_names(folder, "test_upper.txt")}
    films: dict[str, list[str]] = {}
    for name in read_names(folder, "train_upper.txt"):
        if film_of(name) not in tested:
            films.setdefault(film_of(name), []).append(name)
    ranked = sorted(films, key=lambda film: (-len(films[film]), film))
    return [name for film in ranked[:2] for name in films[film]]


def make_jhmdb(folder: str, out: str) -> tuple[str, int]:
    """Makes a folder of links to the clips of two films and to the test clips.

    Returns:
      The folder, and the interval of labelled frames that leaves about 50 for training.
    """
    films = choose_films(folder)
    link_clips(folder, [*read_names(folder, "test_upper.txt"), *films], out)
    return out, max(1, round(len(films) * _CLIP_FRAMES / _FRAMES))


def link_clips(folder: str, clips: Sequence[str], out: str) -> str:
    """Makes a folder of links to some clips of JHMDB, `<action>/<clip>`; returns the folder."""
    for clip in clips:
        action, name = clip.split("/")
        for path in (f"videos/{action}/{name}.avi", f"videos/{action}/{name}.mp4", f"joint_positions/{clip}"):
            link = os.path.join(out, path)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            if os.path.exists(os.path.join(folder, path)) and not os.path.lexists(link):
                os.symlink(os.path.abspath(os.path.join(folder, path)), link)
    return out


def read_names(folder: str, file: str) -> list[str]:
    """Returns the clips that a list of JHMDB names, `<action>/<clip>`."""
    with open(os.path.join(folder, file), encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


def configure(arguments: argparse.Namespace) -> dict[str, dict]:
    """Returns the flags of each task's data, by name of the task."""
    tasks = {}
    if arguments.lips:
        test = os.path.join(arguments.lips, "test_clips.txt")
        tasks["lips"] = {"data": arguments.lips, "test_clips": test, "input_size": "128,160"}
    if arguments.jhmdb:
        data, every = make_jhmdb(arguments.jhmdb, os.path.join(arguments.out, "two_films"))
        tasks["jhmdb"] = {
            "data": data,
            "test_clips": os.path.join(arguments.jhmdb, "test_upper.txt"),
            "joints": ",".join(f"{side}_{part}" for part in PARTS for side in ("left", "right")),
            "on_bad_label": "skip",
            "outside": "unlabel",
            "every_label": every,
            "input_size": "128,160",
        }
    return tasks


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Trains and compares."""
    rows = []
    for task, data in configure(arguments).items():
        runs = {}
        for start, flags in STARTS.items():
            run_dir = os.path.join(arguments.out, f"{task}-{start.replace(', ', '-')}")
            steps = {"steps": arguments.steps, "validate_every": arguments.steps // 2}
            gentle = _GENTLE.get(task, {}) if "init_from" in flags else {}
            runs[start] = trainings.train_once(
                TrainConfig.from_flags(**{**_COMMON, **data, **steps, **flags, **gentle, "run_dir": run_dir})
            )
            value, limits = runs[start].score(_METRIC)
            low, high = limits or (None, None)
            rows.append(Row(f"{task}, {start}: mean error", value, "px of the frame", low, high))
        for start in list(STARTS)[1:]:
            tuned = runs["fine-tuned"].predictions
            found = bootstrap.paired_difference(runs[start].predictions, tuned, _METRIC, runs[start].skeleton)
            low, high = found["interval"]
            what = f"{task}: error of {start} - fine-tuned"
            rows.append(Row(what, found["difference"], "px of the frame", low, high, "> 0"))
    return rows


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Fine-tuning from the shipped net against training from scratch, at equal steps.")
    parser.add_argument("--lips", default="", help="Folder of the lips project.")
    parser.add_argument("--jhmdb", default="", help="Folder of JHMDB.")
    parser.add_argument("--steps", type=int, help="Steps of each training, an even number. Default: 200 (quick: 4).")
    parser.add_argument("--out", default="runs/fine_tuning", help="Folder of the runs.")
    arguments = parser.parse_args(argv)
    arguments.steps = arguments.steps or (4 if arguments.quick else 200)
    if not (arguments.lips or arguments.jhmdb):
        parser.error("--lips, --jhmdb: expected at least one of them")
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    harness.report("fine_tuning", measure(arguments), arguments)


if __name__ == "__main__":
    main()
