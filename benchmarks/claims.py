"""The claims of the slides, each with an interval and a verdict: `python -m benchmarks.claims [--jhmdb=<folder>]
[--lips=<folder>] [--trained=<run>,…] [--only_trained] [--only=1,3] [--out=runs/claims] [--full] [--quick]
[--figure=<png>] [--json=<file>]`.

The slides are those of Pfister, Charles and Zisserman on pose estimation in videos (Flowing ConvNets, ICCV 2015). Each
claim is checked by an experiment on synthetic signers and, if their folders are given, on people in films (JHMDB) and
on the lips of speakers; `claim_checks.registry` lists them. Differences are paired: the same frames, and the same steps
of training. Intervals are 95 % bootstrap intervals over clips, speakers or films. One rule makes the verdicts: a claim
is held if the whole interval lies on its side, not held if it lies on the other, and otherwise not decidable here.

Without --full: 21 short trainings of small nets, made for less than an hour on 2 cores. --full: longer trainings,
larger inputs and three seeds, for a GPU. Finished trainings are not repeated, and stopped ones are resumed. --quick
trains a few steps of everything and says nothing about the claims. --trained adds runs of other commands: what their
two heads say about fusion, their modes and, for signers, poolings around them; and pairs that differ in net, loss or
fusion alone.
`<out>/claims.json` and `<out>/claims.md` hold what was found, also by earlier commands about claims that --only leaves
out.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence

from benchmarks.claim_checks import data_sets, findings
from benchmarks.claim_checks.data_sets import JHMDB, LIPS, SIGNERS
from benchmarks.claim_checks.findings import Finding
from benchmarks.claim_checks.forms import FULL, NORMAL, SMOKE
from benchmarks.claim_checks.given import open_given
from benchmarks.claim_checks.nets import Nets
from benchmarks.claim_checks.registry import CLAIMS
from benchmarks.claim_checks.study import Study
from benchmarks.common import harness
from benchmarks.figures import claims_figure
from keras_pose import files
from keras_pose.viz import pictures


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line; `only` becomes a list of numbers and `form` the form."""
    parser = harness.make_parser("Each claim of the slides with an interval and a verdict.")
    parser.add_argument("--jhmdb", default="", metavar="DIR", help="Folder of JHMDB. Default: left out.")
    parser.add_argument("--lips", default="", metavar="DIR", help="Folder of the lips project. Default: left out.")
    parser.add_argument(
        "--trained",
        default="",
        metavar="RUNS",
        help="Scored runs of other commands to look at too, separated by commas: single nets, and pairs that differ in "
        "what a claim is about. Default: none.",
    )
    parser.add_argument("--only_trained", action="store_true", help="Look at the runs of --trained alone: no training.")
    known = ",".join(map(str, CLAIMS))
    parser.add_argument("--only", default=known, metavar="NUMBERS", help=f"Claims to check. Default: {known}.")
    parser.add_argument("--full", action="store_true", help="Train longer, on larger inputs, with three seeds: a GPU.")
    parser.add_argument("--out", metavar="DIR", help="Folder of runs and results. Default: runs/claims.")
    parser.add_argument("--figure", metavar="FILE", help="Also draw the intervals to this PNG.")
    arguments = parser.parse_args(argv)
    if arguments.full and arguments.quick:
        parser.error("--full, --quick: expected at most one of them")
    try:
        arguments.only = sorted({int(part) for part in arguments.only.split(",")})
    except ValueError:
        parser.error(f"--only: expected numbers of claims separated by commas, received {arguments.only!r}")
    if not set(arguments.only) <= set(CLAIMS):
        parser.error(f"--only: expected some of {known}, received {arguments.only}")
    arguments.form = SMOKE if arguments.quick else FULL if arguments.full else NORMAL
    suffix = {"normal": ""}.get(arguments.form.name, f"-{arguments.form.name}")
    arguments.out = arguments.out or f"runs/claims{suffix}"
    return arguments


