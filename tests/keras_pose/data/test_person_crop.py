"""Regions around people: the flag, squares in px of the frame's edges, and bad values."""

import math

import pytest

from keras_pose.data import person_crop
from keras_pose.data.config import DataConfig
from keras_pose.evaluation.config import EvaluateConfig


def test_words_and_factors():
    assert person_crop.parse("auto") == 1.0
    assert person_crop.parse("none") is None
    assert person_crop.parse("1.25") == 1.25


@pytest.mark.parametrize("text", ["", "some", "0", "-1", "nan", "inf", "0.05", "11", "1,2"])
def test_other_values_name_the_flag(text):
    message = f"--person_crop: expected auto, none or a factor from 0.1 to 10, received '{text}'"
    for read in (person_crop.parse, lambda value: DataConfig(person_crop=value)):
        with pytest.raises(ValueError, match=message):
            read(text)
    with pytest.raises(ValueError, match=message):
        EvaluateConfig(run_dir="x", person_crop=text)
    assert EvaluateConfig(run_dir="x").person_crop == "run"


def test_a_square_has_the_point_in_its_middle():
    assert person_crop.square((10, 20), 8) == (6.5, 16.5, 8, 8)  # the first pixel reaches from 0 to 1
    assert person_crop.enlarge((6.5, 16.5, 8, 8), 1.5) == (4.5, 14.5, 12, 12)


@pytest.mark.parametrize(("center", "side"), [((math.nan, 1), 5), ((1, 1), math.nan), ((-1, -1), -200), ((1, 1), 0)])
def test_an_unknown_place_has_no_square(center, side):
    assert person_crop.square(center, side) is None


def test_a_region_must_show_a_pixel_of_the_frame():
    assert person_crop.overlaps((-9, -9, 10, 10), (30, 40))
    assert not person_crop.overlaps((-9.5, -9, 10, 10), (30, 40))
    assert person_crop.overlaps((39, 29, 10, 10), (30, 40))
    assert not person_crop.overlaps((5, 30, 10, 10), (30, 40))
