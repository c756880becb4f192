"""The clips of a research set are divided as its authors did; without their parts, the flag is refused."""

import numpy as np
import pytest

from keras_pose.data import authors_split, selection
from keras_pose.data.clip import ArrayFrames, Clip
from keras_pose.data.config import DataConfig
from keras_pose.data.source import Source
from keras_pose.skeleton import Skeleton
from tests.helpers import research_folders


def clips_of(parts):
    frames = ArrayFrames(np.zeros((4, 8, 8, 3), np.uint8))
    ones = np.ones((4, 1, 2))
    return [Clip(f"clip{i}", frames, np.arange(4), ones, np.full((4, 1), 2), part=part) for i, part in enumerate(parts)]


def source_of(parts):
    return Source(clips_of(parts), Skeleton("s", ("nose",)), name="set")


def names(clips):
    return [clip.name for clip in clips]


def test_parts_are_those_of_the_authors():
    source = source_of(["train", "test", "validation", "train", "", "test"])
    split = selection.split_data(source, DataConfig(split="authors"))
    assert names(split.train) == ["clip0", "clip3", "clip4"]
    assert names(split.validation) == ["clip2"]
    assert names(split.test) == ["clip1", "clip5"]


def test_validation_is_cut_from_training_if_the_authors_named_none():
    source = source_of(["train"] * 6 + ["test"] * 2)
    split = selection.split_data(source, DataConfig(split="authors", validation_fraction=0.34))
    assert names(split.test) == ["clip6", "clip7"]
    assert len(split.validation) == 2
    assert {clip.part for clip in split.train + split.validation} == {"train"}


def test_random_splits_ignore_the_parts():
    split = selection.split_data(source_of(["test"] * 4), DataConfig(validation_fraction=0.5))
    assert len(split.train) == len(split.validation) == 2


def test_a_source_without_parts_is_refused():
    with pytest.raises(ValueError, match="--split=authors: --data=set does not say which clips"):
        selection.split_data(source_of(["", ""]), DataConfig(source="set", split="authors"))


def test_only_test_clips_are_nothing_to_train_on():
    with pytest.raises(ValueError, match="no clip is left to train on"):
        selection.split_data(source_of(["test"]), DataConfig(split="authors"))


@pytest.mark.parametrize(
    ("value", "expected"), [("random", None), ("authors", ""), ("authors:sub1", "sub1"), ("authors:a:b", "a:b")]
)
def test_values_of_the_flag(value, expected):
    assert authors_split.parse(value) == expected


@pytest.mark.parametrize("value", ["", "author", "authors:", "random:1"])
def test_other_values_are_refused(value):
    with pytest.raises(ValueError, match="--split: expected random, authors or authors:<name>, received"):
        DataConfig(split=value)


def test_one_way_to_name_the_test_set():
    with pytest.raises(ValueError, match="--split=authors names the test set"):
        DataConfig(split="authors", test_fraction=0.1)


def test_choose_name():
    assert authors_split.choose_name(None, ["1", "2"], "set") == "1"
    assert authors_split.choose_name("", [], "set") == ""
    assert authors_split.choose_name("2", ["1", "2"], "set") == "2"
    with pytest.raises(ValueError, match="set: --split=authors:3: expected one of its splits 1, 2"):
        authors_split.choose_name("3", ["1", "2"], "set")
    with pytest.raises(ValueError, match="expected no name, since it has only one split"):
        authors_split.choose_name("3", [], "set")


def test_another_set_is_tested_on_its_test_clips():
    assert names(authors_split.keep_tests(clips_of(["train", "test", "validation"]))) == ["clip1"]
    assert names(authors_split.keep_tests(clips_of(["", ""]))) == ["clip0", "clip1"]


def test_train_on_one_set_and_test_on_another(tmp_path):
    research_folders.write_penn_action(tmp_path / "a", (1, 1, 1, -1))
    research_folders.write_penn_action(tmp_path / "b", (1, -1, -1))
    config = DataConfig(source=str(tmp_path / "a"), test_source=str(tmp_path / "b"), split="authors")
    split = selection.split_data(selection.open_data(config.source, config), config)
    assert sorted(names(split.train + split.validation)) == ["0001", "0002", "0003"]
    assert names(split.test) == ["0002", "0003"]


def test_describe():
    assert authors_split.describe(clips_of(["test", "train", "test", ""])) == "train 1, test 2"
    assert authors_split.describe(clips_of([""])) == ""


def test_clips_know_only_these_parts():
    with pytest.raises(ValueError, match="clip clip0: expected a part of train, validation, test or none"):
        clips_of(["val"])
