"""The columns that are read, and the count of the others."""

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.columns import choose_scorer, select_columns
from keras_pose.data.importers.deeplabcut.table import Column, Table
from tests.helpers.deeplabcut_projects import header, points

PARTS = ("nose", "tail")


def make(columns, values=None):
    values = points(2, len(columns)) if values is None else np.asarray(values, np.float64)
    images = [f"img{i}.png" for i in range(len(values))]
    return Table("t.csv", [Column(*names) for names in columns], values, images, [4, 5], [[] for _ in values])


def places(columns, individual="", preferred=(), parts=PARTS):
    return select_columns(make(columns), parts, preferred, individual).places


def test_columns_follow_the_parts_in_any_order():
    assert places(header(PARTS)) == [(0, 0, 0), (1, 0, 1), (2, 1, 0), (3, 1, 1)]
    assert places([("S", "", "tail", "y"), ("S", "", "tail", "x")]) == [(0, 1, 1), (1, 1, 0)]


def test_likelihoods_are_left_out_with_a_note():
    selection = select_columns(make(header(PARTS, coords=("x", "y", "likelihood"))), PARTS, [])
    assert selection.columns == [0, 1, 3, 4]
    assert selection.notes == ["left out 2 columns of likelihood, which is no position"]
    assert not selection.lost


def test_the_likelihoods_of_a_second_scorer():
    columns = header(PARTS) + header(PARTS, "DLC_resnet", coords=("x", "y", "likelihood"))
    selection = select_columns(make(columns), PARTS, ["AB"])
    assert selection.columns == [0, 1, 2, 3]
    assert selection.lost == {("labels of the scorer 'DLC_resnet'", "--scorer=DLC_resnet"): 4}
    with pytest.raises(
        ValueError, match="t.csv: expected the labels of one scorer, found columns of 'AB', 'DLC_resnet'"
    ):
        select_columns(make(columns), PARTS, ["ZZ"])


def test_scorers_of_different_parts_do_not_compete():
    columns = header(["nose"], "AB") + header(["tail"], "CD")
    assert choose_scorer(make(columns), []) == [0, 1, 2, 3]


def test_a_part_that_the_config_lacks_is_counted():
    selection = select_columns(make(header(("nose", "ear")), [[1, 2, 3, 4], [1, 2, np.nan, np.nan]]), PARTS, [])
    assert selection.columns == [0, 1]
    assert selection.lost == {("labels of 'ear', which config.yaml does not list", "add it to the body parts there"): 1}
    assert "left out 'ear' (1 label), which is not a body part in config.yaml" in selection.notes
    assert "tail: not in the table, so unlabelled" in selection.notes


@pytest.mark.parametrize("name", ["Nose", " nose", "NOSE "])
def test_a_part_in_another_spelling_is_read(name):
    selection = select_columns(make(header((name, "tail"))), PARTS, [])
    assert selection.columns == [2, 3, 0, 1]
    assert selection.notes == [f"{name!r} is read as the body part 'nose'"]


def test_the_exact_spelling_goes_first():
    selection = select_columns(make(header(("Nose", "nose", "tail"))), PARTS, [])
    assert sorted(selection.columns) == [2, 3, 4, 5]
    assert list(selection.lost.values()) == [2]


def test_columns_without_a_part_are_counted():
    selection = select_columns(make([*header(PARTS), ("", "", "", "")]), PARTS, [])
    assert selection.notes == ["left out 1 column without a body part in the header"]
    assert sum(selection.lost.values()) == 1
    empty = make([*header(PARTS), ("", "", "", "")], [[1, 2, 3, 4, np.nan]] * 2)
    assert not select_columns(empty, PARTS, []).notes


def test_an_individual_and_the_parts_that_exist_once():
    columns = header(PARTS, individuals=("m1", "m2")) + header(["corner"], individuals=["single"])
    parts = (*PARTS, "corner")
    assert [c for c, _, _ in places(columns, "m2", parts=parts)] == [4, 5, 6, 7, 8, 9]
    selection = select_columns(make(columns), parts, [], "m1")
    assert selection.columns == [0, 1, 2, 3, 8, 9]
    assert selection.lost == {("labels of the individual 'm2'", "--individual=m2"): 4}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (header(("ear", "hoof")), r"expected body parts of config.yaml \(nose, tail\), found ear, hoof"),
        ([], r"expected body parts of config.yaml \(nose, tail\), found no body part"),
        (header(PARTS)[:3], "body part 'tail': expected the coordinates x and y, found 'x'"),
        (
            [*header(PARTS)[:3], ("AB", "", "tail", "z")],
            "body part 'tail': expected the coordinates x and y, found 'z'",
        ),
        (header(("nose", "nose")), "expected x and y of each body part once, found 'nose' 4 times"),
    ],
)
def test_headers_that_make_no_sense_are_refused_with_the_file(columns, message):
    with pytest.raises(ValueError, match=f"t.csv: {message}"):
        places(columns)
