"""Do synthetic signers move, and do nets fail on them, as on filmed people? `python -m benchmarks.motion_statistics
[--penn_action=<folder>] [--net=<run>] [--jhmdb=<folder>] [--jhmdb_net=upper_body] [--quick] [--json=<file>]`

First the motion of wrists: the labels of Penn Action (without the folder, the figures that were measured on all of its
label files) beside signers of each version, in torso lengths; see `benchmarks.motion.wrists`. With `--net`, how long
the errors of a net last on signers of each version, none of whom it may have been trained on; with `--jhmdb`, how long
those of a net for real people last on training clips of JHMDB; see `benchmarks.motion.persistence`.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.motion import persistence, wrists
from keras_pose.data.clip import Clip
from keras_pose.data.open_source import open_source
from keras_pose.data.source import Source
from keras_pose.data.synthetic import versions
from keras_pose.inference import loading

FRAMES = 31  # of a clip of signers
SPLIT = "validation"
_CLIPS = 1500
_LIST = "train_upper.txt"
_EVERY = 3  # clips from one of JHMDB to the next


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Motion of wrists, and how long errors last: filmed people beside synthetic signers.")
    parser.add_argument("--penn_action", metavar="FOLDER", help="Folder with labels/0001.mat, … of Penn Action.")
    parser.add_argument("--net", metavar="RUN", help="Net that predicts signers: a run, an export or upper_body.")
    parser.add_argument("--clips", type=int, default=100, help="Signers of each version to predict. Default: 100.")
    parser.add_argument("--jhmdb", metavar="FOLDER", help="Folder of JHMDB; every third training clip is predicted.")
    parser.add_argument("--jhmdb_net", default="upper_body", help="Net that predicts them. Default: upper_body.")
    return parser.parse_args(argv)


def motion_rows(penn_action: str | None, num_clips: int) -> list[Row]:
    """Returns the statistics of filmed wrists, and those of signers with their ratio to them.

    Args:
      penn_action: folder with the labels of Penn Action, or None to take the figures measured before.
      num_clips: signers of each version.
    """
    real: Iterable[float]
    if penn_action:
        real, count = wrists.summarise(wrists.read_penn_action(penn_action))
        label = f"Penn Action, {count} windows"
    else:
        real = wrists.REAL
        label = "Penn Action, measured before"
    rows = [Row(f"{label}: {name}", value, "torso") for name, value in zip(wrists.STATISTICS, real)]
    for version in versions.VERSIONS:
        drawn, count = wrists.summarise(wrists.draw_tracks(version, SPLIT, num_clips, FRAMES))
        for name, value, wanted in zip(wrists.STATISTICS, drawn, real):
            title = versions.name(version)
            rows.append(Row(f"{title}, {count} windows: {name}", value, "torso"))
            rows.append(Row("  divided by that of filmed wrists", value / wanted, "×"))
    return rows


def persistence_rows(label: str, net: str, source: Source, clips: Sequence[Clip]) -> list[Row]:
    """Returns how long the errors of a net last.

    Args:
      label: name of the clips for the rows.
      net: run, export or name of a net, see `keras_pose.load`.
      source: source of the clips.
      clips: clips to predict.
    """
    model = loading.load(net)
    tracks = []
    groups = []
    for clip in clips:
        found = persistence.find_wrong(model, clip, source.skeleton.joints)
        tracks += found
        groups += [clip.group or clip.name] * len(found)
    result = persistence.measure(tracks, groups)
    around = f"{label}: frames around a wrong wrist that are wrong"
    return [
        Row(f"{label}: wrong wrists", result.wrong, "share"),
        Row(f"{around} ({result.errors} errors)", result.lasting, "share", result.low, result.high),
        Row(f"{label}: errors among mostly right frames", result.brief, "share"),
    ]


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Measures what the arguments ask for; see `parse_arguments`."""
    rows = motion_rows(arguments.penn_action, 20 if arguments.quick else _CLIPS)
    if arguments.jhmdb:
        source = open_source(arguments.jhmdb)
        with open(os.path.join(arguments.jhmdb, _LIST), encoding="utf-8") as file:
            names = {line.strip() for line in file}
        chosen = [clip for clip in source.clips if clip.name in names]
        rows += persistence_rows("JHMDB", arguments.jhmdb_net, source, chosen[:: 20 if arguments.quick else _EVERY])
    for version in versions.VERSIONS if arguments.net else ():
        name = versions.name(version)
        source = open_source(f"{name}:{SPLIT}:{10 if arguments.quick else arguments.clips}", num_frames=FRAMES)
        rows += persistence_rows(name, arguments.net, source, source.clips)
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    harness.report("motion_statistics", measure(arguments), arguments)


if __name__ == "__main__":
    main()
