"""Versions of the signers, and the names under which `--data` opens them.

A version never changes: `signers:train` (version 1) and `signers2:train` (version 2) give the same clips for ever, so
figures and runs that name them stay reproducible. Another way of drawing is another version with a name of its own.
"""

from __future__ import annotations

NAMES = ("signers", "signers2")  # by version, from 1
VERSIONS = tuple(range(1, len(NAMES) + 1))
HELP = "Version of the signers. signers2 move and are hard to see as filmed people; signers are easier for a net."


def name(version: int) -> str:
    """Returns the name of a version, with which the names of its clips begin.

    Raises:
      ValueError: if there is no such version.
    """
    if version not in VERSIONS:
        raise ValueError(f"version: expected one of {', '.join(map(str, VERSIONS))}, received {version!r}")
    return NAMES[version - 1]


def version_of(spec: str) -> int:
    """Returns the version of the signers that a source names, as `signers2:train:50` names 2; 0 if it names none."""
    first, colon, _ = spec.partition(":")
    return NAMES.index(first) + 1 if colon and first in NAMES else 0
