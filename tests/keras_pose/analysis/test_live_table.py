"""The growing table of live poses."""

import csv

import numpy as np
import pytest

from keras_pose.analysis.live_table import COLUMNS, LiveTable
from keras_pose.skeleton import Skeleton

SKELETON = Skeleton("two", ("head", "left hand, far"))


def test_lines_are_there_before_the_table_is_closed(tmp_path):
    path = tmp_path / "new" / "camera_0.live.csv"
    with LiveTable(path, SKELETON) as table:
        table.add(3, 0.12, "person", np.array([(1.25, 2), (np.nan, np.nan)]), np.array([0.5, np.nan]))
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert rows[1] == ["3", "0.1200", "person", "head", "1.250", "2.000", "0.500"]
    assert rows[2] == ["3", "0.1200", "person", "left hand, far", "", "", ""]


def test_a_table_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match=r"file/a.csv: cannot be written"):
        LiveTable(tmp_path / "file" / "a.csv", SKELETON)
