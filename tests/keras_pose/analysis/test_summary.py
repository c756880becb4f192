"""The record of finished videos."""

import pytest

from keras_pose.analysis.summary import DONE, FAILED, Summary


def test_a_video_is_done_by_the_same_job_with_its_files_there(tmp_path):
    record = Summary(str(tmp_path))
    (tmp_path / "a.csv").write_text("x")
    record.put("a", {"path": "/v/a.mp4", "status": DONE, "job": "1", "drawing": {"crf": 22}, "files": ["a.csv"]})
    again = Summary(str(tmp_path))
    assert again.taken() == {"a": "/v/a.mp4"}
    assert again.is_done("a", "1", {"crf": 22}, ["a.csv"])
    assert again.is_done("a", "1", None, ["a.csv"])
    assert not again.is_done("a", "1", {"crf": 30}, ["a.csv"])
    assert not again.is_done("a", "2", None, ["a.csv"])
    assert not again.is_done("a", "1", None, ["a.csv", "a.h5"])
    assert not again.is_done("b", "1", None, [])
    assert again.has_written("a", "1", "a.csv")
    (tmp_path / "a.csv").unlink()
    assert not again.is_done("a", "1", None, ["a.csv"])
    assert not again.has_written("a", "1", "a.csv")
    again.put("a", {"path": "/v/a.mp4", "status": FAILED, "error": "damaged"})
    assert not again.is_done("a", "1", None, [])


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    with pytest.raises(ValueError, match="summary.json: expected a summary of predict.py"):
        Summary(str(tmp_path))
