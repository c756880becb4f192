"""Targets with faults of all kinds, for the tests of the harness."""

from __future__ import annotations

import ctypes
import random
import time
import warnings

from tests.fuzz import oracle


def run_crash(rng: random.Random, folder: str, log: list) -> bool:
    """Reads address 0 in one of a few cases."""
    if rng.randrange(4) == 3:
        log.append("address 0")
        ctypes.string_at(0)
    return True


def run_hang(rng: random.Random, folder: str, log: list) -> bool:
    """Does not end."""
    log.append("waits")
    time.sleep(3600)
    return True


def run_error(rng: random.Random, folder: str, log: list) -> bool:
    """Raises a TypeError for large numbers; the smallest is 600."""
    number = rng.randrange(1000)
    log.append(number)
    oracle.attempt(_refuse, number, names=("the file",))
    return True


def _refuse(number):
    if number >= 600:
        raise TypeError(f"the file: {number}")


def refuse_without_name() -> None:
    """Raises an error that does not say which file it means."""
    raise ValueError("expected something else")


def warn() -> None:
    """Warns as libraries do."""
    warnings.warn("overflow", RuntimeWarning, stacklevel=1)


class Careless:
    """Fails when it is deleted."""

    def __del__(self) -> None:
        raise OSError("lost")
