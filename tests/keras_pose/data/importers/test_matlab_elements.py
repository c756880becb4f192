"""Damaged MATLAB files are found before SciPy reads them: nothing ends the process or fills the memory."""

import os
import random
import struct

import numpy as np
import pytest
import scipy.io

from keras_pose.data.importers import matlab_elements, matlab_files

CONTENTS = {
    "pos": np.arange(30.0).reshape(2, 15),
    "cells": np.array(["ab", np.eye(3), "c"], object),
    "single": {"a": "bcd", "nested": {"p": np.ones((2, 2))}, "few": np.array([1, 2, 3], np.int16)},
    "complex": np.array([1 + 2j]),
}


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "a.mat")


def write(path, content, **options):
    scipy.io.savemat(path, content, **options)
    with open(path, "rb") as file:
        return bytearray(file.read())


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("compressed", [False, True])
def test_whole_files_are_fine(path, compressed):
    data = write(path, CONTENTS, do_compression=compressed)
    matlab_elements.check(bytes(data), 1)
    assert set(matlab_files.read(path).variables) == set(CONTENTS)


def test_files_of_version_4_are_fine_and_damaged_ones_found(path):
    data = write(path, {"pos": np.ones((2, 3)), "text": "abc"}, format="4")
    matlab_elements.check(bytes(data), 0)
    data[4:8] = struct.pack("<i", 1 << 30)
    with pytest.raises(ValueError, match="byte 0: expected .* bytes of a variable, found"):
        matlab_elements.check(bytes(data), 0)


def test_all_files_that_scipy_is_tested_with_and_reads_are_fine():
    folder = os.path.join(os.path.dirname(scipy.io.matlab.__file__), "tests", "data")
    if not os.path.isdir(folder):
        pytest.skip("this SciPy comes without its tests")
    checked = 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".mat"):
            continue
        place = os.path.join(folder, name)
        try:
            version = scipy.io.matlab.matfile_version(place)[0]
            scipy.io.loadmat(place)
        except Exception:  # such as damaged ones and those of version 7.3
            continue
        with open(place, "rb") as file:
            matlab_elements.check(file.read(), version)
        checked += 1
    assert checked > 50


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (132, 1 << 31, "byte 128: an element of type 14 and 2147483648 bytes, where"),
        (144, 40, "an array of class 40"),
        (160, 1 << 28, "expected 4026531840 values, as the dimensions say, found 30"),
        (176, 4000, "expected values|an element of type 4000"),
    ],
)
def test_a_wrong_number_is_named_with_its_place(path, place, value, message):
    data = write(path, {"pos": CONTENTS["pos"]})
    data[place : place + 4] = struct.pack("<I", value)
    with pytest.raises(ValueError, match=message):
        matlab_elements.check(bytes(data), 1)


def test_a_list_of_billions_of_elements_is_refused_before_it_is_made(path):
    data = write(path, {"cells": CONTENTS["cells"]})
    place = data.index(struct.pack("<2i", 1, 3))
    data[place : place + 8] = struct.pack("<2i", 1 << 15, 1 << 15)
    with open(path, "wb") as file:
        file.write(data)
    with pytest.raises(ValueError, match=r"a.mat \(MATLAB 5 to 7\): damaged.*expected 1073741824 elements, where"):
        matlab_files.read(path)


@pytest.mark.filterwarnings("ignore:Casting complex")
def test_flipped_bytes_are_one_kind_of_error(path):
    whole = write(path, CONTENTS)
    chance = random.Random(1)
    refused = []
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3))):
            data[chance.randrange(124, len(data))] = chance.randrange(256)
        with open(path, "wb") as file:
            file.write(data)
        try:
            matlab_files.read(path)
        except ValueError as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert all("a.mat" in message for message in refused)


def test_an_unnamed_variable_is_not_looked_into(path):
    data = write(path, {"first": CONTENTS["cells"], "second": CONTENTS["pos"]})
    place = data.index(struct.pack("<2i", 1, 3))
    data[place : place + 8] = struct.pack("<2i", 1 << 15, 1 << 15)
    matlab_elements.check(bytes(data), 1, ["second"])
    with pytest.raises(ValueError, match="elements, where"):
        matlab_elements.check(bytes(data), 1)
