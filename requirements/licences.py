"""Writes docs/licences.md: `python requirements/licences.py <pip-licenses> <environment>…` (`make licences`).

Lists what the environments hold, without what only tests need. Fails if a licence is not among those that are known to
be harmless for use beside Apache-2.0, so that a new dependency is looked at.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

FOLDER = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(os.path.dirname(FOLDER), "docs", "licences.md")
KNOWN = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|HPND|Zlib|Unlicense|CC0|CC-BY-4\.0", re.IGNORECASE
)
REFUSED = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
# What metadata of packages leaves out, looked up in their sources.
STATED = {"namex": "Apache-2.0", "ml_dtypes": "Apache-2.0"}
HEAD = """# Licences of the dependencies

Written by `make licences` from what the installed packages state about themselves: what keras_pose needs, and what the
extra `[formats]` adds. keras_pose itself is under Apache-2.0, and contains none of them. Wheels may contain other
libraries: those of OpenCV and PyAV hold FFmpeg under the LGPL, the one with windows also Qt under the LGPL, and
imageio-ffmpeg a program under the GPL. If you pass on an image that holds them, their terms apply too.

| package | classic stack | current stack | licence |
|---|---|---|---|
"""


# Run by the interpreter of an environment: the packages that are reached from those that it is given.
REACH = """
import importlib.metadata as metadata, json, re, sys
from packaging.requirements import Requirement

def normalise(name):
    return re.sub(r"[-_.]+", "-", name).lower()

installed = {normalise(d.metadata["Name"]): d for d in metadata.distributions()}
reached, waiting = set(), [Requirement(line) for line in json.load(sys.stdin)]
while waiting:
    requirement = waiting.pop()
    extras = requirement.extras or {""}
    if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
        continue
    name = normalise(requirement.name)
    if name in reached or name not in installed:
        continue
    reached.add(name)
    for line in installed[name].requires or []:
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
            waiting.append(Requirement(f"{needed.name}[{','.join(needed.extras)}]" if needed.extras else needed.name))
print(json.dumps(sorted(reached)))
"""


def read_requirements(*names: str) -> list[str]:
    """Returns the requirements of files of this folder, without comments and markers."""
    found = []
    for name in names:
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            lines = [line.split("#")[0].split(";")[0].strip() for line in file]
        found.extend(line for line in lines if line and not line.startswith("-"))
    return found


def find_needed(environment: str) -> set[str]:
    """Returns the normalised names of what keras_pose and its formats need, and what that needs, in an environment."""
    asked = read_requirements("common.txt", "stack.txt", "current.txt", "formats.txt")
    python = os.path.join(environment, "bin", "python")
    command = [python, "-c", REACH]
    result = subprocess.run(command, check=True, input=json.dumps(asked), capture_output=True, text=True)
    return set(json.loads(result.stdout))


def normalise(name: str) -> str:
    """Returns a package name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def list_packages(tool: str, environment: str) -> dict[str, Mapping[str, str]]:
    """Returns {normalised name: entry of pip-licenses} of an environment."""
    python = os.path.join(environment, "bin", "python")
    command = [tool, f"--python={python}", "--from=mixed", "--format=json"]
    entries = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {normalise(entry["Name"]): entry for entry in entries}


def name_licence(entry: Mapping[str, str]) -> str:
    """Returns the licence of a package in one line.

    Raises:
      ValueError: if it is unknown, or not among those known to be harmless.
    """
    licence = STATED.get(entry["Name"]) or entry["License"].strip().splitlines()[0]
    if REFUSED.search(licence) or not KNOWN.search(licence):
        raise ValueError(
            f"{entry['Name']} {entry['Version']}: expected a licence that is known here, found {licence!r}"
        )
    return licence


def main(argv: Sequence[str]) -> None:
    """Writes the page: argv is the path of pip-licenses, and the environments of the classic and the current stack."""
    tool, *environments = argv
    stacks = []
    for environment in environments:
        needed = find_needed(environment)
        packages = list_packages(tool, environment)
        stacks.append({name: entry for name, entry in packages.items() if name in needed})
    lines = []
    for name in sorted(set().union(*stacks)):
        entry = next(stack[name] for stack in reversed(stacks) if name in stack)
        versions = [stack[name]["Version"] if name in stack else "" for stack in stacks]
        lines.append(f"| {entry['Name']} | {' | '.join(versions)} | {name_licence(entry)} |\n")
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(lines))
    print(f"{PAGE}: {len(lines)} packages")


if __name__ == "__main__":
    main(sys.argv[1:])
