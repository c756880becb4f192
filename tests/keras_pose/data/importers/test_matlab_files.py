"""Both versions of MATLAB files give the same plain values; errors name file, version and place."""

import numpy as np
import pytest
import scipy.io

from keras_pose.data.importers import matlab_files
from tests.helpers import matlab_v73

VARIABLES = {
    "pos": np.arange(30.0).reshape(2, 15),
    "stack": np.arange(24.0).reshape(2, 3, 4),
    "flag": np.array([[True, False]]),
    "title": "seq01/frame 7.png",
    "nothing": np.zeros((0, 0)),
    "no_text": "",
    "cells": ["one", np.array([[1.0, 2.0]]), {"x": np.array([[3.0]])}],
    "single": {"name": "a", "nested": {"point": np.array([[5.0, 6.0]])}, "list": ["b", "c"]},
    "many": [{"id": np.array([[1.0]]), "coords": np.ones((2, 29))}, {"id": np.array([[2.0]]), "coords": np.eye(2)}],
}


def save_v5(path, variables):
    def form(value):
        if isinstance(value, dict):
            return {name: form(content) for name, content in value.items()}
        if isinstance(value, list) and isinstance(value[0], dict):
            names = list(value[0])
            array = np.empty((1, len(value)), [(name, object) for name in names])
            for place, element in enumerate(value):
                array[0, place] = tuple(form(element[name]) for name in names)
            return array
        if isinstance(value, list):
            cells = np.empty((1, len(value)), object)
            for place, element in enumerate(value):
                cells[0, place] = form(element)
            return cells
        return value

    scipy.io.savemat(path, {name: form(value) for name, value in variables.items()}, do_compression=True)


SAVE = {"5 to 7": save_v5, "7.3": matlab_v73.write}


def equal(a, b):
    if isinstance(a, dict):
        return isinstance(b, dict) and set(a) == set(b) and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and a.dtype == b.dtype and (a == b).all()
    return a == b


@pytest.fixture(params=list(SAVE))
def version(request):
    return request.param


def test_values_are_the_same_in_both_versions(tmp_path, version):
    path = tmp_path / "values.mat"
    SAVE[version](path, VARIABLES)
    found = matlab_files.read(path)
    assert found.version == version
    assert set(found.variables) == set(VARIABLES)
    for name, value in VARIABLES.items():
        assert equal(found.variables[name], value), name


def test_only_named_variables_are_read(tmp_path, version):
    path = tmp_path / "values.mat"
    SAVE[version](path, VARIABLES)
    assert set(matlab_files.read(path, ["title", "absent"]).variables) == {"title"}


def test_cells_of_rows_and_columns_are_nested():
    cells = np.empty((2, 3), object)
    for place in np.ndindex(2, 3):
        cells[place] = str(place)
    assert matlab_files._plain(np.array([[1.0]])).shape == (1, 1)
    nested = [["(0, 0)", "(0, 1)", "(0, 2)"], ["(1, 0)", "(1, 1)", "(1, 2)"]]
    assert matlab_files.matlab_hdf5.nest(cells, str) == nested


def test_errors_name_file_version_and_place(tmp_path, version):
    path = tmp_path / "values.mat"
    SAVE[version](path, VARIABLES)
    found = matlab_files.read(path)
    start = f"{path} (MATLAB {version}): "
    cases = [
        (lambda: found.variable("RELEASE"), "expected the variable RELEASE, found cells, flag"),
        (lambda: found.field(found.variables["single"], "x", "single"), "single: expected the field x, found list, na"),
        (lambda: found.field(found.variables["pos"], "x", "pos"), "pos: expected a struct with the field x, found num"),
        (lambda: found.structs(found.variables["pos"], "pos"), "pos: expected structs, found numbers [2 x 15]"),
        (lambda: found.numbers("abc", (2, None), "a"), "a: expected numbers [2 x any], found the text 'abc'"),
        (lambda: found.numbers(VARIABLES["pos"], (3, None), "a"), "a: expected numbers [3 x any], found numbers [2 x"),
        (lambda: found.text(VARIABLES["pos"], "a"), "a: expected a text, found numbers [2 x 15]"),
        (lambda: found.number(VARIABLES["pos"], "a"), "a: expected numbers [1], found numbers [2 x 15]"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match="MATLAB") as raised:
            call()
        assert str(raised.value).startswith(start + message)


def test_checked_values(tmp_path):
    path = tmp_path / "values.mat"
    save_v5(path, VARIABLES)
    found = matlab_files.read(path)
    assert found.numbers(found.variable("pos"), (2, 15), "pos").dtype == np.float64
    assert found.numbers(found.variable("flag"), (None,), "flag").tolist() == [1, 0]
    assert found.numbers(found.variable("nothing"), (None,), "nothing").size == 0
    assert found.number(np.array([[7]]), "n") == 7
    assert found.text(["name"], "name") == "name"
    assert found.structs(found.variable("single"), "s") == [found.variable("single")]
    assert found.structs(found.variable("nothing"), "s") == []
    assert len(found.structs(found.variable("many"), "s")) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found a file of zero bytes"),
        (
            b"<!DOCTYPE html><html><head><title>404</title></head></html>" * 9,
            "found a file that begins with b'<!DOCTYP",
        ),
    ],
)
def test_what_is_no_matlab_file_is_named(tmp_path, content, message):
    path = tmp_path / "joint_positions.mat"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="expected a MATLAB file") as raised:
        matlab_files.read(path)
    assert message in str(raised.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"absent\.mat: expected a MATLAB file, but it cannot be read: No such file"):
        matlab_files.read(tmp_path / "absent.mat")


def read_or_message(path):
    """(message of the error, None), or ("", variables)."""
    try:
        return "", matlab_files.read(path).variables
    except ValueError as error:
        return str(error), None


def test_a_file_that_is_cut_off_is_one_clear_error_or_lacks_variables(tmp_path, version):
    path = tmp_path / "whole.mat"
    SAVE[version](path, VARIABLES)
    data = path.read_bytes()
    cut = tmp_path / "cut.mat"
    refused = 0
    for length in range(1, len(data), max(len(data) // 60, 1)):
        cut.write_bytes(data[:length])
        message, found = read_or_message(cut)
        assert message.startswith(str(cut)) if found is None else set(found) < set(VARIABLES)  # or cut between two
        refused += found is None
    assert refused > 40


def test_damage_is_one_kind_of_error(tmp_path, version):
    path = tmp_path / "whole.mat"
    SAVE[version](path, VARIABLES)
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    damaged = tmp_path / "damaged.mat"
    for _ in range(60):
        changed = bytearray(data)
        for place in rng.integers(130, len(data), 8):
            changed[place] = rng.integers(256)
        damaged.write_bytes(changed)
        message, found = read_or_message(damaged)
        assert found is not None or message.startswith(str(damaged))
