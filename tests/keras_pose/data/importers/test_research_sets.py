"""Research sets are recognised by the files and folders of their authors, complete or not."""

import pytest

from keras_pose.data.importers import research_sets


@pytest.mark.parametrize("name", ["joint_positions", "Rename_Images", "ReCompress_Videos", "sub_splits"])
def test_jhmdb(tmp_path, name):
    assert not research_sets.is_jhmdb(str(tmp_path))
    (tmp_path / name).mkdir()
    assert research_sets.is_jhmdb(str(tmp_path))
    assert not research_sets.is_jhmdb(str(tmp_path / "absent"))
