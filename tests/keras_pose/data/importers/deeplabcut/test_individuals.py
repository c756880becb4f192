"""The individual that is read: the only one, or the one that the flag names."""

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.config import ProjectConfig
from keras_pose.data.importers.deeplabcut.individuals import choose_individual, count_individuals
from keras_pose.data.importers.deeplabcut.ledger import Ledger
from keras_pose.data.importers.deeplabcut.table import Column, Table
from keras_pose.skeleton import Skeleton
from tests.helpers.deeplabcut_projects import PARTS, header


def make(individuals, frames):
    """A table in which each individual is labelled in this number of its frames."""
    columns = [Column(*names) for names in header(PARTS, individuals=individuals)]
    values = np.full((5, len(columns)), np.nan)
    for i, number in enumerate(frames):
        values[:number, 4 * i : 4 * i + 2] = 1
    return Table("t.csv", columns, values, [f"{r}.png" for r in range(5)], list(range(5)), [[] for _ in range(5)])


def choose(tables, wanted="", listed=()):
    ledger = Ledger("p")
    config = ProjectConfig("config.yaml", Skeleton("toy", PARTS), "AB", tuple(listed), (), ())
    return choose_individual(config, tables, wanted, ledger), ledger


def test_frames_are_counted_over_all_tables():
    assert count_individuals([make(["m1", "m2"], [2, 1]), make(["m2", "single"], [3, 4])], PARTS) == {"m1": 2, "m2": 4}
    assert count_individuals([make(["m1"], [2])], ["tail"]) == {"m1": 0}


@pytest.mark.parametrize(
    ("tables", "chosen"),
    [
        ([make([], [2])], ""),
        ([make(["single"], [2])], ""),
        ([make(["m1"], [2])], "m1"),
        ([make(["m1"], [0])], "m1"),
        ([make(["m1", "m2", "single"], [0, 3, 2])], "m2"),
        ([make([], [2]), make(["m1"], [2])], "m1"),
    ],
)
def test_the_only_one_that_is_labelled_is_read(tables, chosen):
    name, ledger = choose(tables)
    assert name == chosen
    assert not ledger.differences


def test_the_flag_chooses():
    tables = [make(["m1", "m2"], [2, 3])]
    assert [choose(tables, wanted)[0] for wanted in ("m1", "m2", "M2", " m1")] == ["m1", "m2", "m2", "m1"]


@pytest.mark.parametrize("wanted", ["", "m3", "m*"])
def test_several_are_listed_with_their_frames(wanted):
    message = r"one individual of m1 \(2 labelled frames\), m3 \(0 labelled frames\), m2 \(1 labelled frame\)"
    with pytest.raises(ValueError, match=message):
        choose([make(["m1", "m2"], [2, 1])], wanted, ["m1", "m3"])


def test_a_flag_without_meaning_is_told():
    name, ledger = choose([make([], [2])], "m1")
    assert name == ""
    assert ledger.differences == {"--individual=m1 is ignored": ["the tables name no individuals"]}
    name, ledger = choose([make(["m1"], [2])], "mouse")
    assert name == "m1"
    assert ledger.differences == {"--individual=mouse is ignored": ["only 'm1' is labelled"]}
    with pytest.raises(ValueError, match="received --individual=m2"):
        choose([make(["m1"], [2])], "m2", ["m1", "m2"])
