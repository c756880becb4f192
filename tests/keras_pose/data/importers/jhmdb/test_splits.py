"""Splits of JHMDB: the official files, a table, and lists of clips."""

import pytest

from keras_pose.data.importers.jhmdb import splits
from tests.helpers import jhmdb_folders

FIRST, SECOND, THIRD = jhmdb_folders.CLIPS


def test_official_files(tmp_path):
    found = splits.read_splits(str(jhmdb_folders.write(tmp_path)))
    assert list(found) == ["1", "sub1"]
    assert found["1"] == {FIRST: "train", SECOND: "test", THIRD: "train"}
    assert found["sub1"] == {SECOND: "train", THIRD: "test"}


def test_lists_and_table(tmp_path):
    (tmp_path / "train_upper.txt").write_text(f"{FIRST}\n")
    (tmp_path / "test_upper.txt").write_text(f"{THIRD}\n")
    (tmp_path / "clips.csv").write_text(f"clip,frames,split1\n{FIRST},4,test\n{SECOND},4,train\n{THIRD},4,\n")
    found = splits.read_splits(str(tmp_path))
    assert found == {"1": {FIRST: "test", SECOND: "train"}, "upper": {FIRST: "train", THIRD: "test"}}


def test_official_files_go_before_the_table(tmp_path):
    jhmdb_folders.write(tmp_path)
    (tmp_path / "clips.csv").write_text(f"clip,split1,split2\n{FIRST},test,test\n")
    found = splits.read_splits(str(tmp_path))
    assert found["1"][FIRST] == "train"
    assert found["2"] == {FIRST: "test"}


def test_clips_that_are_not_clean_may_be_left_out_of_the_training(tmp_path):
    (tmp_path / "clips.csv").write_text(f"clip,split1,clean\n{FIRST},train,0\n{SECOND},train,1\n{THIRD},test,0\n")
    found = splits.read_splits(str(tmp_path))
    assert found["1"] == {FIRST: "train", SECOND: "train", THIRD: "test"}
    assert found["1-clean"] == {SECOND: "train", THIRD: "test"}


def test_a_table_without_clips_is_refused(tmp_path):
    (tmp_path / "clips.csv").write_text("name,split1\na,train\n")
    with pytest.raises(ValueError, match="clips.csv: expected a column clip, found name, split1"):
        splits.read_splits(str(tmp_path))


@pytest.mark.parametrize("line", ["clip.avi 3", "clip.avi", "<html>"])
def test_other_lines_are_named_with_their_place(tmp_path, line):
    jhmdb_folders.write_split(tmp_path, "splits", "catch_test_split1.txt", ["a.avi 1", "", line])
    with pytest.raises(ValueError, match=r"catch_test_split1.txt:3: expected `<clip>.avi <0, 1 or 2>`, found"):
        splits.read_splits(str(tmp_path))


def test_missing_files_of_a_split(tmp_path):
    jhmdb_folders.write(tmp_path)
    actions = ["catch", "run", "wave"]
    assert splits.find_missing(str(tmp_path), "1", actions) == ["splits/run_test_split1.txt"]
    assert splits.find_missing(str(tmp_path), "sub1", actions) == ["sub_splits/run_test_split_1.txt"]
    assert splits.find_missing(str(tmp_path), "upper", actions) == []
