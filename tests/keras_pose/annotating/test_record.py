"""The record of a folder of annotations."""

import json

import pytest

from keras_pose.annotating import record
from tests.helpers.suggested_frames import SKELETON

TEACHER = {"name": "net", "version": "", "digest": "d", "calibration": None}


def test_entries_are_sorted_and_read_again(tmp_path):
    known = record.Record(str(tmp_path), TEACHER, {"every": 1}, SKELETON)
    known.put("b", {"path": "/b.mp4", "digest": "2", "status": record.LEFT_OUT})
    known.put("a", {"path": "/a.mp4", "digest": "1", "status": record.LABELLED, "file": "a.npz"})
    again = record.Record(str(tmp_path), TEACHER, {"every": 1}, SKELETON)
    assert [video["name"] for video in again.videos] == ["a", "b"]
    assert again.taken() == {"a": "/a.mp4", "b": "/b.mp4"}
    assert again.is_done("b", "2")
    assert not again.is_done("b", "3")
    assert not again.is_done("a", "1")  # its file is not there
    (tmp_path / "a.npz").touch()
    assert again.is_done("a", "1")
    assert [video["name"] for video in again.with_status(record.LEFT_OUT)] == ["b"]


@pytest.mark.parametrize(
    ("teacher", "settings", "message"),
    [
        ({**TEACHER, "digest": "e"}, {"every": 1}, "another --teacher: net  d None, now net  e None"),
        (TEACHER, {"every": 2}, "another --every: 1, now 2"),
    ],
)
def test_annotations_of_another_kind_are_not_mixed(tmp_path, teacher, settings, message):
    record.Record(str(tmp_path), TEACHER, {"every": 1}, SKELETON).put("a", {"path": "/a", "status": record.FAILED})
    with pytest.raises(ValueError, match=message):
        record.Record(str(tmp_path), teacher, settings, SKELETON)


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "annotations_source.json").write_text(json.dumps({"videos": 3}))
    with pytest.raises(ValueError, match=r"annotations_source\.json: expected what keras-pose annotate wrote"):
        record.Record(str(tmp_path), TEACHER, {}, SKELETON)
