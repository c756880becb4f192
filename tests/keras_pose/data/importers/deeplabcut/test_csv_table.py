"""CSV tables as DeepLabCut and spreadsheets write them."""

import re

import numpy as np
import pytest

from keras_pose.data.importers.deeplabcut.csv_table import parse_cell, read_csv
from tests.helpers.deeplabcut_projects import csv_text, header

COLUMNS = header(("nose", "tail"))
IMAGES = ["labeled-data/a/img1.png", "labeled-data/a/img2.png"]
VALUES = np.array([[1.5, 2, 3, 4], [5, 6, np.nan, np.nan]])
TEXT = csv_text(COLUMNS, IMAGES, VALUES)


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "CollectedData_AB.csv"
    path.write_bytes(text.encode(encoding))
    return str(path)


def check(table):
    assert [(c.scorer, c.individual, c.part, c.coordinate) for c in table.columns] == COLUMNS
    np.testing.assert_array_equal(table.values, VALUES)
    assert table.images == IMAGES
    assert table.faults == [[], []]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        csv_text(COLUMNS, IMAGES, VALUES, path_columns=3),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", ",\n"),  # an empty last column of a spreadsheet
        TEXT.replace("\n", ",,,\n") + ",,,,,,,\n,\n\n",
        TEXT.replace("scorer", "Scorer").replace("coords", " coords "),
        TEXT.replace("coords,x,y,x,y", "coords,X,Y,x ,y"),
        TEXT.replace("nose,nose,tail,tail", "nose,,tail,").replace("AB,AB,AB,AB", "AB,,,"),  # merged cells
        TEXT.replace("nan", ""),
        TEXT.replace(",,\n", ",NaN,nan\n"),
        TEXT.replace("1.5,2,3,4", '"1.5","2","3","4"'),
        TEXT.replace("1.5,", '"1,5",'),
        "\n\n" + TEXT,
    ],
)
def test_all_say_the_same_without_a_note(tmp_path, text):
    table = read_csv(write(tmp_path, text))
    check(table)
    assert table.notes == []


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize("decimal", [".", ","])
def test_other_separators_and_decimal_commas(tmp_path, separator, name, decimal):
    table = read_csv(write(tmp_path, csv_text(COLUMNS, IMAGES, VALUES, separator, decimal)))
    check(table)
    assert table.notes[0] == f"cells are separated by {name}"
    assert table.notes[1:] == (["numbers have decimal commas"] if decimal == "," else [])


def test_the_separator_line_of_excel(tmp_path):
    table = read_csv(write(tmp_path, "sep=;\r\n" + csv_text(COLUMNS, IMAGES, VALUES, ";")))
    check(table)
    assert table.numbers == [5, 6]


@pytest.mark.parametrize(("encoding", "note"), [("utf-16", "UTF-16"), ("latin-1", "Latin-1"), ("utf-8-sig", "")])
def test_encodings_are_noted(tmp_path, encoding, note):
    table = read_csv(write(tmp_path, TEXT.replace("nose", "näse"), encoding))
    assert table.columns[0].part == "näse"
    assert len(table.notes) == bool(note)
    assert note in "".join(table.notes)


def test_rows_are_numbered_by_line(tmp_path):
    assert read_csv(write(tmp_path, TEXT.replace("labeled-data/a/img2", "\n\nlabeled-data/a/img2"))).numbers == [4, 7]


def test_levels_of_a_multi_animal_table(tmp_path):
    columns = header(("nose",), individuals=("m1", "single"))
    table = read_csv(write(tmp_path, csv_text(columns, IMAGES, VALUES)))
    assert [column.individual for column in table.columns] == ["m1", "m1", "single", "single"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("1,x,3,4", "value 2: expected a number, found 'x'"),
        ("1,2,3,1_0", "value 4: expected a number, found '1_0'"),
        ("1,2,3,0x10", "value 4: expected a number, found '0x10'"),
        ('"1,234",2,3,4', "value 1: expected a number, found '1,234'"),  # 1.234 or 1234?
        ("1,2", "expected 4 values as in the header, found 2"),
        ("1,2,3,4,5", "expected 4 values as in the header, found 5"),
        ("1,5,2,25,3,4", "expected 4 values as in the header, found 6"),  # decimal commas without quotes
        ('"1,2,3,4', "expected 4 values as in the header, found 1"),
    ],
)
def test_cells_that_cannot_be_read_are_faults_of_their_row(tmp_path, cells, message):
    table = read_csv(write(tmp_path, TEXT.replace("1.5,2,3,4", cells)))
    assert [found for _, found in table.faults[0]][0].startswith(message)


