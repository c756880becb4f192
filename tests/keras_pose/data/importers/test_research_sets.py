"""Research sets are recognised by the files and folders of their authors, complete or not."""

import shutil

import pytest

from keras_pose.data.importers import research_sets
from tests.helpers import jhmdb_folders, research_folders


@pytest.mark.parametrize("name", ["joint_positions", "Rename_Images", "ReCompress_Videos", "sub_splits"])
def test_jhmdb(tmp_path, name):
    assert not research_sets.is_jhmdb(str(tmp_path))
    (tmp_path / name).mkdir()
    assert research_sets.is_jhmdb(str(tmp_path))
    assert not research_sets.is_jhmdb(str(tmp_path / "absent"))


def test_only_the_right_set_is_recognised(tmp_path):
    checks = {
        "jhmdb": research_sets.is_jhmdb,
        "penn_action": research_sets.is_penn_action,
        "bbc_pose": research_sets.is_bbc_pose,
        "poses_in_the_wild": research_sets.is_poses_in_the_wild,
        "chalearn": research_sets.is_chalearn,
    }
    (tmp_path / "jhmdb").mkdir()
    jhmdb_folders.write(tmp_path / "jhmdb", 1)
    research_folders.write_penn_action(tmp_path / "penn_action", (1,), 2)
    research_folders.write_bbc_pose(tmp_path / "bbc_pose", (1,))
    research_folders.write_poses_in_the_wild(tmp_path / "poses_in_the_wild")
    research_folders.write_chalearn(tmp_path / "chalearn", [("training1", 3)], 2)
    for name in checks:
        assert [other for other, check in checks.items() if check(str(tmp_path / name))] == [name]


def test_labels_of_yolo_are_not_those_of_penn_action(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "0001.txt").write_text("0 0.5 0.5 1 1")
    assert not research_sets.is_penn_action(str(tmp_path))


def test_frames_of_penn_action_alone_are_recognised(tmp_path):
    research_folders.write_penn_action(tmp_path, (1,), 2)
    shutil.rmtree(tmp_path / "labels")
    assert research_sets.is_penn_action(str(tmp_path))
