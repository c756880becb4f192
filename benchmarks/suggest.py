"""Labels that suggested frames save against random ones: `python -m benchmarks.suggest [--pool=signers|lips]
[--data=<project>] [--ways=both] [--seeds=3] [--out=runs/suggest] [--quick] [--json=<file>]`.

A net starts from a few labels, the same for all ways of choosing. Then, again and again, frames of the pool are chosen
(by `keras_pose.labelling`, or at random, each frame of the pool alike), their true labels are added, and a new net is
trained on all of them and tested on people who are not in the pool.

The pool of signers is as real ones are: 6 signers fill two thirds of it with consecutive frames that resemble each
other, 48 others appear for 4 frames each. `--long_clips=0` leaves out the former. The pool of lips holds the labelled
frames of the training clips of a DeepLabCut project (`--data`), since only these have labels.

`<out>/errors.json` keeps the errors of each training, so that a command that is started again goes on.
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
    parser.add_argument("--budgets", help="Numbers of labels. Default: 12,24,48,96 (lips: 10,20,40,80; quick: 4,8).")
    parser.add_argument("--seeds", type=int, help="Number of repeats. Default: 3 (quick: 1).")
    parser.add_argument("--steps", type=int, help="Steps of each training. Default: 400 (quick: 10).")
    parser.add_argument("--long_clips", type=int, default=6, help="Signers who fill most of the pool.")
    parser.add_argument("--out", metavar="DIR", help="Folder of results. Default: runs/suggest-<pool>.")
    arguments = parser.parse_args(argv)
    quick = arguments.quick
    budgets = arguments.budgets or ("4,8" if quick else "12,24,48,96" if arguments.pool == "signers" else "10,20,40,80")
    arguments.budgets = sorted({int(part) for part in budgets.split(",")})
    arguments.seeds = arguments.seeds or (1 if quick else 3)
    arguments.steps = arguments.steps or (10 if quick else 400)
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
    return pools.open_signers(96, arguments.long_clips, 64, 48, 4, 100)


def make_config(arguments: argparse.Namespace) -> TrainConfig:
    """Returns the configuration of the net."""
    size = {"signers": "32" if arguments.quick else "96", "lips": "64" if arguments.quick else "96,128"}[arguments.pool]
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


def measure(pool: Pool, net: SmallNet, arguments: argparse.Namespace) -> dict[str, list[float]]:
    """Trains and tests all nets; returns {"<way>/<seed>/<labels>": error of each test clip}."""
    path = os.path.join(arguments.out, "errors.json")
    known = files.read_json(path) if os.path.exists(path) else {"labels": {}, "errors": {}}
    labels, errors = known["labels"], known["errors"]
    for seed in range(arguments.seeds):
        for way in (RANDOM, *arguments.ways):
            labelled = choose_random(pool, [], arguments.budgets[0], seed)
            for step, budget in enumerate(arguments.budgets):
                key = f"{way}/{seed}/{budget}"
                first = f"{RANDOM}/{seed}/{budget}"
                if key in errors:
                    labelled = [tuple(place) for place in labels[key]]
                    continue
                if step:
                    count = budget - len(labelled)
                    if way == RANDOM:
                        labelled = labelled + choose_random(pool, labelled, count, 1000 * seed + budget)
                    else:
                        net.train(pool.select(labelled), seed)  # as it was before: its predictions decide
                        gap = _GAPS[arguments.pool]
                        labelled = labelled + suggest(pool, net, labelled, count, seed, way, gap)
                if not step and first in errors:
                    errors[key] = errors[first]  # the same labels, the same net
                else:
                    net.train(pool.select(labelled), seed)
                    errors[key] = net.errors(pool.test).tolist()
                labels[key] = [list(place) for place in labelled]
                files.write_json(path, known)
                print(f"{key}: {len(labelled)} labels, error {np.mean(errors[key]):.2f} % of the side", flush=True)
    return errors


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
    errors = measure(pool, net, arguments)
    harness.report("suggest", make_rows(arguments, errors, len(pool)), arguments)


if __name__ == "__main__":
    main()
