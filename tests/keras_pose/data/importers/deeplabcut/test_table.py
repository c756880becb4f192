"""Tables: which rows are labelled, and whether two files say the same."""

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.table import Column, Table, same_labels

COLUMNS = [Column("AB", "", part, c) for part in ("nose", "tail") for c in ("x", "y")] + [
    Column("AB", "", "tail", "likelihood")
]
NAN = np.nan


def make(values, images=("a/img1.png", "a/img2.png"), faults=None, columns=COLUMNS):
    values = np.asarray(values, np.float64)
    return Table("t.csv", list(columns), values, list(images), [4, 5], faults or [[] for _ in values])


def test_rows_are_labelled_by_positions_and_faults():
    table = make([[NAN, NAN, NAN, NAN, 0.9], [1, NAN, NAN, NAN, NAN]])
    assert table.labelled_rows().tolist() == [False, True]
    assert table.labelled_rows([2, 3]).tolist() == [False, False]
    assert table.labelled_rows([]).tolist() == [False, False]
    table = make([[NAN] * 5] * 2, faults=[[(2, "a word")], [(4, "a word")]])
    assert table.labelled_rows().tolist() == [True, False]
    assert table.labelled_rows([0, 1]).tolist() == [False, False]
    assert make([[NAN] * 5] * 2, faults=[[(None, "short")], []]).labelled_rows([0]).tolist() == [True, False]


def test_order_paths_rounding_and_likelihoods_make_no_difference():
    first = make([[1, 2, 3, 4, 0.5], [5, 6, NAN, NAN, NAN]])
    second = make([[5, 6, NAN, NAN, 1], [1.001, 2, 3, 4, 1]], ["C:\\b\\img2.png", "img1.png"])
    assert same_labels(first, second)
    order = [2, 3, 0, 1]
    assert same_labels(first, make(first.values[:, order], columns=[COLUMNS[c] for c in order]))
    assert same_labels(first, make([*first.values, [NAN] * 5], ["a/img1.png", "a/img2.png", "a/img3.png"]))


@pytest.mark.filterwarnings("error")
def test_numbers_of_any_size_are_compared_without_warnings():
    first = make([[1e308, 2, 3, 4, 0.5], [np.inf, 6, NAN, NAN, NAN]])
    assert same_labels(first, make(first.values))
    assert not same_labels(first, make(-first.values))


def test_other_labels_are_a_difference():
    first = make([[1, 2, 3, 4, 0.5], [5, 6, NAN, NAN, NAN]])
    moved = first.values.copy()
    moved[0, 1] = 2.5
    removed = first.values.copy()
    removed[1, :2] = NAN
    assert not same_labels(first, make(moved))
    assert not same_labels(first, make(removed))
    assert not same_labels(first, make(first.values, ["a/img1.png", "a/img3.png"]))
    assert not same_labels(first, make(first.values, faults=[[], [(2, "a word")]]))
    assert not same_labels(first, make(first.values[:1], ["a/img1.png"]))
