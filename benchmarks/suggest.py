"""Labels that suggested frames save against random ones: `python -m benchmarks.suggest [--pool=signers|lips]
[--data=<project>] [--ways=both] [--seeds=3] [--out=runs/suggest] [--quick] [--json=<file>]`.

A net learns from a few labels, the same for all ways of choosing. Then, again and again, frames of the pool are chosen
(by `keras_pose.labelling`, or at random, each frame of the pool alike), their true labels are added, and the net learns
on from all of them (as with `--init_from`) and is tested on people who are not in the pool.

The pool of signers is as real ones are: 6 signers fill half of it with consecutive frames that resemble each
other, 96 others appear for 4 frames each. `--long_clips=0` leaves out the former. The pool of lips holds the labelled
frames of the training clips of a DeepLabCut project (`--data`), since only these have labels.

`<out>/errors.json` and weights beside it keep each training, so that a command that is started again goes on.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import numpy as np

from benchmarks.common import harness
from benchmarks.common.rows import Row
from benchmarks.labelling import label_curves, pools
from benchmarks.labelling.pools import Pool
from benchmarks.labelling.small_net import SmallNet
from keras_pose import files
from keras_pose.labelling import choice, frame_looks, frame_scores
from keras_pose.runs.config import TrainConfig

RANDOM = "random"
TARGET = ">= 0.25"
POOLS = ("signers", "lips")
_GAPS = {"signers": 4, "lips": 1}  # frames; the frames of a short clip of signers are alike


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = harness.make_parser("Error by number of labels, of suggested and of random frames.")
    parser.add_argument("--pool", choices=POOLS, default=POOLS[0], help="What to choose frames from.")
    parser.add_argument("--data", default="../shared/data/lips", help="DeepLabCut project of --pool=lips.")
    parser.add_argument("--ways", default=choice.BOTH, help=f"Of {', '.join(choice.WAYS)}, separated by commas.")
    parser.add_argument("--budgets", help="Numbers of labels. Default: 24,48,96,192 (lips: 10,20,40,80; quick: 4,8).")
    parser.add_argument("--seeds", type=int, help="Number of repeats. Default: 3 (quick: 1).")
    parser.add_argument("--steps", type=int, help="Steps after each choice. Default: 300 (quick: 10).")
    parser.add_argument("--first_rounds", type=int, default=4, help="The first net learns so many times longer.")
    parser.add_argument("--long_clips", type=int, default=6, help="Signers who fill most of the pool.")
    parser.add_argument("--out", metavar="DIR", help="Folder of results. Default: runs/suggest-<pool>.")
    arguments = parser.parse_args(argv)
    quick = arguments.quick
    budgets = arguments.budgets or (
        "4,8" if quick else "24,48,96,192" if arguments.pool == "signers" else "10,20,40,80"
    )
    arguments.budgets = sorted({int(part) for part in budgets.split(",")})
    arguments.seeds = arguments.seeds or (1 if quick else 3)
    arguments.steps = arguments.steps or (10 if quick else 300)
    arguments.out = arguments.out or f"runs/suggest-{arguments.pool}{'-quick' if quick else ''}"
    arguments.ways = arguments.ways.split(",")
    unknown = sorted(set(arguments.ways) - set(choice.WAYS))
    if unknown or len(arguments.budgets) < 2:
        parser.error(f"expected --ways of {', '.join(choice.WAYS)} and at least 2 --budgets")
    return arguments


def open_pool(arguments: argparse.Namespace) -> Pool:
    """Opens the pool that the arguments ask for."""
    if arguments.pool == "lips":
        return pools.open_project(arguments.data, "test_clips.txt")
    if arguments.quick:
        return pools.open_signers(64, 1, 12, 6, 4, 6)
    return pools.open_signers(64, arguments.long_clips, 64, 96, 4, 100)


def make_config(arguments: argparse.Namespace) -> TrainConfig:
    """Returns the configuration of the net."""
    size = {"signers": "32" if arguments.quick else "64", "lips": "64" if arguments.quick else "96,128"}[arguments.pool]
    return TrainConfig.from_flags(
        run_dir="none",
        input_size=size,
        width=0.25 if arguments.quick else 0.5,
        batch_size=16,
        steps=arguments.steps,
        validate_every=arguments.steps,
        warmup_steps=min(30, arguments.steps // 3),
        ema=0.0,
    )


def choose_random(pool: Pool, labelled: Sequence[tuple[int, int]], count: int, seed: int) -> list[tuple[int, int]]:
    """Chooses frames of the pool that are not labelled, each alike."""
    taken = set(labelled)
    free = [place for place in pool.places() if place not in taken]
    return [free[i] for i in np.random.default_rng(seed).permutation(len(free))[:count]]


def suggest(
    pool: Pool, net: SmallNet, labelled: Sequence[tuple[int, int]], count: int, seed: int, way: str, min_gap: int
) -> list[tuple[int, int]]:
    """Chooses frames of the pool by what the net predicts for them."""
    poses = [net.predict(clip) for clip in pool.clips]
    looks = [
        frame_looks.look_at(zip(clip.numbers, clip.pictures), clip.numbers, video.joints)
        for clip, video in zip(pool.clips, poses)
    ]
    scores = [frame_scores.score_frames(video, look.disagreement) for video, look in zip(poses, looks)]
    taken = set(labelled)
    sides = np.concatenate([np.full(len(clip.numbers), max(clip.pictures.shape[1:3])) for clip in pool.clips])
    rows = np.concatenate([clip.rows for clip in pool.clips])
    videos = choice.number_videos([len(clip.numbers) for clip in pool.clips])
    candidates = choice.Candidates(
        videos=videos,
        frames=np.concatenate([clip.numbers for clip in pool.clips]),
        scores=np.concatenate(frame_scores.combine(scores)),
        looks=choice.describe(
            np.concatenate([look.thumbnails for look in looks]),
            np.concatenate([video.joints[:, 0] for video in poses]),
            sides,
        ),
        usable=rows >= 0,
        labelled=np.array([(int(v), int(row)) in taken for v, row in zip(videos, rows)]),
    )
    places = choice.choose(candidates, count, min_gap, seed, way)
    return [(int(videos[place]), int(rows[place])) for place in places]


class Loop:
    """Labels and nets of all ways, numbers of labels and seeds, kept in a folder.

    Args:
      pool: what to choose from.
      net: what learns.
      arguments: of the command.
    """

    def __init__(self, pool: Pool, net: SmallNet, arguments: argparse.Namespace) -> None:
        self._pool = pool
        self._net = net
        self._arguments = arguments
        self._path = os.path.join(arguments.out, "errors.json")
        self._known = files.read_json(self._path) if os.path.exists(self._path) else {"labels": {}, "errors": {}}

    def run(self) -> dict[str, list[float]]:
        """Trains and tests; returns {"<way>/<seed>/<labels>": error of each test clip}."""
        for seed in range(self._arguments.seeds):
            for way in (RANDOM, *self._arguments.ways):
                before = None
                for budget in self._arguments.budgets:
                    self._round(way if before else RANDOM, seed, before, budget)
                    if before is None and way != RANDOM:  # the first labels and their net are the same for all
                        for part in self._known.values():
                            part[f"{way}/{seed}/{budget}"] = part[f"{RANDOM}/{seed}/{budget}"]
                    before = budget
        return self._known["errors"]

    def _round(self, way, seed, before, budget):
        """Chooses labels up to `budget`, trains on from the net of the labels before, and tests."""
        key = f"{way}/{seed}/{budget}"
        if key in self._known["errors"]:
            return
        if before is None:
            labelled = choose_random(self._pool, [], budget, seed)
            self._net.renew(seed)
        else:
            labelled = [tuple(place) for place in self._known["labels"][f"{way}/{seed}/{before}"]]
            first = before == self._arguments.budgets[0]
            stored = files.read_arrays(self._weights_path(RANDOM if first else way, seed, before))
            self._net.weights = [stored[f"{number}"] for number in range(len(stored))]
            labelled += self._choose(way, labelled, budget - before, seed)
        rounds = self._arguments.first_rounds if before is None else 1
        self._net.train(self._pool.select(labelled), 1000 * seed + budget, rounds)
        arrays = {f"{number}": values for number, values in enumerate(self._net.weights)}
        files.write_arrays(self._weights_path(way, seed, budget), arrays)
        self._known["errors"][key] = self._net.errors(self._pool.test).tolist()
        self._known["labels"][key] = [list(place) for place in labelled]
        files.write_json(self._path, self._known)
        print(f"{key}: error {np.mean(self._known['errors'][key]):.2f} % of the side", flush=True)

    def _choose(self, way, labelled, count, seed):
        if way == RANDOM:
            return choose_random(self._pool, labelled, count, 1000 * seed + len(labelled))
        gap = _GAPS[self._arguments.pool]
        return suggest(self._pool, self._net, labelled, count, seed, way, gap)

    def _weights_path(self, way, seed, budget):
        return os.path.join(self._arguments.out, f"{way}-{seed}-{budget}.npz")


def make_rows(arguments: argparse.Namespace, errors: dict[str, list[float]], size: int) -> list[Row]:
    """Returns the rows of all ways."""

    def table(way: str) -> np.ndarray:
        return np.array([[errors[f"{way}/{s}/{b}"] for b in arguments.budgets] for s in range(arguments.seeds)])

    rows = [Row(f"frames of the pool of {arguments.pool}", size, "frames")]
    for way in arguments.ways:
        wanted = TARGET if way == choice.BOTH and not arguments.quick else None
        rows += label_curves.compare(way, arguments.budgets, table(way), table(RANDOM), wanted)
    return rows


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    pool = open_pool(arguments)
    if arguments.budgets[-1] > len(pool):
        raise ValueError(f"--budgets: expected at most the {len(pool)} frames of the pool")
    net = SmallNet(make_config(arguments), pool.skeleton)
    errors = Loop(pool, net, arguments).run()
    harness.report("suggest", make_rows(arguments, errors, len(pool)), arguments)


if __name__ == "__main__":
    main()
