"""Folders of shards as a source of data."""

import json
import os
import shutil

import pytest

from keras_pose.data import shard_files
from keras_pose.data.importers import shards
from keras_pose.data.open_source import open_source
from tests.helpers import sharded


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return sharded.prepare(tmp_path_factory.mktemp("shards") / "s", **sharded.SIGNERS, frames_per_shard=5)[0]


def test_a_folder_or_its_file_is_recognised(folder):
    for spec in (folder, f"{folder}/shards.json"):
        source = open_source(spec)
        assert [clip.num_labelled for clip in source.clips] == [3, 3, 3, 3]
        assert source.skeleton.name == "upper_body"
        assert source.clips[3].frames.read([5]).shape == (1, 64, 64, 3)


def test_shards_keep_the_frame_rate_of_their_videos(tmp_path):
    source = sharded.write_video_project(tmp_path / "project")
    folder, _ = sharded.prepare(tmp_path / "shards", data=source, window=1)
    assert {clip.frame_rate for clip in sharded.open_with(data=source).clips} == {25.0}
    assert {clip.frame_rate for clip in sharded.open_with(data=folder).clips} == {25.0}


def test_shards_of_an_earlier_version_do_not_know_the_frame_rate(folder, tmp_path, monkeypatch):
    description = shard_files.read_description(folder)
    for clip in description["clips"]:
        del clip["frame_rate"]
    monkeypatch.setattr(shard_files, "read_description", lambda path: description)
    assert {clip.frame_rate for clip in shards.read(folder).clips} == {0.0}


def test_a_moved_folder_is_the_same(folder, tmp_path):
    moved = shutil.copytree(folder, tmp_path / "with [brackets] and spaces")
    sharded.assert_same_batches(open_source(folder), open_source(moved))


@pytest.mark.parametrize("name", ["frames-00001-of-00003.tfrecord", "frames-00001-of-00003.index.npz"])
def test_a_part_that_is_missing_is_named(folder, tmp_path, name):
    copy = shutil.copytree(folder, tmp_path / "copy")
    os.remove(copy / name)
    with pytest.raises(ValueError, match=f"{name}: missing"):
        open_source(copy)


def test_labels_that_the_preparation_left_out_are_told(folder, tmp_path):
    fewer = sharded.prepare(tmp_path / "fewer", **sharded.SIGNERS, every_label=2)[0]
    source = open_source(fewer)
    assert [clip.num_labelled for clip in source.clips] == [2, 2, 2, 2]
    [note] = [note for note in source.notes if "--every_label" in note]
    assert f"{fewer} was prepared with --every_label=2: of 2 labels of its source, it has 1" in note
    assert not [note for note in open_source(folder).notes if "--every_label" in note]


def test_a_description_that_lacks_something_is_refused(folder, tmp_path, monkeypatch):
    copy = shutil.copytree(folder, tmp_path / "copy")
    description = json.loads((copy / "shards.json").read_text(encoding="utf-8"))
    del description["clips"][0]["session"]
    monkeypatch.setattr(shards.shard_files, "read_description", lambda place: description)
    with pytest.raises(ValueError, match="expected shards that `keras-pose prepare` wrote, but KeyError"):
        open_source(copy)
