"""The benchmark of shards, on a tiny source."""

import pytest

from benchmarks import shards
from tests.helpers import sharded


def test_rows_of_a_source(tmp_path):
    project = sharded.write_video_project(tmp_path / "project", ["one"])
    rows = {row.what: row for row in shards.measure(project, str(tmp_path / "shards"), shards.Sizes(2, 4))}
    for case in ("source", "png", "jpeg 95"):
        for reading in ("single frames", "windows of 5"):
            assert rows[f"project: read {reading}, {case}"].value > 0
    size = rows["project: size, png"].value
    assert size > rows["project: size, jpeg 95"].value > 0
    index = rows["project: index, png"].value
    assert rows["project: 6 million frames, png"].value == pytest.approx((size * 1e3 + index) * 6e6 / 1e12)
    written = rows["project: write, png"].value
    assert rows["project: writing 6 million frames, png"].value == pytest.approx(6e6 / written / 3600)
    assert 0 < rows["project: loss of jpeg 95, mean"].value < rows["project: loss of jpeg 95, 99th percentile"].value
