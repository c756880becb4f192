"""Folders of shards as a source of data."""

import json
import os
import shutil

import pytest

from keras_pose.data import shard_files
from keras_pose.data.importers import shards
from keras_pose.data.open_source import open_source
from keras_pose.runs import data_digest
from tests.helpers import people_pictures, sharded


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


@pytest.mark.parametrize("flags", [{}, {"person_crop": "1.3"}])
def test_shards_keep_regions_around_people(tmp_path, flags):
    joints = {"joints": "left_wrist,right_wrist"}
    data = str(people_pictures.write(tmp_path / "flic"))
    folder, _ = sharded.prepare(tmp_path / "shards", data=data, **joints, **flags)
    original = sharded.open_with(data=data, **joints, **flags)
    found = sharded.open_with(data=folder, **joints)
    assert [clip.region for clip in found.clips] == [clip.region for clip in original.clips]
    assert None not in [clip.region for clip in found.clips]
    sharded.assert_same_batches(original, found)
    assert data_digest.describe({"train": original.clips}) == data_digest.describe({"train": found.clips})
    prepared = flags.get("person_crop", "auto")
    assert len(sharded.open_with(data=folder, person_crop=prepared).clips) == 5
    with pytest.raises(
        ValueError, match=f"--person_crop=none: these shards were prepared with --person_crop={prepared}"
    ):
        sharded.open_with(data=folder, person_crop="none")


def test_shards_of_whole_pictures_have_no_regions(folder, tmp_path):
    data = str(people_pictures.write(tmp_path / "flic"))
    whole, _ = sharded.prepare(tmp_path / "whole", data=data, person_crop="none")
    assert {clip.region for clip in open_source(whole).clips} == {None}
    assert len(open_source(whole, person_crop="none").clips) == 2
    with pytest.raises(ValueError, match="--person_crop=1.2: these shards were prepared with --person_crop=none"):
        open_source(whole, person_crop="1.2")
    assert len(open_source(folder, person_crop="1.2").clips) == 4  # other data does not tell where people are
