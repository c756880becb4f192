"""Files of JHMDB are found in the official layout; what is missing is named with its place."""

import pytest

from keras_pose.data.importers.jhmdb import layout
from tests.helpers import jhmdb_folders


def test_clips_are_named_by_action_and_clip(tmp_path):
    jhmdb_folders.write(tmp_path)
    (tmp_path / "joint_positions" / ".DS_Store").write_bytes(b"x")
    labels = layout.list_labels(str(tmp_path))
    assert sorted(labels) == sorted(jhmdb_folders.CLIPS)
    assert all(path.endswith("joint_positions.mat") for path in labels.values())


def test_missing_joints_are_named_with_their_place(tmp_path):
    (tmp_path / "joint_positions" / "catch").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"expected the joints of JHMDB in joint_positions/<action>/<clip>/joint_pos"):
        layout.list_labels(str(tmp_path))


@pytest.mark.parametrize("folder", layout.VIDEOS)
def test_videos_lie_in_one_of_two_folders(tmp_path, folder):
    clip = jhmdb_folders.CLIPS[2]
    jhmdb_folders.write_video(tmp_path, clip, 2, folder)
    assert layout.list_videos(str(tmp_path)) == {clip: str(tmp_path / folder / f"{clip}.avi")}


def test_pictures_lie_in_a_folder_for_each_clip(tmp_path):
    clip = jhmdb_folders.CLIPS[2]
    assert layout.find_pictures(str(tmp_path), clip) == ""
    jhmdb_folders.write_pictures(tmp_path, clip, 2)
    assert layout.find_pictures(str(tmp_path), clip) == str(tmp_path / "Rename_Images" / clip)
    assert "Rename_Images/<action>/<clip>" in layout.describe_frames()