def test_an_open_quotation_mark_does_not_hide_rows(tmp_path):
    table = read_csv(write(tmp_path, TEXT.replace("labeled-data/a/img1.png", '"labeled-data/a/img1.png')))
    assert table.faults[0][0][1].endswith("(an open quotation mark joins lines 4 to 5)")


def test_points_among_decimal_commas_are_faults(tmp_path):
    text = csv_text(COLUMNS, IMAGES, [[1.5, 2.25, 3, 4]] * 2, ";", ",").replace("2,25", "2.250", 1)
    assert read_csv(write(tmp_path, text)).faults == [[(1, "value 2: expected a number, found '2.250'")], []]


def test_words_behind_the_last_column_are_noted(tmp_path):
    table = read_csv(write(tmp_path, TEXT.replace("1.5,2,3,4", "1.5,2,3,4,blurred")))
    check(table)
    assert table.notes == ["1 words behind the last column are ignored"]


def test_tables_that_were_put_together(tmp_path):
    head = "".join(TEXT.splitlines(keepends=True)[:3])
    first, second = TEXT.splitlines(keepends=True)[3:]
    table = read_csv(write(tmp_path, head + first + head + second))
    check(table)
    assert table.notes == ["the header is there more than once"]
    with pytest.raises(
        ValueError, match=r"AB.csv:6: expected the name of a picture, found a second header that differs"
    ):
        read_csv(write(tmp_path, head + first + head.replace("nose,nose,tail,tail", "tail,tail,nose,nose") + second))


def test_a_row_without_a_picture_is_a_fault(tmp_path):
    table = read_csv(write(tmp_path, TEXT.replace("labeled-data/a/img1.png", "")))
    assert table.faults[0] == [(None, "expected the name of a picture, found none")]


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 500, b"\xff\xfe\0", b"scorer,,,m\xe9\n", b"a,b\n1,2\n", b"scorer\nbodyparts\ncoords\n", b'"' * 999],
)
def test_other_files_are_refused_with_their_name(tmp_path, data):
    path = tmp_path / "CollectedData_AB.csv"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="CollectedData_AB.csv: expected"):
        read_csv(str(path))


@pytest.mark.parametrize(
    ("cell", "number"), [("1", 1), ("-1.5e2", -150), (".5", 0.5), ("5.", 5), ("", np.nan), ("NA", np.nan)]
)
def test_numbers(cell, number):
    np.testing.assert_equal(parse_cell(cell), number)


@pytest.mark.parametrize("cell", ["1,5", "1 5", "½", "١", "--1", "1e", "true"])
def test_words(cell):
    assert parse_cell(cell) is None
    assert parse_cell("1,5", decimal_comma=True) == 1.5


def test_two_rows_that_look_like_one_are_a_fault(tmp_path):
    head = "".join(TEXT.splitlines(keepends=True)[:3])
    table = read_csv(write(tmp_path, head + '"a/img1.png,1,2,3,4\na/img2.png",5,6,7,8\n'))
    assert table.faults[0][0][1].endswith("(an open quotation mark joins lines 4 to 5)")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT.replace("scorer", "", 1), "',AB,AB,AB,AB'"),
        (TEXT.replace("bodyparts", "", 1), "'scorer,AB,AB,AB,AB'"),
        (TEXT.replace("coords", "", 1), "'scorer,AB,AB,AB,AB'"),
        (TEXT[TEXT.index("labeled-data") :], "'labeled-data/a/img1.png,1.5,2,3,4'"),
        (",,,,\n", "',,,,'"),
        ("", "an empty file"),
        ("\n \n", "an empty file"),
    ],
)
def test_what_stands_in_place_of_the_header_is_shown(tmp_path, text, found):
    message = f"expected the header rows scorer, bodyparts and coords (x, y, …), found {found}"
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        read_csv(write(tmp_path, text))
