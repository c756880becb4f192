"""FLIC is recognised in each of its forms, and parts that are missing are named."""

import pytest

from keras_pose.data.importers.flic import layout
from tests.helpers import picture_sets


def test_the_download_is_recognised_by_its_file(tmp_path):
    folder = picture_sets.write_flic(tmp_path / "FLIC", [picture_sets.flic_example()], pictures=False)
    for spec in (folder, folder / "examples.mat"):
        found = layout.find_files(str(spec))
        assert (found.kind, found.root, found.paths) == ("matlab", str(folder), {"": [str(folder / "examples.mat")]})
    other = (folder / "examples.mat").rename(folder / "data_FLIC.mat")
    assert layout.find_files(str(other)).kind == "matlab"
    assert not layout.is_flic(str(folder))


def test_files_of_pose_hg_train_are_recognised(tmp_path):
    path = picture_sets.write_hourglass(tmp_path / "annot" / "train.h5", [picture_sets.FLIC_JOINTS], ["a.jpg"])
    for spec in (tmp_path, tmp_path / "annot", path):
        found = layout.find_files(str(spec))
        assert (found.kind, found.root, found.paths) == ("hourglass", str(tmp_path), {"train": [str(path)]})


def write_records(folder, names):
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


def test_folders_of_tensorflow_datasets_are_recognised_from_each_level(tmp_path):
    names = ["flic-train.tfrecord-00000-of-00002", "flic-train.tfrecord-00001-of-00002", "dataset_info.json"]
    folder = write_records(tmp_path / "flic" / "small" / "2.0.0", names)
    for spec in (tmp_path, tmp_path / "flic", tmp_path / "flic" / "small", folder):
        found = layout.find_files(str(spec))
        assert (found.kind, found.root) == ("records", str(folder))
        assert found.paths == {"train": [str(folder / name) for name in names[:2]]}
    write_records(tmp_path / "flic" / "full" / "2.0.0", ["flic-test.tfrecord-00000-of-00001"])
    with pytest.raises(ValueError, match="expected one set of FLIC, found .*full.* and .*small.*; name one"):
        layout.find_files(str(tmp_path))


def test_a_missing_file_of_a_part_is_named(tmp_path):
    folder = write_records(tmp_path / "2.0.0", ["flic-train.tfrecord-00000-of-00002"])
    with pytest.raises(ValueError, match="expected 2 files .* found 1; flic-train.tfrecord-00001-of-00002 is missing"):
        layout.find_files(str(folder))


def test_other_folders_and_files_are_not_flic(tmp_path):
    (tmp_path / "flic.txt").write_text("")
    for spec in (tmp_path, tmp_path / "flic.txt", tmp_path / "gone"):
        assert not layout.is_flic(str(spec))