def open_study(arguments: argparse.Namespace) -> Study:
    """Opens the data that is given; says what is left out.

    Raises:
      ValueError: if the folder was begun with another form.
    """
    form = arguments.form
    check_form(arguments.out, form.name)
    given = open_given(files.split_paths(arguments.trained))
    if arguments.only_trained:
        return Study({}, Nets(arguments.out, form), form, arguments.out, given)
    data = {SIGNERS: data_sets.open_signers(form)}
    if arguments.jhmdb:
        data[JHMDB] = data_sets.open_jhmdb(arguments.jhmdb, arguments.out, form)
    if arguments.lips:
        data[LIPS] = data_sets.open_lips(arguments.lips, form)
    for flag, name in (("--jhmdb", JHMDB), ("--lips", LIPS)):
        if name not in data:
            print(f"note: {name} is left out, since {flag} is not given")
    return Study(data, Nets(arguments.out, form), form, arguments.out, given)


def check_form(out: str, name: str) -> None:
    """Writes the name of the form to a new folder.

    Raises:
      ValueError: if the folder was begun with another form.
    """
    path = os.path.join(out, "form.json")
    if not os.path.exists(path):
        files.write_json(path, {"form": name})
    begun = files.read_json(path)["form"]
    if begun != name:
        raise ValueError(f"--out: {out} was begun with the {begun} form, received the {name} form; choose another")


def measure(study: Study, numbers: Sequence[int]) -> list[Finding]:
    """Checks claims one after the other, says how far it is, and keeps what was found in `<out>/claims.json`.

    Args:
      study: data, nets and sizes.
      numbers: the claims to check.

    Returns:
      What was found about all claims, now and by earlier commands, by claim.
    """
    path = os.path.join(study.out, "claims.json")
    known: list[Finding] = []
    for place, number in enumerate(numbers, 1):
        claim = CLAIMS[number]
        print(f"claim {number} ({place} of {len(numbers)}): {claim.statement}", flush=True)
        start = (time.monotonic(), time.process_time())
        found = list(claim.find(study))
        for finding in found:
            print(f"  {finding.data}, {finding.what}: {finding.value:.3g} {finding.unit}: {finding.verdict}")
        if not found:
            print("  nothing here that could decide")
        minutes, core_minutes = ((now - then) / 60 for now, then in zip((time.monotonic(), time.process_time()), start))
        print(f"  {minutes:.1f} min, {core_minutes:.1f} min of processor time", flush=True)
        known = read_findings(path)
        known = sorted([f for f in known if f.claim != number] + found, key=lambda finding: finding.claim)
        files.write_json(path, {"form": study.form.name, "findings": [finding.to_dict() for finding in known]})
    return known


def read_findings(path: str) -> list[Finding]:
    """Returns what earlier commands have found; nothing if there is no file."""
    if not os.path.exists(path):
        return []
    return [Finding.from_dict(values) for values in files.read_json(path)["findings"]]


def summarise(found: Sequence[Finding]) -> str:
    """Returns how many comparisons have each verdict, and what chance does to so many."""
    counts = {verdict: sum(finding.verdict == verdict for finding in found) for verdict in findings.VERDICTS}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    claims = len({finding.claim for finding in found})
    return (
        f"{len(found)} comparisons on {claims} claims: {told}. The intervals are not widened for their number: if "
        f"nothing had any effect, {0.05 * len(found):.1f} of them would be expected to leave zero out by chance."
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command."""
    arguments = parse_arguments(argv)
    study = open_study(arguments)
    found = measure(study, arguments.only)
    statements = {number: claim.statement for number, claim in CLAIMS.items()}
    table = findings.format_table(found, statements)
    files.write_text(os.path.join(arguments.out, "claims.md"), f"{table}\n")
    if arguments.figure:
        pictures.save_png(arguments.figure, claims_figure.draw(found, statements))
    harness.report("claims", [finding.to_row() for finding in found], arguments)
    print(table)
    print(summarise(found))


if __name__ == "__main__":
    main()
