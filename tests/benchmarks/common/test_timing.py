"""Alternatives take turns, and ratios are taken pair by pair."""

import numpy as np
import pytest

from benchmarks.common.timing import Timings, time_in_turn


def test_functions_take_turns_after_their_warm_up():
    called = []
    functions = {"a": lambda: called.append("a"), "b": lambda: called.append("b")}
    timings = time_in_turn(functions, repeats=2, warmup=1, calls=2)
    assert "".join(called) == "ab" + "aabb" * 2
    assert {name: samples.shape for name, samples in timings.samples.items()} == {"a": (2,), "b": (2,)}
    assert all((samples > 0).all() for samples in timings.samples.values())


def test_ratios_are_pair_by_pair():
    timings = Timings({"a": np.array([1.0, 2.0, 4.0]), "b": np.array([2.0, 4.0, 8.0])})
    ratio = timings.ratio("b", "a")
    assert (ratio.low, ratio.median, ratio.high) == (2, 2, 2)
    assert timings["a"].median == pytest.approx(2)
