"""What `keras-pose doctor` compares the installed packages with: the requirements of each stack.

They come from the requirements files of a checkout, or from the metadata of the installed package if there is no
checkout. Nothing but the standard library is imported at the top: `packaging` may be missing, pip brings a copy.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.metadata
import pathlib
import re
from collections.abc import Iterable
from typing import Any

DISTRIBUTION = "keras_pose"
# The oldest Python whose only stack is the current one; older ones can have it too (requirements/current.txt).
_CURRENT_STACK_PYTHON = "3.12"
# Other distributions that contain the same module.
_SUBSTITUTES = {
    "opencv-python": ("opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
    "tensorflow": ("tensorflow-cpu", "tensorflow-macos"),
}


@dataclasses.dataclass(frozen=True)
class Stack:
    """The packages of one stack.

    Args:
      source: where the requirements come from, for the report.
      requirements: `packaging` requirements whose markers hold.
    """

    source: str
    requirements: list[Any]

    def has_installed_keras(self) -> bool:
        """Returns whether the installed Keras is one of this stack."""
        version = installed_version("keras")
        return version is not None and any(
            requirement.name == "keras" and requirement.specifier.contains(version, prereleases=True)
            for requirement in self.requirements
        )


def read_stacks(root: str | pathlib.Path, distribution: str = DISTRIBUTION) -> list[Stack]:
    """Reads the requirements of the stacks; the first stack is the one that this Python gets by default.

    Args:
      root: folder that holds `requirements.txt` and `requirements/`, if this is a checkout.
      distribution: name of the installed package whose metadata is read if there is no `requirements.txt`.

    Raises:
      OSError: if a requirements file is missing, or if there is neither a checkout nor an installed package.
      ImportError: if neither `packaging` nor pip is installed.
      ValueError: for a line that is not a requirement.
    """
    root = pathlib.Path(root)
    if (root / "requirements.txt").exists():
        names = ("requirements.txt", "requirements/current.txt")
        return [Stack(name, read_requirements(root / name)) for name in names]
    try:
        lines = importlib.metadata.requires(distribution) or []
        source = f"{distribution} {importlib.metadata.version(distribution)}"
    except importlib.metadata.PackageNotFoundError as error:
        raise FileNotFoundError(
            f"expected {root / 'requirements.txt'} or an installed {distribution}, found neither"
        ) from error
    return [
        Stack(source, parse_requirements(lines, source)),
        Stack(f"{source}, current stack", parse_requirements(lines, source, python_version=_CURRENT_STACK_PYTHON)),
    ]


def read_requirements(path: str | pathlib.Path) -> list[Any]:
    """Reads a requirements file and the files that it names with `-r`.

    Returns:
      The `packaging` requirements whose markers hold for this Python and machine.

    Raises:
      OSError: if a file is missing.
      ImportError: if neither `packaging` nor pip is installed.
      ValueError: for a line that is not a requirement.
    """
    path = pathlib.Path(path)
    requirements = []
    for line in path.read_text(encoding="utf-8").splitlines():
        line = re.sub(r"(^|\s)#.*$", "", line).strip()
        if line.startswith("-r "):
            requirements += read_requirements(path.parent / line[3:].strip())
        elif line:
            requirements += parse_requirements([line], path)
    return requirements


def parse_requirements(lines: Iterable[str], source: str | pathlib.Path, **environment: str) -> list[Any]:
    """Parses requirements and keeps those whose markers hold.

    Args:
      lines: one requirement each, such as `numpy<2; python_version < "3.12"`.
      source: where the lines come from, for the error message.
      **environment: values of marker variables, such as python_version="3.12"; the others are those of this Python.

    Raises:
      ImportError: if neither `packaging` nor pip is installed.
      ValueError: for a line that is not a requirement.
    """
    requirement_class = _requirement_class()
    requirements = []
    for line in lines:
        try:
            requirement = requirement_class(line)
        except ValueError as error:
            raise ValueError(f"{source}: expected a requirement, received {line!r} ({error})") from error
        # Without an extra: what only tests need does not count.
        if requirement.marker is None or requirement.marker.evaluate({"extra": "", **environment}):
            requirements.append(requirement)
    return requirements


def installed_version(name: str) -> str | None:
    """Returns the installed version of a distribution or of a substitute; None if there is none."""
    for candidate in (name, *_SUBSTITUTES.get(name, ())):
        try:
            return importlib.metadata.version(candidate)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def _requirement_class():
    try:
        return importlib.import_module("packaging.requirements").Requirement
    except ImportError:
        return importlib.import_module("pip._vendor.packaging.requirements").Requirement
