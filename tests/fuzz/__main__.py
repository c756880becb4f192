"""Runs targets for a given time: `python -m tests.fuzz --target=coco --minutes=30`. Ends with 1 if there are faults."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.supervisor import Supervisor
from tests.fuzz.targets import TARGETS


def main() -> None:
    """Reads the flags, runs the targets one after the other and prints a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--target", default="all", help=f"one of {', '.join(TARGETS)}, several with commas, or all")
    parser.add_argument("--minutes", type=float, default=1.0, help="time for each target")
    parser.add_argument("--seed", type=int, default=0, help="seed of the cases; a seed and a round repeat them")
    parser.add_argument("--round", type=int, help="run this round only")
    parser.add_argument("--failures", default="runs/fuzz", help="folder for the input and the report of each fault")
    flags = parser.parse_args()
    names = list(TARGETS) if flags.target == "all" else flags.target.split(",")
    unknown = sorted(set(names) - set(TARGETS))
    if unknown:
        parser.error(f"--target: expected {', '.join(TARGETS)}, received {', '.join(unknown)}")
    reports = []
    for name in names:
        supervisor = Supervisor(name, flags.seed, flags.failures)
        one = {} if flags.round is None else {"first_round": flags.round, "rounds": 1}
        reports.append(supervisor.run(60 * flags.minutes, **one))
        print(reports[-1].describe(), flush=True)
    faults = sum(len(report.faults) for report in reports)
    if faults:
        sys.exit(f"{faults} faults; their inputs and reports are in {flags.failures}")


if __name__ == "__main__":
    main()
