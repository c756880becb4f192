"""Segments in a folder: what is whole is used again, and nothing of another origin."""

import os

import pytest

from keras_pose.media.h264_encoder import CodedFrame
from keras_pose.media.segment_store import SegmentStore

FIRST = [CodedFrame(b"abc", True), CodedFrame(b"", False), CodedFrame(b"\0\1", False)]
SECOND = [CodedFrame(b"xyz", True)]


def test_segments_read_back_and_are_counted_from_the_first(tmp_path):
    folder = tmp_path / "parts"
    with SegmentStore(folder, "one") as store:
        assert store.count_finished() == 0
        store.write(0, FIRST)
        store.write(2, SECOND)
        assert store.count_finished() == 1
        store.write(1, SECOND)
    with SegmentStore(folder, "one") as store:
        assert store.count_finished() == 3
        assert [list(store.read(i)) for i in range(3)] == [FIRST, SECOND, SECOND]


def test_segments_of_another_origin_are_removed_and_other_files_are_not(tmp_path):
    (tmp_path / "segment-notes.npz").write_text("mine")
    with SegmentStore(tmp_path, "one") as store:
        store.write(0, FIRST)
    with SegmentStore(tmp_path, "two") as store:
        assert store.count_finished() == 0
        store.write(0, SECOND)
        store.clear()
    assert os.listdir(tmp_path) == ["segment-notes.npz"]


def test_damaged_segments_are_not_finished(tmp_path):
    with SegmentStore(tmp_path, "one") as store:
        for i in range(3):
            store.write(i, FIRST)
    path = tmp_path / "segment-000001.npz"
    data = path.read_bytes()
    for damaged in (data[: len(data) // 2], b"", data.replace(b"abc", b"abd")):
        path.write_bytes(damaged)
        with SegmentStore(tmp_path, "one") as store:
            assert store.count_finished() == 1


def test_an_empty_folder_goes_with_its_segments(tmp_path):
    with SegmentStore(tmp_path / "parts", "one") as store:
        store.write(0, FIRST)
        store.clear()
    assert os.listdir(tmp_path) == []


def test_only_one_process_uses_a_folder(tmp_path):
    with SegmentStore(tmp_path, "one"), pytest.raises(ValueError, match="another process is writing a video there"):
        SegmentStore(tmp_path, "one").__enter__()
    with SegmentStore(tmp_path, "one"):
        pass
