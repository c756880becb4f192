"""The locks fit the requirements, the list of licences and the Dockerfile fit the locks."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers import doc_commands

ROOT = Path(__file__).parent.parent
LOCKED = ROOT / "requirements" / "locked"
# The Python versions of each stack; the current one also runs on 3.11, by requirements/current.txt.
STACKS = {"default": ("3.9", "3.10", "3.11", "3.12", "3.13"), "current": ("3.11", "3.12", "3.13")}
ASKED = {"default": "requirements.txt", "current": "requirements/current.txt"}
TESTED = ("requirements/formats.txt", "requirements/test.txt")


def read_requirements(name):
    """The requirements of a file and of those that it names with -r."""
    path = ROOT / name
    found = []
    for line in path.read_text().splitlines():
        line = line.split(" #")[0].strip()
        if line.startswith("-r "):
            found += read_requirements(str((path.parent / line[3:].strip()).relative_to(ROOT)))
        elif line and not line.startswith("#"):
            found.append(Requirement(line))
    return found


def read_lock(name):
    """(requirement, number of hashes) of each pin."""
    blocks = re.split(r"\n(?=\S)", (LOCKED / f"{name}.txt").read_text().strip())
    return [(Requirement(block.split("\\")[0].strip()), block.count("--hash=sha256:")) for block in blocks]


def applies(requirement, python):
    environment = {**default_environment(), "python_version": python, "python_full_version": f"{python}.9"}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def pins(name, python):
    """{package: version} of a lock on a Python version."""
    found = {}
    for pin, _ in read_lock(name):
        if applies(pin, python):
            package = canonicalize_name(pin.name)
            assert package not in found, f"{name}.txt pins {package} twice for Python {python}"
            (clause,) = pin.specifier
            assert clause.operator == "=="
            found[package] = clause.version
    return found


def check_fit(asked, found, python):
    for requirement in asked:
        if applies(requirement, python):
            version = found.get(canonicalize_name(requirement.name))
            assert version, f"{requirement} is not in the lock for Python {python}: run `make lock`"
            assert requirement.specifier.contains(version, prereleases=True), f"{requirement}, locked: {version}"


@pytest.mark.parametrize(("stack", "python"), [(stack, python) for stack in STACKS for python in STACKS[stack]])
def test_locks_fit_the_requirements(stack, python):
    runs = pins(stack, python)
    check_fit(read_requirements(ASKED[stack]), runs, python)
    tests = pins(f"{stack}-test", python)
    check_fit([requirement for name in TESTED for requirement in read_requirements(name)], tests, python)
    shared = runs.keys() & tests.keys()
    assert {package: runs[package] for package in shared} == {package: tests[package] for package in shared}
    assert pins(f"{stack}-headless", python) == {"opencv-python-headless": runs["opencv-python"]}


@pytest.mark.parametrize("name", sorted(path.stem for path in LOCKED.glob("*.txt")))
def test_every_pin_has_hashes(name):
    assert [str(pin) for pin, hashes in read_lock(name) if not hashes] == []


def read_licences():
    """{package: [version on the classic stack, version on the current one]}; empty if the stack does not need it."""
    page = (ROOT / "docs" / "licences.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in page.splitlines() if line.startswith("| ")]
    return {canonicalize_name(name): [v if v[:1].isdigit() else "" for v in versions] for name, *versions in rows}


def test_every_needed_package_has_a_licence():
    listed = read_licences()
    needed = pins("default", "3.11").keys() | pins("current", "3.11").keys()
    # Only these come without metadata of their own in an environment, or belong to pip itself.
    assert needed - listed.keys() <= {"setuptools", "wheel", "pip"}


@pytest.mark.parametrize(("column", "stack"), enumerate(STACKS))
def test_licences_are_those_of_the_locked_versions(column, stack):
    locked = {**pins(stack, "3.11"), **pins(f"{stack}-test", "3.11"), **pins(f"{stack}-headless", "3.11")}
    listed = {
        name: versions[column] for name, versions in read_licences().items() if versions[column] and name in locked
    }
    assert len(listed) > 50
    assert listed == {name: locked[name] for name in listed}


def test_the_commands_in_the_dockerfile_have_their_flags():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    comments = "\n".join(line[1:] for line in lines if line.startswith("#")).replace("\\\n", " ")
    commands = re.findall(r"docker run .* keras_pose +(.+)", comments)
    assert len(commands) == 2
    for command in commands:
        doc_commands.check(["keras-pose", *shlex.split(command)])


def test_the_dockerfile_copies_what_is_there():
    lines = [line.split() for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")]
    copied = [name for line in lines for name in line[1:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {name.split("/")[0] for name in copied} == sent
    # Where `doctor` looks.
    assert {"requirements.txt", "requirements"} <= set(copied)
